// One SSE stream and its POSTs, as bytes: for what no SDK lets its user see.
import { until } from './steps.mjs';

/** The events of one GET, in order; the stream stays open until close(). */
export class Stream {
  events = [];
  ended = false;

  static async open(base, headers = {}) {
    const stream = new Stream();
    stream.abort = new AbortController();
    const response = await fetch(`${base}/sse`, {
      headers: { accept: 'text/event-stream', ...headers }, signal: stream.abort.signal,
    });
    stream.status = response.status;
    stream.headers = response.headers;
    if (response.ok) stream.read(response.body);
    else await response.text();
    return stream;
  }

  async read(body) {
    let rest = '';
    const decoder = new TextDecoder();
    try {
      for await (const bytes of body) {
        rest += decoder.decode(bytes, { stream: true });
        const blocks = rest.split(/\r?\n\r?\n/);
        rest = blocks.pop();
        for (const block of blocks) this.take(block);
      }
    } catch {
      // Closed by us.
    }
    this.ended = true;
  }

  take(block) {
    const event = { event: 'message', data: '' };
    for (const line of block.split(/\r?\n/)) {
      const [, field, value] = /^(event|data|id|retry): ?(.*)$/s.exec(line) ?? [];
      if (field === 'data') event.data += (event.data && '\n') + value;
      else if (field) event[field] = value;
    }
    // A comment alone keeps the connection and says nothing.
    if (event.data) this.events.push(event);
  }

  /** Where to POST, as the endpoint event says. */
  async endpoint(base) {
    await until(() => this.events.length > 0, 'the first event');
    return new URL(this.events[0].data, `${base}/sse`).href;
  }

  messages() {
    return this.events.filter((event) => event.event === 'message').map((event) => JSON.parse(event.data));
  }

  /** The answer with an id. */
  async answer(id) {
    const found = () => this.messages().find((message) => message.id === id && !message.method);
    await until(found, `an answer to ${id}`);
    return found();
  }

  close() {
    this.abort.abort();
  }
}

export async function post(url, body, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

export const request = (id, method, params = {}) => ({ jsonrpc: '2.0', id, method, params });

/** A stream with its handshake done, at the revision of this transport. */
export async function session(base) {
  const stream = await Stream.open(base);
  const url = await stream.endpoint(base);
  const hello = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
  await post(url, request(0, 'initialize', hello));
  const answer = await stream.answer(0);
  await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' });
  return { stream, url, answer };
}
