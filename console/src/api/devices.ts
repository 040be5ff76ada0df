// What the server answers about devices, feeds, the quarantine and the ingest.
import type { About, Words } from './alerts';

export type DeviceState = 'online' | 'late' | 'silent' | 'never' | 'revoked';
export type Device = {
  id: string; urn: string; name: string; feed: string; asset: About | null; location: [number, number] | null; address: string | null; state: DeviceState;
  lastSeen: string | null; battery: number | null; firmware: string | null; simulated: boolean; clockSkewSeconds: number | null; accepted: number; refused: number;
  late: number; duplicates: number; coverageRadius: number | null; controlledProperty: string[]; topic?: string | null;
  credential: { username: string; createdAt: string | null; revokedAt: string | null } | null;
};
export type DeviceList = { devices: Device[]; total: number; counts: { state: Record<string, number>; feed: Record<string, number> }; seq: number };
export type Latest = { name: string; title: Words; unit: string | null; value: unknown; observedAt: string | null; simulated?: boolean };
export type DevicePage = Device & { attributes: Latest[]; quarantined: number };
export type Credential = { username: string; password: string };
export type Registered = { device: Device; credential: Credential };
export type Series = { attribute: string; title: Words; unit: string | null; points: [number, number][]; from: string; to: string; thinned: boolean; simulated: boolean };
export type Feed = { id: string; pack: string; title: Words; protocol?: string; topic: string; format: string; type: string; fields: { attribute: string; title?: Words; from: string; unit: string | null }[]; freshMinutes: number; example: string };
export type Message = {
  id: string; at: string; device: string | null; feed: string | null; topic: string; reason: { code: string; zh?: string; en?: string; words?: string };
  payload: string; encoding: string; bytes: number; count: number; state: 'held' | 'replayed' | 'discarded'; decidedBy: string | null; decidedAt: string | null; note?: string | null;
};
export type MessageList = { messages: Message[]; total: number; counts: { reason: Record<string, number>; state: Record<string, number> } };
export type Ingest = {
  broker: { address: string; connections: number; received?: number; accepted?: number; refused?: number; perSecond?: number } | null; failure?: string | null;
  outside: { url: string; connectedSince: string | null; lastError: string | null; received: number }[]; http?: { received: number };
  received?: number; accepted?: number; refused?: number;
};
