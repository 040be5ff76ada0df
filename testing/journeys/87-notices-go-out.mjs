// Notices leave the house: a real SMTP server takes the mail, a webhook checks the signature, a group robot that is down hears it later,
// and nothing is lost when the server is killed in between. An address is never shown whole.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

export const title = '通知外发：邮件、签名的网络回调、企业微信机器人；对方停机后补发，中途被杀不丢';

const load = createRequire(new URL('../../console/package.json', import.meta.url));
const { SMTPServer } = load('smtp-server');
const { simpleParser } = load('mailparser');
const G = 'haizhu-government';
const [keeper, officer] = ['roster-keeper', 'water-officer'].map((r) => `${r}@${G}`);
const secret = 'journey-secret';
const until = async (what, ask) => {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await ask();
    if (found) return found;
    await new Promise((go) => setTimeout(go, 100));
  }
  throw new Error(`${what} did not come`);
};
const listening = (server) => new Promise((go) => server.listen(0, '127.0.0.1', () => go(server.address().port)));

export default async function ({ server, step }) {
  const mails = [];
  const mailboxes = new Set(['duty@example.org', 'handler@example.org']);
  const smtp = new SMTPServer({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    onAuth: (auth, _, done) => (auth.username === 'nacre' && auth.password === 'p@ss' ? done(null, { user: 'nacre' }) : done(new Error('no'))),
    onRcptTo: (to, _, done) => (!mailboxes.has(to.address) ? done(Object.assign(new Error('no such mailbox'), { responseCode: 550 })) : done()),
    onData: (stream, _, done) => simpleParser(stream).then((mail) => (mails.push(mail), done())),
  });
  const smtpPort = await new Promise((go) => smtp.listen(0, '127.0.0.1', () => go(smtp.server.address().port)));
  const hooks = [];
  const robots = [];
  let down = true;
  const http = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part)).on('end', () => {
      if (request.url.startsWith('/hook')) {
        hooks.push({ headers: request.headers, body });
        response.end('ok');
      } else if (down) {
        response.statusCode = 503;
        response.end();
      } else {
        robots.push(JSON.parse(body));
        response.end('{"errcode":0,"errmsg":"ok"}');
      }
    });
  });
  const port = await listening(http);
  try {
    const setup = ['--smtp', `smtp://nacre:p%40ss@127.0.0.1:${smtpPort}`, '--mail-from', '数智海珠 <nacre@example.org>', '--webhook-secret', secret, '--public-url', 'https://nacre.example.org'];
    const robot = `wecom+http://127.0.0.1:${port}/robot?key=journey-key`;
    await server.restart('SIGTERM', setup);

    await step('the page of channels says which are set up', async () => {
      const { channels } = await server.get('/api/channels');
      assert.deepEqual(channels.map((c) => [c.channel, c.missing ?? null]), [['mail', null], ['webhook', null], ['wecom-robot', null], ['wecom', 'wecom']]);
    });

    await step('an address is checked, tried, and shown masked', async () => {
      const wrong = await server.ask('POST', '/api/contacts', { post: keeper, body: { role: 'duty-officer', addresses: ['zhiban'] }, status: 400 });
      assert.deepEqual([wrong.code, /\/addresses\/0/.test(wrong.detail)], ['contact_address', true]);
      await server.ask('POST', '/api/contacts', { post: officer, body: { role: 'duty-officer', addresses: ['mailto:a@example.org'] }, status: 403 });
      await server.ask('POST', '/api/channels/test', { post: keeper, body: { address: 'mailto:duty@example.org' }, status: 204 });
      assert.match(mails[0].subject, /测试消息/);
      const refused = await server.ask('POST', '/api/channels/test', { post: keeper, body: { address: 'mailto:nobody@example.org' }, status: 502 });
      assert.equal(refused.code, 'mail_refused');
      const inside = await server.ask('POST', '/api/channels/test', { post: keeper, body: { address: 'http://10.0.0.1/hook' }, status: 502 });
      assert.equal(inside.code, 'channel_address');
      const made = await server.ask('POST', '/api/contacts', {
        post: keeper,
        body: { role: 'duty-officer', from: 'warning', simulated: true, addresses: ['mailto:duty@example.org', 'mailto:nobody@example.org', `http://127.0.0.1:${port}/hook/key`, `wecom+http://127.0.0.1:${port}/robot?key=journey-key`] },
        status: 201,
      });
      assert.deepEqual(made.addresses.map((a) => a.to), ['d***@example.org', 'n***@example.org', `http://127.0.0.1:${port}/…`, `http://127.0.0.1:${port}/…`]);
      // Changed without addresses, it keeps those it has.
      const changed = await server.ask('PUT', `/api/contacts/${made.id}`, { post: keeper, body: { role: 'duty-officer', from: 'info', simulated: true } });
      assert.deepEqual([changed.from, changed.addresses.length], ['info', 4]);
    });

    const street = 'street-office-440105014';
    const [acceptor, dispatcher] = ['acceptor', 'dispatcher'].map((r) => `${r}@${G}`);
    const id = await step('a case waits at a street; its handlers are reached by mail, webhook and a group robot', async () => {
      const to = { role: 'handler', organisation: street, from: 'info', addresses: ['mailto:handler@example.org', 'mailto:nobody@example.org', `http://127.0.0.1:${port}/hook/key`, robot] };
      await server.ask('POST', '/api/contacts', { post: keeper, body: to, status: 201 });
      const report = { code: 'E-06010', description: '路口有暴露垃圾', location: [113.32, 23.09] };
      const { number } = await server.ask('POST', '/api/public/reports', { body: report, status: 201 });
      const found = await server.get(`/api/cases/${number}`, { post: acceptor });
      await server.ask('POST', `/api/cases/${found.id}/file`, { post: acceptor, body: {} });
      await server.ask('POST', `/api/cases/${found.id}/dispatch`, { post: dispatcher, body: { organisation: street } });
      return found.id;
    });
    const about = (all) => all.filter((m) => /催办|督办/.test(m.subject));

    await step('urged: the mail and the signed webhook are there at once, with a link to the case', async () => {
      await server.ask('POST', `/api/cases/${id}/urge`, { post: dispatcher, body: { note: '请尽快' } });
      const mail = await until('the mail', () => about(mails)[0]);
      assert.deepEqual([mail.to.text, mail.from.value[0].address], ['handler@example.org', 'nacre@example.org']);
      assert.match(mail.text, new RegExp(`https://nacre\\.example\\.org/cases/${id}`));
      const hook = await until('the webhook', () => hooks[0]);
      const said = `${hook.headers['webhook-id']}.${hook.headers['webhook-timestamp']}.${hook.body}`;
      assert.equal(hook.headers['webhook-signature'], `v1,${createHmac('sha256', secret).update(said).digest('base64')}`);
      assert.ok(mail.messageId.includes(hook.headers['webhook-id']), 'one notice, one id');
    });

    await step('what became of it is on record: sent, refused for good, waiting for a robot that is down', async () => {
      const rows = await until('the account', async () => {
        const { deliveries } = await server.get('/api/deliveries');
        return deliveries.length === 4 && deliveries;
      });
      const state = Object.fromEntries(rows.map((d) => [`${d.channel} ${d.to}`, d.state]));
      const here = `http://127.0.0.1:${port}/…`;
      assert.deepEqual(state, { 'mail h***@example.org': 'sent', 'mail n***@example.org': 'failed', [`webhook ${here}`]: 'sent', [`wecom-robot ${here}`]: 'waiting' });
      assert.ok(!JSON.stringify(rows).includes('journey-key'), 'no key in any answer');
      assert.ok(rows.every((d) => !d.subject && !d.link), 'a notice is for the post it names');
      assert.match((await server.get('/api/deliveries', { post: keeper })).deliveries[0].subject, /催办/);
    });

    await step('killed and started again, what waited goes out, and what was sent is not sent again', async () => {
      await server.ask('POST', `/api/cases/${id}/supervise`, { post: `supervisor@${G}`, body: { note: '请今日办结' } });
      await until('the second mail', () => about(mails)[1]);
      await until('the account', async () => (await server.get('/api/deliveries')).total === 8);
      await server.restart('SIGKILL', setup);
      down = false;
      await until('the robot', () => robots[0]);
      assert.match(robots[0].markdown.content, /2 条通知|催办|督办/);
      const done = await until('the account', async () => {
        const { deliveries } = await server.get('/api/deliveries');
        return deliveries.every((d) => d.state !== 'waiting') && deliveries;
      });
      assert.equal(done.filter((d) => d.channel === 'wecom-robot' && d.state === 'sent').length, 2);
      assert.deepEqual([about(mails).length, hooks.length], [2, 2], 'no mail twice');
    });

    await step('a mailbox that was opened meanwhile gets what had failed, once somebody asks', async () => {
      const failed = (await server.get('/api/deliveries?state=failed')).deliveries;
      mailboxes.add('nobody@example.org');
      await server.ask('POST', `/api/deliveries/${failed[0].notice}/again`, { post: officer, body: {}, status: 403 });
      await server.ask('POST', `/api/deliveries/${failed[0].notice}/again`, { post: keeper, body: {} });
      await until('the mail', () => mails.find((m) => m.to.text === 'nobody@example.org'));
      await until('the account', async () => (await server.get('/api/deliveries?state=failed')).total === 1);
      assert.ok(!server.said.includes('p@ss') && !server.said.includes('journey-key') && !server.said.includes('handler@example.org'), 'no secret in the log');
    });

  } finally {
    smtp.close();
    http.closeAllConnections();
    http.close();
  }
}
