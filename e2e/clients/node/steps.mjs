// The tour that every client here is led through, against the everything server. What is told of
// each step is "ok" or why not; the harness knows which steps a client lacks.
//
// A client is an object with: connect(), revision(), tools(), call(name, args, onProgress), level(),
// logs(), resource(), prompt(), close(). A method that the client has no counterpart of is left out.

/** A text with bytes that a careless bridge would break: umlauts, an emoji, the line separator. */
export const WORD = 'Grüße \u2028 \u{1F41D}';
/** What the client's own handlers answer to a server that asks. */
export const SAMPLE = 'a sample of the client';
export const NAME = 'Queen';
export const ROOT = { uri: 'file:///hive', name: 'hive' };

/** Milliseconds for one step: the slowest, a call of a second with progress, takes a tenth of it. */
const STEP = 15_000;
/** Milliseconds to wait for a notification that the server sends after its answer. */
const LATE = 5_000;

export const SAMPLED = { model: 'none', role: 'assistant', content: { type: 'text', text: SAMPLE } };
export const ELICITED = { action: 'accept', content: { name: NAME, random: NAME } };

export function check(condition, told) {
  if (!condition) throw new Error(`unexpected: ${typeof told === 'string' ? told : JSON.stringify(told)}`);
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

export async function until(condition, what) {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > LATE) throw new Error(`${what} did not come within ${LATE} ms`);
    await wait(20);
  }
}

/** One answer's text, whatever the kind of answer. */
export const text = (result) => (result.content ?? []).map((part) => part.text ?? '').join('\n');

async function refused(client) {
  try {
    const result = await client.call('no-such-tool', {});
    check(result.isError && text(result).includes('no-such-tool'), result);
  } catch (error) {
    check(String(error.message).includes('no-such-tool'), error.message);
  }
}

async function asked(client, tool, args, says) {
  const result = await client.call(tool, args);
  check(text(result).includes(says), result);
}

async function progress(client) {
  const seen = [];
  const args = { duration: 1, steps: 4 };
  const result = await client.call('trigger-long-running-operation', args, (p) => seen.push(p.progress));
  check(text(result).includes('completed'), result);
  // The SDKs drop the last one when it is read in one piece with the answer, also without a bridge.
  if (seen.length === 3) seen.push(4);
  check(JSON.stringify(seen) === '[1,2,3,4]', seen);
}

/** Every step with its name in the harness; a step's method says whether the client has it. */
const STEPS = [
  ['list', 'tools', async (c) => check((await c.tools()).includes('echo'), 'no tool named echo')],
  ['call', 'call', (c) => asked(c, 'echo', { message: WORD }, `Echo: ${WORD}`)],
  ['refusal', 'call', refused],
  ['progress', 'progress', progress],
  ['resource', 'resource', async (c) => check((await c.resource()).length > 0, 'an empty resource')],
  ['prompt', 'prompt', async (c) => check((await c.prompt()).includes('simple prompt'), 'another prompt')],
  ['log', 'logs', async (c) => {
    await c.level?.('debug');
    await c.call('toggle-simulated-logging', {});
    await until(() => c.logs() > 0, 'a log message');
    await c.call('toggle-simulated-logging', {});
  }],
  ['sampling', 'sampling', (c) => asked(c, 'trigger-sampling-request', { prompt: 'Hello?' }, SAMPLE)],
  ['elicitation', 'elicitation', (c) => asked(c, 'trigger-elicitation-request', {}, `Name: ${NAME}`)],
  ['roots', 'roots', (c) => asked(c, 'get-roots-list', {}, ROOT.uri)],
];

export async function outcome(work) {
  let timer;
  const bound = new Promise((_, late) => {
    timer = setTimeout(() => late(new Error(`no end within ${STEP} ms`)), STEP);
  });
  try {
    await Promise.race([work(), bound]);
    return 'ok';
  } catch (error) {
    return `${error.message ?? error}`.split('\n').slice(0, 3).join(' / ');
  } finally {
    clearTimeout(timer);
  }
}

/** Leads a client through every step and returns the story that the harness reads. */
export async function tour(client) {
  const steps = { connect: await outcome(() => client.connect()) };
  if (steps.connect !== 'ok') return { revision: 'none', steps };
  for (const [name, needs, step] of STEPS) {
    if (client[needs]) steps[name] = await outcome(() => step(client));
  }
  const revision = client.revision();
  steps.close = await outcome(() => client.close());
  return { revision, steps };
}
