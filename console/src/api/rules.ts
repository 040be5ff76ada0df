// What the server answers about rules and their trials.
import type { About, CaseLink, Input, Words } from './alerts';

export type Rule = {
  id: string; pack: string; title: Words; sentence: Words; when: string; type: string; enabled: boolean; evaluations: number; firings: number; clears: number;
  errors: number; lastFired: string | null; lastError: string | null; effects: string[];
};
export type Firing = { at: string; seq?: number | null; about: { id: string; type?: string; name: string } | About; kind: string; inputs: Input[]; alert?: string | null; case?: CaseLink | null; simulated?: boolean };
export type RulePage = Rule & { source: string; recent: Firing[] };
export type RuleList = { rules: Rule[]; total: number };
export type DryRun = { count: number; clears: number; evaluations: number; observations: number; from: string; to: string; ms: number; firings: Firing[]; truncated: boolean };
