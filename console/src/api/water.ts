// What the server answers about water and coverage.
import type { About, Words } from './alerts';

export const classes = ['I', 'II', 'III', 'IV', 'V', '劣V'] as const;
export const parameters = ['pH', 'dissolvedOxygen', 'permanganateIndex', 'chemicalOxygenDemand', 'biochemicalOxygenDemand', 'ammoniaNitrogen', 'totalPhosphorus', 'totalNitrogen', 'temperature'] as const;
export type Parameter = { name?: string; parameter?: string; title: Words; value: number; unit: string | null; class?: string | null; limit?: number | null; observedAt?: string | null; source?: string; simulated?: boolean };
export type WaterSection = {
  id: string; name: string; creek: About | { id: string; name: string }; targetClass: string | null; class: string | null; classTitle?: Words | null; verdict?: Words | null;
  deciding: Parameter[]; meets: boolean | null; tidal: boolean; tide: string | null; parameters: Parameter[]; missing: (Words | string)[]; observedAt: string | null; source?: string;
  simulated: boolean; location: [number, number] | null; chief: { id: string; name: string } | null; openCases: number; openAlerts: number;
};
export type River = { id: string; name: string; sections: number; judged?: number; verdict: Words | null; method: Words | null; shares: Record<string, number>; worst?: string | null };
export type Water = { sections: WaterSection[]; rivers: River[]; standard: Words | string; seq: number; at: string };
export type Correction = { entity: string; code: string; zh: string; en: string; was: unknown; became: unknown };
export type ImportResult = { readings: Record<string, unknown>[]; corrections: Correction[]; refused: { entity: string; reason: string | Words }[] };
export type Zone = { id: string; name: string; property?: string | null; areaKm2: number; coveredKm2: number; share: number; targetShare?: number | null; devices: number; online: number; simulated?: number };
export type Coverage = { zones: Zone[]; district?: Zone | null; unplaced?: number; definition: Words; seq: number };
