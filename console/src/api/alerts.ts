// What the server answers about alerts and those on call.
export type Words = { zh: string; en: string };
export type About = { id: string; type: string; name: string };
export type Input = { name: string; title: Words; value: unknown; unit: string | null; observedAt: string | null };
export type Severity = { id: string; title: Words; colour: string; rank: number };
export type AlertState = 'raised' | 'acknowledged' | 'shelved' | 'cleared';
export type Field = { name: string; title: Words; kind: string; required: boolean; choices?: { value: string; title: Words }[]; hint?: Words | null };
export type Verb = { name: string; title: Words; primary: boolean; danger: boolean; consequence: Words | null; form: Field[] };
export type AlertStep = { seq: number | null; at: string; by: string; verb: string; title: Words; note: string | null };
export type CaseLink = { id: string; number: string };
export type Alert = {
  id: string; title: string; description?: string | null; severity: Severity; scheme: string; category: string; state: AlertState; stateTitle: Words;
  about: About | null; location: [number, number] | null; rule: { id: string; title: Words } | null; count: number; firstAt: string; lastAt: string;
  acknowledgedBy: string | null; acknowledgedAt: string | null; shelvedUntil: string | null; shelvedReason: string | null; clearedAt?: string | null;
  escalation: number; case: CaseLink | null; group: string | null; simulated: boolean; inputs: Input[]; steps: AlertStep[]; verbs: Verb[]; capUrl: string; seq: number;
};
export type AlertList = { alerts: Alert[]; total: number; counts: { state: Record<string, number>; severity: Record<string, number> }; seq: number };
export type Scheme = { id: string; title: Words; source: string | null; validFrom?: string | null; levels: Severity[] };
export type Shift = { id: string; role: string; roleTitle: Words; organisation: { id: string; name: string } | null; person: string | null; from: string; to: string; now?: boolean };
export type OnCall = { shifts: Shift[]; now?: (Shift | string)[]; gaps: { role: string; from: string; to: string }[] };

// By which ways notices leave the house, who is reached by them, and what became of each.
export type Way = 'mail' | 'webhook' | 'wecom-robot' | 'wecom';
export type Gravity = 'info' | 'warning' | 'urgent';
export type Channel = { channel: Way; title: Words; missing: string | null; waiting: number; sent: number; failed: number; lastSentAt: string | null; lastErrorAt: string | null; lastError: string | null };
export type Masked = { channel: Way; to: string };
export type Contact = {
  id: string; shift: boolean; role: string; roleTitle: Words; organisation: { id: string; name: string } | null; person: string | null; from: Gravity; simulated: boolean;
  addresses: Masked[]; wrong: string[]; beginsAt: string | null; endsAt: string | null;
};
export type ContactInput = { role: string; organisation?: string; person?: string; from: Gravity; simulated: boolean; addresses: string[] };
export type Channels = { channels: Channel[]; contacts: Contact[] };
export type DeliveryState = 'sent' | 'waiting' | 'failed';
export type Delivery = { notice: string; subject: string | null; link: string | null; channel: Way; to: string; state: DeliveryState; tries: number; at: string; error: string | null; simulated: boolean };
export type DeliveryList = { deliveries: Delivery[]; total: number };
