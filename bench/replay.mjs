// The plan counts 175,441 grid events, 99.8 % of them closed. This replays as many through the public API with every real transition
// (report, file, dispatch, finish, pass, close), each event marked as simulated, while a dispatcher's list and map are asked beside
// it; then recomputes the closure rate from the records. With --kill the server dies by SIGKILL half way and comes back: nothing may be
// lost or doubled. Usage: node bench/replay.mjs [target/release/nacre] [--events 175441] [--kill]
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Server } from '../testing/journeys/server.mjs';

const argument = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const binary = process.argv[2]?.startsWith('--') || !process.argv[2] ? 'target/release/nacre' : process.argv[2];
const EVENTS = Number(argument('--events', 175_441));
const KILL = process.argv.includes('--kill');
const CONNECTIONS = 64;
const CLOSED = Math.round(EVENTS * 0.998);
const now = () => performance.now();

// A connection that is kept open: the client must not be what is measured.
class Connection {
  constructor(port) {
    this.port = port;
  }

  open() {
    return new Promise((done, fail) => {
      this.buffer = '';
      this.socket = connect(this.port, '127.0.0.1', () => done());
      this.socket.setNoDelay(true);
      this.socket.setEncoding('latin1');
      this.socket.on('error', (error) => (this.broken ?? fail)(error));
      this.socket.on('close', () => this.broken?.(new Error('closed')));
      this.socket.on('data', (text) => this.take(text));
    });
  }

  take(text) {
    this.buffer += text;
    const head = this.buffer.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.buffer.slice(0, head))?.[1] ?? 0);
    if (this.buffer.length < head + 4 + length) return;
    const answer = { status: Number(this.buffer.slice(9, 12)), head: this.buffer.slice(0, head), body: this.buffer.slice(head + 4, head + 4 + length) };
    this.buffer = this.buffer.slice(head + 4 + length);
    this.answered(answer);
  }

  ask(method, path, post, key, body) {
    return new Promise((done, fail) => {
      this.answered = done;
      this.broken = fail;
      const bytes = Buffer.from(body ?? '');
      const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost', `Nacre-Post: ${post}`, 'Prefer: return=minimal', `Content-Length: ${bytes.length}`];
      if (key) lines.push(`Idempotency-Key: ${key}`);
      if (body) lines.push('Content-Type: application/json');
      this.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      if (bytes.length) this.socket.write(bytes);
    });
  }
}

const server = await Server.start(binary);
const port = Number(new URL(server.url).port);
const streets = Array.from({ length: 18 }, (_, i) => `440105${String(i + 1).padStart(3, '0')}`);
const { workflows } = await server.get('/api/workflows');
const codes = workflows.find((w) => w.id === 'grid-events.event').codes.slice(0, 97).map((c) => c.code);
// The same numbers in each run.
const chance = (i, n) => ((i * 2_654_435_761) >>> 8) % n;
const event = (i) =>
  JSON.stringify({
    workflow: 'grid-events.event',
    title: `模拟事件 ${i}`,
    code: codes[chance(i, codes.length)],
    street: streets[chance(i + 7, 18)],
    location: [113.26 + chance(i + 3, 1000) / 8_000, 23.06 + chance(i + 5, 1000) / 25_000],
    simulated: true,
  });
const STEPS = [
  ['acceptor@haizhu-government', 'file', () => '{}'],
  ['dispatcher@haizhu-government', 'dispatch', (i) => `{"organisation":"street-office-${streets[chance(i + 7, 18)]}"}`],
  [null, 'finish', () => '{"note":"已处置（模拟）"}'],
  ['inspector@haizhu-government', 'pass', () => '{}'],
  ['acceptor@haizhu-government', 'close', () => '{}'],
];

let next = 0;
let done = 0;
let requests = 0;
let resent = 0;
let down = null;

