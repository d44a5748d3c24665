// tour.mjs CLIENT DOOR BASE: one client's tour of the everything server behind BASE
// (http://HOST:PORT); DOOR is sse or streamable. Prints one JSON line: revision and steps.
import { createRequire } from 'node:module';
import { inspector } from './inspector.mjs';
import { tour } from './steps.mjs';
import { behind, transport, v1 } from './v1.mjs';
import { v2 } from './v2.mjs';

const require = createRequire(import.meta.url);

/** The program that a package names in its `bin`. */
function program(name, bin = name) {
  const file = require.resolve(`${name}/package.json`);
  return file.replace(/package\.json$/, require(file).bin[bin]);
}

const CLIENTS = {
  'typescript-v1': (door, base) => v1(transport(door, base)),
  'typescript-v2-legacy': (door, base) => v2(door, base, 'legacy'),
  'typescript-v2': (door, base) => v2(door, base, 'auto'),
  'mcp-remote': (door, base) => behind(process.execPath, [
    program('mcp-remote'),
    door === 'sse' ? `${base}/sse` : `${base}/mcp`,
    '--transport', door === 'sse' ? 'sse-only' : 'http-only', '--silent',
  ]),
  supergateway: (door, base) => ({
    ...behind(process.execPath, [
      program('supergateway'),
      ...(door === 'sse' ? ['--sse', `${base}/sse`] : ['--streamableHttp', `${base}/mcp`]),
      '--logLevel', 'none',
    ]),
    // It passes requests on from its own stdin to the bridge, and nothing but answers back.
    progress: false, logs: false, sampling: false, elicitation: false, roots: false,
  }),
  inspector: (door, base) => inspector(program('@modelcontextprotocol/inspector', 'mcp-inspector'), door, base),
};

const [name, door, base] = process.argv.slice(2);
console.log(JSON.stringify(await tour(CLIENTS[name](door, base))));
process.exit(0);
