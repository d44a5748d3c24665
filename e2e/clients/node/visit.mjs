// visit.mjs BASE PLAN: what a real server behind BASE does for the second line's client of the
// TypeScript SDK, over Streamable HTTP. PLAN is JSON: tools that must be listed are those called;
// calls: [tool, arguments, what the answer holds, whether that is an error]; resource: a URI and what it holds; prompt: a name,
// arguments and what it holds; logs: whether a log message must have come.
import { check, outcome, text, until } from './steps.mjs';
import { v2 } from './v2.mjs';

const [base, written] = process.argv.slice(2);
const plan = JSON.parse(written);
const it = v2('streamable', base, 'auto');
const steps = { connect: await outcome(it.connect) };
if (steps.connect === 'ok') {
  steps.list = await outcome(async () => {
    const tools = await it.tools();
    for (const [tool] of plan.calls) check(tools.includes(tool), `${tool} is not among ${tools}`);
  });
  if (plan.logs) steps.level = await outcome(() => it.level('debug'));
  for (const [tool, args, says, fails = false] of plan.calls) {
    steps[`call ${tool}`] = await outcome(async () => {
      const result = await it.call(tool, args);
      check((result.isError ?? false) === fails && JSON.stringify(result).includes(says), result);
    });
  }
  if (plan.resource) {
    steps.resource = await outcome(async () => {
      const [uri, says] = plan.resource;
      const { resources } = await it.client.listResources();
      check(resources.some((resource) => resource.uri === uri), resources);
      const { contents } = await it.client.readResource({ uri });
      check(contents[0].text.includes(says), contents);
    });
  }
  if (plan.prompt) {
    steps.prompt = await outcome(async () => {
      const [name, args, says] = plan.prompt;
      const { messages } = await it.client.getPrompt({ name, arguments: args });
      check(text({ content: messages.map((message) => message.content) }).includes(says), messages);
    });
  }
  if (plan.logs) steps.log = await outcome(() => until(() => it.logs() > 0, 'a log message'));
}
const told = { server: it.client.getServerVersion()?.name ?? 'unknown', revision: it.revision() ?? 'none', steps };
if (steps.connect === 'ok') steps.close = await outcome(it.close);
console.log(JSON.stringify(told));
process.exit(0);