// Asks until it is answered: with the same key, so that nothing is done twice.
async function surely(connection, method, path, post, key, body) {
  for (;;) {
    try {
      if (!connection.socket || connection.socket.destroyed) await connection.open();
      const answer = await connection.ask(method, path, post, key, body);
      requests += 1;
      if (answer.status === 429 || answer.status === 503) {
        await new Promise((go) => setTimeout(go, 20));
        continue;
      }
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body.slice(0, 300)}`);
      return answer;
    } catch (error) {
      if (/ \d{3} /.test(error.message)) throw error;
      resent += 1;
      connection.socket?.destroy();
      if (down) await down;
      await new Promise((go) => setTimeout(go, 50));
    }
  }
}

async function worker() {
  const connection = new Connection(port);
  for (;;) {
    const i = next;
    next += 1;
    if (i >= EVENTS) break;
    const opened = await surely(connection, 'POST', '/api/cases', 'inspector@haizhu-government', `e${i}`, event(i));
    const id = /location: \/api\/cases\/(\S+)/i.exec(opened.head)[1];
    const steps = i < CLOSED ? STEPS : STEPS.slice(0, 2);
    for (const [post, verb, body] of steps) {
      const who = post ?? `handler@street-office-${streets[chance(i + 7, 18)]}`;
      await surely(connection, 'POST', `/api/cases/${id}/${verb}`, who, `e${i}-${verb}`, body(i));
    }
    done += 1;
  }
  connection.socket?.destroy();
}

const waits = { list: [], map: [] };
let over = false;
async function dispatcher() {
  const paths = { list: '/api/cases?state=filed,handling&sort=dueAt&limit=50', map: '/api/cases/map?zoom=13&kind=open&bbox=113.24,23.04,113.42,23.12' };
  while (!over) {
    for (const [what, path] of Object.entries(paths)) {
      const began = now();
      const answer = await fetch(server.url + path, { headers: { 'Nacre-Post': 'dispatcher@haizhu-government' } }).catch(() => null);
      if (answer?.ok) {
        await answer.arrayBuffer();
        waits[what].push(now() - began);
      }
    }
    await new Promise((go) => setTimeout(go, 250));
  }
}

async function killer() {
  while (done < EVENTS / 2) await new Promise((go) => setTimeout(go, 50));
  let up;
  down = new Promise((go) => (up = go));
  const began = now();
  const ended = new Promise((go) => server.process.once('exit', go));
  server.process.kill('SIGKILL');
  await ended;
  server.process = spawn(binary, ['serve', '--data', server.data, '--district', 'districts/haizhu', '--listen', server.url.slice(7), '--mqtt-listen', 'off', '--log', 'error'], { stdio: 'ignore' });
  while (!(await fetch(`${server.url}/readyz`).catch(() => null))?.ok) await new Promise((go) => setTimeout(go, 10));
  console.log(`killed at ${done} events; ready again after ${((now() - began) / 1000).toFixed(1)} s`);
  down = null;
  up();
}

// The machine's own limit in the same run: the same client, a route that does nothing.
const bare = new Connection(port);
await bare.open();
const hello = now();
for (let i = 0; i < 5_000; i += 1) await bare.ask('GET', '/healthz', 'reader@none');
const bareMs = (now() - hello) / 5_000;
bare.socket.destroy();

const began = now();
const beside = [dispatcher()];
const killing = KILL ? killer() : null;
const progress = setInterval(() => console.error(`${done} of ${EVENTS}, ${(requests / ((now() - began) / 1000)).toFixed(0)} requests/s`), 10_000);
await Promise.all(Array.from({ length: CONNECTIONS }, worker));
const seconds = (now() - began) / 1000;
clearInterval(progress);
await killing;
over = true;
await Promise.all(beside);

const p99 = (all) => all.sort((a, b) => a - b)[Math.floor(all.length * 0.99)] ?? 0;
const figures = await server.get('/api/cases/statistics?workflow=grid-events.event&simulated=true');
console.log(`${EVENTS} simulated events, ${requests} requests in ${seconds.toFixed(1)} s: ${(EVENTS / seconds).toFixed(0)} events/s, ${(requests / seconds).toFixed(0)} requests/s`);
console.log(`one bare request on one connection of the same client: ${bareMs.toFixed(3)} ms; sent again: ${resent}`);
console.log(`dispatcher beside it, p99: list ${p99(waits.list).toFixed(0)} ms, map ${p99(waits.map).toFixed(0)} ms (${waits.list.length} and ${waits.map.length} asked)`);
console.log(`from the records: filed ${figures.filed}, closed ${figures.closed}, 办结率 ${(figures.closureRate * 100).toFixed(2)} %`);
const whole = figures.filed === EVENTS && figures.closed === CLOSED;
console.log(whole ? 'nothing lost, nothing doubled' : `WRONG: expected ${EVENTS} filed and ${CLOSED} closed`);
await server.stop();
process.exit(whole ? 0 : 1);
