// Cases, alerts and waters as the server answers them.
export type Words = { zh: string; en: string };
export type Party = { id: string; name: string };
export type Light = 'none' | 'green' | 'yellow' | 'red' | 'paused' | 'done';
export type CaseRow = {
  id: string; number: string; workflow: string; title: string; state: string; stateTitle: Words; kind: 'open' | 'done' | 'void'; code: string | null; codeTitle: Words | null;
  street: string | null; streetName: string | null; organisation: Party | null; role: string | null; roleTitle: Words | null; person: string | null; location: [number, number] | null;
  address: string | null; createdAt: string; since: string; dueAt: string | null; provisional: boolean; light: Light; overdue: boolean; urged: number; supervised: boolean;
  suspended: boolean; simulated: boolean; source: string; priority: string; files: number; thumbnail: string | null; satisfaction: number | null; seq: number;
};
export type CaseList = { cases: CaseRow[]; total: number; counts: { state: Record<string, number>; light: Record<string, number> }; seq: number; at: string };
export type FormField = { name: string; title: Words; kind: string; required: boolean; choices: { value: string; title: Words }[]; hint: Words | null };
export type VerbInfo = { name: string; title: Words; primary: boolean; danger: boolean; consequence: Words | null; form: FormField[] };
export type Step = {
  seq: number; at: string; by: string; byTitle: string; verb: string; title: Words; note: string | null; fromTitle: Words | null; toTitle: Words | null; files: string[]; system: boolean;
};
export type CaseFile = { sha256: string; name: string; mediaType: string; bytes: number; by: string; verb: string; at: string | null };
export type Approval = { role: string; roleTitle: Words; organisation: Party | null; decision: 'agree' | 'reject' | null; by: string | null; at: string | null; note: string | null };
export type CaseInfo = CaseRow & {
  description: string | null; reporter: { anonymous: boolean; name: string | null; phone: string | null } | null;
  due: { words: Words; at: string; provisional: boolean; paused: boolean; passed: boolean } | null;
  approvals: Approval[]; approvalMode: 'all' | 'any' | null; ask: { verb: string; by: string; amount: number | null; until: string | null; reason: string; stage: Words } | null;
  circulated: { to: string; toTitle: string; at: string; readAt: string | null }[]; suspension: { until: string; reason: string } | null;
  parent: { id: string; number: string; title: string } | null; children: CaseRow[]; mergedInto: { id: string; number: string; title: string } | null; duplicates: CaseRow[];
  about: { id: string; type: string; name: string } | null; fileList: CaseFile[]; verbs: VerbInfo[]; timeline: Step[]; rating: { stars: number; note: string | null } | null;
};
export type Workflow = { id: string; title: Words; public: boolean; states: { name: string; title: Words; kind: string }[]; codes: { code: string; title: Words; group: Words | null; handling: Words | null }[] };
export type Kept = { sha256: string; mediaType: string; name: string };
export type Alert = {
  id: string; title: string; severity: { id: string; title: Words; colour: string; rank: number }; state: 'raised' | 'acknowledged' | 'shelved' | 'cleared'; stateTitle: Words;
  about: { id: string; type: string; name: string } | null; rule: { id: string; title: Words } | null; count: number; firstAt: string; lastAt: string; acknowledgedBy: string | null;
  shelvedUntil: string | null; case: { id: string; number: string } | null; simulated: boolean; inputs: { name: string; title: Words; value: unknown; unit: string | null; observedAt: string | null }[];
  steps: { seq: number; at: string; by: string; title: Words; note: string | null }[]; verbs: VerbInfo[]; capUrl: string; seq: number;
};
export type AlertList = { alerts: Alert[]; total: number; counts: { state: Record<string, number>; severity: Record<string, number> } };
export type Parameter = { name: string; title: Words; value: number; unit: string | null; class: string | null; limit: number | null; observedAt: string | null; source: string; simulated: boolean };
export type Section = {
  id: string; name: string; creek: { id: string; name: string }; targetClass: string | null; class: string | null; verdict: Words | null; deciding: Parameter[]; meets: boolean | null; tidal: boolean;
  parameters: Parameter[]; missing: Words[]; observedAt: string | null; simulated: boolean; openCases: number; openAlerts: number;
};
export type Water = { sections: Section[]; rivers: { id: string; name: string; sections: number; judged: number; verdict: Words | null; method: Words | null }[]; standard: Words };
export type Figures = {
  filed: number; closed: number; open: number; overdue: number; closureRate: number | null; onTimeRate: number | null; definition: Words;
  rows: { key: string; title: Words; filed: number; closed: number; open: number; overdue: number; closureRate: number | null; onTimeRate: number | null }[];
};
export type Followed = { number: string; title: string; stateTitle: Words; kind: string; createdAt: string; dueAt: string | null; provisional: boolean; steps: { at: string; title: Words; note: string | null }[]; canRate: boolean; rating: { stars: number } | null; files: string[]; simulated: boolean };
export type CaseMap = { clusters: { location: [number, number]; count: number; overdue: number; bbox: [number, number, number, number] }[]; cases: CaseRow[]; total: number; unplaced: number };
