// sse_suite.mjs BASE PEER: what HTTP+SSE (revision 2024-11-05) promises, seen by the TypeScript SDK
// and, where that shows too little, by the bytes. PEER is the server behind BASE: everything or
// python. Prints one JSON line: each claim with "ok" or why not; the harness knows all claims.
import { request as plain } from 'node:http';
import { post, request, session, Stream } from './raw.mjs';
import { check, outcome, ROOT, SAMPLE, text, until, WORD } from './steps.mjs';
import { answering, transport, v1 } from './v1.mjs';

const [base, peer] = process.argv.slice(2);

/** A session of the SDK for the time of `work`. */
async function connected(work) {
  const it = v1(transport('sse', base));
  await it.connect();
  try {
    return await work(it);
  } finally {
    await it.close();
  }
}

const echo = async (it, message) => text(await it.call('echo', { message }));

async function says(it, tool, args, part) {
  const result = await it.call(tool, args);
  check(text(result).includes(part), result);
}

/** A GET with headers that fetch would not let one set. */
const get = (headers) => new Promise((done, failed) => {
  const asked = plain(`${base}/sse`, { headers }, (response) => {
    done(response.statusCode);
    response.destroy();
  });
  asked.on('error', failed);
  asked.end();
});

const claims = {
  async 'endpoint-first'() {
    const stream = await Stream.open(base);
    check(stream.status === 200, stream.status);
    check(stream.headers.get('content-type').startsWith('text/event-stream'), 'another content type');
    await until(() => stream.events.length > 0, 'the first event');
    check(stream.events[0].event === 'endpoint', stream.events);
    stream.close();
  },
  async 'endpoint-relative'() {
    const stream = await Stream.open(base);
    await until(() => stream.events.length > 0, 'the first event');
    check(stream.events[0].data.startsWith('/'), stream.events[0].data);
    stream.close();
  },
  async 'accepted-202'() {
    const { stream, url } = await session(base);
    const { status, text: body } = await post(url, request(1, 'tools/list'));
    check(status === 202 && !body.includes('jsonrpc'), { status, body });
    check((await stream.answer(1)).result.tools.length > 0, 'no tools');
    stream.close();
  },
  async revision() {
    const { stream, answer } = await session(base);
    check(answer.result.protocolVersion === '2024-11-05', answer);
    stream.close();
  },
  async 'own-answers'() {
    const [one, two] = [await session(base), await session(base)];
    const ask = (message) => request(7, 'tools/call', { name: 'echo', arguments: { message } });
    await Promise.all([post(one.url, ask('one')), post(two.url, ask('two'))]);
    const texts = [await one.stream.answer(7), await two.stream.answer(7)].map(({ result }) => text(result));
    check(texts.join() === 'Echo: one,Echo: two', texts);
    for (const { stream } of [one, two]) {
      check(stream.messages().filter((message) => message.id === 7).length === 1, stream.messages());
      stream.close();
    }
  },
  'sdk-sessions': () => connected((one) => connected(async (two) => {
    const numbers = [...Array(20).keys()];
    const all = [one, two].flatMap((it, who) => numbers.map(async (number) => {
      const message = `${who}-${number}`;
      const got = await echo(it, message);
      check(got === `Echo: ${message}`, got);
    }));
    await Promise.all(all);
  })),
  async 'unknown-session'() {
    const { stream, url } = await session(base);
    const other = url.replace(/=.*$/, `=${'0'.repeat(32)}`);
    const { status } = await post(other, request(1, 'tools/list'));
    check(other !== url && status === 404, { status, other });
    stream.close();
  },
  async 'no-session'() {
    const { status } = await post(`${base}/messages`, request(1, 'tools/list'));
    check(status === 400 || status === 404, status);
  },
  async notification() {
    const { stream, url } = await session(base);
    const before = stream.messages().length;
    const told = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 99 } };
    check((await post(url, told)).status === 202, 'not accepted');
    await post(url, request(1, 'ping'));
    await stream.answer(1);
    check(stream.messages().length === before + 1, stream.messages());
    stream.close();
  },
  ping: () => connected(async (it) => check(JSON.stringify(await it.ping()) === '{}', 'another answer')),
  'server-ping': peer === 'python' && (() => connected((it) => says(it, 'ping-client', {}, 'answered'))),
  sampling: () => connected((it) => says(it, 'trigger-sampling-request', { prompt: 'Hello?' }, SAMPLE)),
  elicitation: () => connected((it) => says(it, 'trigger-elicitation-request', {}, 'Name: Queen')),
  roots: () => connected((it) => says(it, 'get-roots-list', {}, ROOT.uri)),
  async progress() {
    const { stream, url } = await session(base);
    const params = { name: 'trigger-long-running-operation', arguments: { duration: 0.4, steps: 4 } };
    await post(url, request(1, 'tools/call', { ...params, _meta: { progressToken: 'p' } }));
    await stream.answer(1);
    // In order, all before the answer, under the client's own token.
    const seen = stream.messages().slice(-5).map(({ id, params: told }) => id ?? `${told.progressToken}${told.progress}`);
    check(seen.join() === 'p1,p2,p3,p4,1', seen);
    stream.close();
  },
  logging: () => connected(async (it) => {
    if (peer === 'everything') await it.level('debug');
    await it.call('toggle-simulated-logging', {});
    await until(() => it.logs() > 0, 'a log message');
    await it.call('toggle-simulated-logging', {});
  }),
  async 'ends-with-stream'() {
    const { stream, url } = await session(base);
    stream.close();
    let status;
    for (let tries = 0; tries < 50 && status !== 404; tries += 1) {
      ({ status } = await post(url, request(1, 'ping')));
      await new Promise((done) => setTimeout(done, 50));
    }
    check(status === 404, status);
  },
  async 'fresh-session'() {
    const one = await session(base);
    one.stream.close();
    const again = await Stream.open(base);
    const url = await again.endpoint(base);
    check(url !== one.url, url);
    const { status } = await post(url, request(1, 'tools/list'));
    if (status === 202) check((await again.answer(1)).error, again.messages());
    else check(status === 400, status);
    again.close();
  },
  async 'discover-refused'() {
    const stream = await Stream.open(base);
    const { status } = await post(await stream.endpoint(base), request('probe', 'server/discover'));
    check(status === 202, status);
    check((await stream.answer('probe')).error, stream.messages());
    stream.close();
  },
  'large-message': () => connected(async (it) => {
    const message = `${WORD}${'x'.repeat(2 * 1024 * 1024)}`;
    check((await echo(it, message)) === `Echo: ${message}`, 'another text');
  }),
  concurrent: () => connected(async (it) => {
    const got = await Promise.all([...Array(100).keys()].map((number) => echo(it, `${number}`)));
    got.forEach((one, number) => check(one === `Echo: ${number}`, one));
  }),
  async 'many-sessions'() {
    const clients = await Promise.all([...Array(25).keys()].map(async (number) => {
      const client = answering({});
      await client.connect(transport('sse', base));
      return [client, number];
    }));
    await Promise.all(clients.map(async ([client, number]) => {
      const got = text(await client.callTool({ name: 'echo', arguments: { message: `${number}` } }));
      check(got === `Echo: ${number}`, got);
      await client.close();
    }));
  },
  async origin() {
    check((await get({ origin: 'http://evil.example' })) === 403, 'a foreign origin may listen');
    check((await get({ origin: 'http://localhost:5173' })) === 200, 'a local origin may not listen');
    const { stream, url } = await session(base);
    const foreign = await post(url, request(1, 'ping'), { origin: 'http://evil.example' });
    check(foreign.status === 403, foreign);
    stream.close();
  },
  async host() {
    const status = await get({ host: 'evil.example' });
    check(status === 403 || status === 421, status);
  },
  utf8: () => connected(async (it) => {
    for (const message of [WORD, '\r\n\t\u0000\u001f"\\', '\u{10FFFF}\u2029\uFEFF', 'data: x\n\nevent: y']) {
      const got = await echo(it, message);
      check(got === `Echo: ${message}`, got);
    }
  }),
  async cancel() {
    const { stream, url } = await session(base);
    const args = { duration: 20, steps: 1 };
    await post(url, request(5, 'tools/call', { name: 'trigger-long-running-operation', arguments: args }));
    await post(url, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 5 } });
    await post(url, request(6, 'ping'));
    await stream.answer(6);
    check(!stream.messages().some((message) => message.id === 5), stream.messages());
    stream.close();
  },
  async 'bad-json'() {
    const { stream, url } = await session(base);
    const { status, text: body } = await post(url, '{"jsonrpc":');
    check(status === 400 && body.includes('-32700'), { status, body });
    await post(url, request(1, 'ping'));
    await stream.answer(1);
    stream.close();
  },
  async fallback() {
    // What a client of both transports does to tell which one a URL is of.
    const { status } = await post(`${base}/sse`, request(1, 'initialize'), { accept: 'application/json, text/event-stream' });
    check([400, 404, 405].includes(status), status);
  },
};

const told = {};
for (const [claim, prove] of Object.entries(claims)) {
  if (prove) told[claim] = await outcome(prove);
}
console.log(JSON.stringify({ claims: told }));
process.exit(0);
