// The TypeScript SDK's second line (@modelcontextprotocol/client), in either era.
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { ELICITED, ROOT, SAMPLED } from './steps.mjs';

/** `mode` is the SDK's own word: "legacy", "auto" or { pin: REVISION }. */
export function v2(door, base, mode) {
  const capabilities = { sampling: {}, elicitation: {}, roots: { listChanged: true } };
  const client = new Client({ name: 'interop', version: '1' }, { capabilities, versionNegotiation: { mode } });
  let logs = 0;
  client.setRequestHandler('sampling/createMessage', () => SAMPLED);
  client.setRequestHandler('elicitation/create', () => ELICITED);
  client.setRequestHandler('roots/list', () => ({ roots: [ROOT] }));
  client.setNotificationHandler('notifications/message', () => { logs += 1; });
  const way = door === 'sse'
    ? new SSEClientTransport(new URL(`${base}/sse`))
    : new StreamableHTTPClientTransport(new URL(`${base}/mcp`));
  const modern = () => client.getProtocolEra() === 'modern';
  return {
    client,
    connect: () => client.connect(way),
    revision: () => client.getNegotiatedProtocolVersion(),
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: (name, args, onprogress) => client.callTool({
      name,
      arguments: args,
      // In the stateless era a level is a part of each request.
      ...(modern() && { _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } }),
    }, { onprogress }),
    progress: true,
    resource: async () => {
      const { resources } = await client.listResources();
      const { contents } = await client.readResource({ uri: resources[0].uri });
      return contents[0].text ?? contents[0].blob;
    },
    prompt: async () => (await client.getPrompt({ name: 'simple-prompt' })).messages[0].content.text,
    level: async (level) => { if (!modern()) await client.setLoggingLevel(level); },
    logs: () => logs,
    sampling: true,
    elicitation: true,
    roots: true,
    close: async () => {
      if (!modern()) await way.terminateSession?.();
      await client.close();
    },
  };
}
