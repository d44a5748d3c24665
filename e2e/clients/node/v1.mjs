// The TypeScript SDK's first line (@modelcontextprotocol/sdk), over any of its transports.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { ELICITED, ROOT, SAMPLED } from './steps.mjs';

/** Capabilities of a client that can do all. */
const ALL = { sampling: {}, elicitation: {}, roots: { listChanged: true } };

export function transport(door, base) {
  return door === 'sse'
    ? new SSEClientTransport(new URL(`${base}/sse`))
    : new StreamableHTTPClientTransport(new URL(`${base}/mcp`));
}

/** A client that answers whatever a server may ask. */
export function answering(capabilities = ALL) {
  const client = new Client({ name: 'interop', version: '1' }, { capabilities });
  if (capabilities.sampling) client.setRequestHandler(CreateMessageRequestSchema, () => SAMPLED);
  if (capabilities.elicitation) client.setRequestHandler(ElicitRequestSchema, () => ELICITED);
  if (capabilities.roots) client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [ROOT] }));
  return client;
}

/** The first line's client on a transport that was made for it. */
export function v1(way) {
  const client = answering();
  let logs = 0;
  let revision = 'unknown';
  client.setNotificationHandler(LoggingMessageNotificationSchema, () => { logs += 1; });
  // Every transport is told the revision: the only place where the stdio one's user can read it.
  way.setProtocolVersion = ((told) => (version) => {
    revision = version;
    told?.call(way, version);
  })(way.setProtocolVersion);
  return {
    connect: () => client.connect(way),
    revision: () => revision,
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: (name, args, onprogress) => client.callTool({ name, arguments: args }, undefined, { onprogress }),
    progress: true,
    resource: async () => {
      const { resources } = await client.listResources();
      const { contents } = await client.readResource({ uri: resources[0].uri });
      return contents[0].text ?? contents[0].blob;
    },
    prompt: async () => (await client.getPrompt({ name: 'simple-prompt' })).messages[0].content.text,
    ping: () => client.ping(),
    level: (level) => client.setLoggingLevel(level),
    logs: () => logs,
    sampling: true,
    elicitation: true,
    roots: true,
    close: async () => {
      await way.terminateSession?.();
      await client.close();
    },
  };
}

/** The same client, behind a program that speaks stdio to it and HTTP to the bridge. */
export const behind = (command, args) =>
  v1(new StdioClientTransport({ command, args, env: process.env, stderr: 'ignore' }));
