// Proves in the browser, with nothing but WebCrypto, that a record lies in the signed log:
//   content -> commitment -> log entry -> leaf -> (RFC 9162 §2.1.3.2) -> root -> checkpoint -> Ed25519 signature (C2SP signed-note).
// Formats: docs/formats/ledger.md and docs/formats/record.md. The server is asked for bytes and hashes; every comparison happens here.
import { request } from '~/api/client';

export type Inclusion = { seq: number; index: number; size: number; leaf: string; proof: string[]; root: string; checkpoint: string };
export type Bundle = { format: string; key: string; checkpoint: string; records: { seq: number; bytes: string; proof: string[] }[] };
export type Outcome = 'yes' | 'no' | 'cannot';
export type Check = { key: 'commitment' | 'leaf' | 'path' | 'checkpoint' | 'signature'; outcome: Outcome; expected?: string; got?: string };
export type Step = { hash: string; side: 'left' | 'right'; result: string };
export type Header = { seq: number; at: string; tenant: string; actor: string; command: string };
export type Proof = { inclusion: Inclusion; key: string | null; header: Header | null; entry: string | null; steps: Step[]; checks: Check[]; verified: boolean };

const hex = (b: Uint8Array) => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
const unhex = (s: string) => Uint8Array.from(s.match(/../g) ?? [], (x) => Number.parseInt(x, 16));
const unbase64 = (s: string) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));
const join = (...parts: Uint8Array[]) => {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
};
const sha256 = async (...parts: Uint8Array[]) => new Uint8Array(await crypto.subtle.digest('SHA-256', join(...parts)));
const byte = (n: number) => Uint8Array.of(n);

/** RFC 9162 §2.1.3.2: recomputes the root from a leaf and its path; null when the path does not fit index and size. */
export async function climb(leaf: Uint8Array, index: number, size: number, path: string[]): Promise<{ root: string; steps: Step[] } | null> {
  if (index >= size) return null;
  let [fn, sn, r] = [index, size - 1, leaf];
  const steps: Step[] = [];
  for (const text of path) {
    if (sn === 0) return null;
    const p = unhex(text);
    if (fn % 2 === 1 || fn === sn) {
      r = await sha256(byte(1), p, r);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
      steps.push({ hash: text, side: 'left', result: hex(r) });
    } else {
      r = await sha256(byte(1), r, p);
      steps.push({ hash: text, side: 'right', result: hex(r) });
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 ? { root: hex(r), steps } : null;
}

class Reader {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}
  take(n: number) {
    if (this.at + n > this.bytes.length) throw new Error('record ends too early');
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }
  varint() {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const b = this.take(1)[0] as number;
      value |= BigInt(b & 0x7f) << shift;
      if (b < 0x80) return value;
      shift += 7n;
      if (shift > 63n) throw new Error('number too long');
    }
  }
  blob() {
    return this.take(Number(this.varint()));
  }
  text() {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.blob());
  }
  signed() {
    const n = this.varint();
    return (n >> 1n) ^ -(n & 1n);
  }
}

/** A stored record: its header, its log entry, and whether every section still matches what the entry committed to. */
export async function open(bytes: Uint8Array): Promise<{ header: Header; entry: Uint8Array; content: Outcome }> {
  const r = new Reader(bytes);
  const format = r.take(1);
  if (format[0] !== 1) throw new Error(`record format ${format[0]}`);
  const start = r.at;
  const head = r.blob();
  const headBytes = bytes.subarray(start, r.at);
  const count = r.take(1);
  const parts: Uint8Array[] = [format, headBytes, count];
  let content: Outcome = 'yes';
  for (let i = 0; i < (count[0] as number); i++) {
    const kind = r.take(1)[0] as number;
    const subject = r.take(16);
    const commitment = r.take(32);
    const body = r.blob();
    // An erased body leaves its commitment: the record stays provable, its content does not.
    if (kind === 2) content = content === 'no' ? 'no' : 'cannot';
    else if (hex(await sha256(byte(2), body)) !== hex(commitment)) content = 'no';
    parts.push(subject, commitment);
  }
  const h = new Reader(head);
  const header: Header = { seq: Number(h.varint()), at: new Date(Number(h.signed())).toISOString(), tenant: h.text(), actor: h.text(), command: h.text() };
  return { header, entry: join(...parts), content };
}

export function readCheckpoint(note: string): { origin: string; size: number; root: string; text: string; signatures: { name: string; bytes: Uint8Array }[] } {
  const end = note.indexOf('\n\n');
  const text = note.slice(0, end + 1);
  const [origin = '', size = '', root = ''] = text.split('\n');
  const signatures = note.slice(end + 2).split('\n').filter((l) => l.startsWith('— ')).map((l) => {
    const [, name = '', sig = ''] = l.split(' ');
    return { name, bytes: unbase64(sig) };
  });
  return { origin, size: Number(size), root: hex(unbase64(root)), text, signatures };
}

