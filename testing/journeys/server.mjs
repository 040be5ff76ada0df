// A server with the district's data in a folder of its own, on a free port of loopback; stopped by its pid.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const freePort = () =>
  new Promise((done, fail) => {
    const probe = createServer();
    probe.on('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });

export class Server {
  static async start(binary, more = []) {
    const server = new Server();
    server.folder = mkdtempSync(join(tmpdir(), 'nacre-journey-'));
    server.data = join(server.folder, 'data');
    server.url = `http://127.0.0.1:${await freePort()}`;
    server.said = '';
    server.binary = binary;
    await server.open(more);
    return server;
  }

  async open(more) {
    const args = ['serve', '--data', this.data, ...(more.includes('--district') ? [] : ['--district', 'districts/haizhu']), '--listen', this.url.slice(7), '--mqtt-listen', '127.0.0.1:0', '--log', 'warn', ...more];
    this.process = spawn(this.binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (text) => (this.said += text));
    for (let tries = 0; tries < 200; tries += 1) {
      if (this.process.exitCode !== null) break;
      const ready = await fetch(`${this.url}/readyz`).catch(() => null);
      if (ready?.ok) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`the server did not start: ${this.said}`);
  }

  // Ends the process by a signal and starts it on the same data, with further arguments.
  async restart(signal, more = []) {
    await this.end(signal);
    await this.open(more);
  }

  async end(signal) {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((done) => this.process.once('exit', done));
    this.process.kill(signal);
    const late = setTimeout(() => this.process.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(late);
  }

  // A request of a post; throws unless the status is the one expected.
  async ask(method, path, { post, body, type, status } = {}) {
    const headers = {};
    if (post) headers['Nacre-Post'] = post;
    const json = body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array);
    if (body !== undefined) headers['Content-Type'] = type ?? (json ? 'application/json' : 'application/octet-stream');
    const answer = await fetch(this.url + path, { method, headers, body: json ? JSON.stringify(body) : body });
    const kind = answer.headers.get('content-type') ?? '';
    const content = /json/.test(kind) ? await answer.json() : Buffer.from(await answer.arrayBuffer());
    const fits = status ? answer.status === status : answer.ok;
    if (!fits) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(content).slice(0, 500)}`);
    return content;
  }

  get(path, options) {
    return this.ask('GET', path, options);
  }

  // A return that went through all levels: rows of {indicator, value, unit, sourceDocument…}.
  async approved(organisation, period, rows, refused = []) {
    const row = (r, i) => ({ row: i + 1, period, kind: 'actual', sourceDocument: '样例来源', note: '样例说明', ...r });
    const made = await this.ask('POST', '/api/returns', {
      post: `clerk@${organisation}`,
      body: { organisation, period, rows: rows.map(row) },
    });
    const act = (role, verb, body = {}) =>
      this.ask('POST', `/api/returns/${made.id}/${verb}`, { post: `${role}@${organisation}`, body });
    await act('clerk', 'submit');
    await act('street-approver', 'approve', { rows: refused });
    const level = organisation.startsWith('street-office') ? 'district-approver@bureau-kgsx' : `district-approver@${organisation}`;
    return this.ask('POST', `/api/returns/${made.id}/approve`, { post: level, body: {} });
  }

  async stop() {
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
