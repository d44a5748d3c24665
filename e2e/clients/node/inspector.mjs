// The MCP Inspector's command line: a process, and so a session, for every request.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export function inspector(program, door, base) {
  const way = door === 'sse' ? [`${base}/sse`, '--transport', 'sse'] : [`${base}/mcp`, '--transport', 'http'];
  const ask = async (...args) => {
    const line = [program, '--cli', ...way, '--format', 'json', ...args];
    return JSON.parse((await run(process.execPath, line)).stdout).result;
  };
  return {
    connect: async () => {},
    revision: () => 'not told',
    tools: async () => (await ask('--method', 'tools/list')).tools.map((tool) => tool.name),
    call: (name, args) => ask('--method', 'tools/call', '--tool-name', name,
      ...Object.entries(args).flatMap(([key, value]) => ['--tool-arg', `${key}=${value}`])),
    resource: async () => {
      const { resources } = await ask('--method', 'resources/list');
      const { contents } = await ask('--method', 'resources/read', '--uri', resources[0].uri);
      return contents[0].text ?? contents[0].blob;
    },
    prompt: async () =>
      (await ask('--method', 'prompts/get', '--prompt-name', 'simple-prompt')).messages[0].content.text,
    close: async () => {},
  };
}
