// What the server answers about the working calendar.
export type CalendarYear = { year: number; holidays: string[]; workdays: string[]; source: string; entered: boolean };
export type Calendar = { hours: [string, string][]; years: CalendarYear[]; provisionalFrom: string; recomputed?: number | null };
export const termKinds = ['urgent-hours', 'working-hours', 'working-days', 'natural-days'] as const;