/** Whether one of the note's signatures is by this key (`name+id+base64`). */
export async function signedBy(note: string, key: string): Promise<Outcome> {
  const [name = '', id = '', ...rest] = key.trim().split('+');
  const raw = unbase64(rest.join('+'));
  if (raw[0] !== 1 || raw.length !== 33) return 'cannot';
  const computed = hex(await sha256(new TextEncoder().encode(name), byte(0x0a), raw)).slice(0, 8);
  if (computed !== id) return 'no';
  const { text, signatures } = readCheckpoint(note);
  const found = signatures.find((s) => s.name === name && hex(s.bytes.subarray(0, 4)) === id);
  if (!found) return 'no';
  try {
    const publicKey = await crypto.subtle.importKey('raw', raw.slice(1), { name: 'Ed25519' }, false, ['verify']);
    return (await crypto.subtle.verify({ name: 'Ed25519' }, publicKey, found.bytes.slice(4), new TextEncoder().encode(text))) ? 'yes' : 'no';
  } catch {
    return 'cannot';
  }
}

export const canVerify = () => typeof crypto !== 'undefined' && crypto.subtle !== undefined;

export async function prove(seq: number): Promise<Proof> {
  const inclusion = await request<Inclusion>(`/api/log/inclusion/${seq}`, { asOf: false });
  const [key, bundle] = await Promise.all([
    request<string>('/log/key', { asOf: false }).catch(() => null),
    request<Bundle>('/api/bundle', { params: { after: seq - 1, limit: 1 }, asOf: false }).catch(() => null),
  ]);
  return judge(seq, inclusion, key, bundle?.records.find((r) => r.seq === seq)?.bytes ?? null);
}

export async function judge(seq: number, inclusion: Inclusion, key: string | null, bytes: string | null): Promise<Proof> {
  if (!canVerify()) {
    return { inclusion, key, header: null, entry: null, steps: [], checks: (['commitment', 'leaf', 'path', 'checkpoint', 'signature'] as const).map((k) => ({ key: k, outcome: 'cannot' })), verified: false };
  }
  const checks: Check[] = [];
  let [header, entry]: [Header | null, string | null] = [null, null];
  let leaf = inclusion.leaf;
  if (bytes) {
    const opened = await open(unbase64(bytes));
    header = opened.header;
    entry = hex(opened.entry);
    leaf = hex(await sha256(byte(0), opened.entry));
    checks.push({ key: 'commitment', outcome: opened.content });
    checks.push({ key: 'leaf', outcome: leaf === inclusion.leaf && header.seq === seq && inclusion.index === seq - 1 ? 'yes' : 'no', expected: inclusion.leaf, got: leaf });
  } else {
    checks.push({ key: 'commitment', outcome: 'cannot' }, { key: 'leaf', outcome: 'cannot' });
  }
  const climbed = await climb(unhex(leaf), inclusion.index, inclusion.size, inclusion.proof);
  checks.push({ key: 'path', outcome: climbed?.root === inclusion.root ? 'yes' : 'no', expected: inclusion.root, got: climbed?.root ?? '' });
  const note = readCheckpoint(inclusion.checkpoint);
  checks.push({ key: 'checkpoint', outcome: note.root === inclusion.root && note.size === inclusion.size ? 'yes' : 'no', expected: note.root, got: inclusion.root });
  checks.push({ key: 'signature', outcome: key ? await signedBy(inclusion.checkpoint, key) : 'cannot' });
  const verified = checks.every((c) => c.outcome !== 'no') && checks.filter((c) => c.key === 'path' || c.key === 'checkpoint' || c.key === 'leaf').every((c) => c.outcome === 'yes');
  return { inclusion, key, header, entry, steps: climbed?.steps ?? [], checks, verified };
}

/** Verifies a downloaded bundle without asking any server: the same as `nacre verify FILE`. */
export async function judgeBundle(bundle: Bundle): Promise<Proof[]> {
  if (bundle.format !== 'nacre-bundle-1') throw new Error(`format ${bundle.format}`);
  const note = readCheckpoint(bundle.checkpoint);
  const proofs: Proof[] = [];
  for (const record of bundle.records) {
    const opened = await open(unbase64(record.bytes));
    const leaf = hex(await sha256(byte(0), opened.entry));
    const inclusion: Inclusion = { seq: record.seq, index: record.seq - 1, size: note.size, leaf, proof: record.proof, root: note.root, checkpoint: bundle.checkpoint };
    proofs.push(await judge(record.seq, inclusion, bundle.key, record.bytes));
  }
  return proofs;
}
