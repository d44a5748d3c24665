"""visit.py BASE PLAN: what a real server behind BASE does for version 1 of the Python SDK, over
HTTP+SSE. PLAN is as visit.mjs says.
"""

import asyncio
import json
import os
import sys

from pydantic import AnyUrl

from sdk_v1 import SdkV1
from steps import check, outcome, until


async def listed(it, plan):
    tools = await it.tools()
    for tool, *_ in plan["calls"]:
        check(tool in tools, f"{tool} is not among {tools}")


async def called(it, tool, arguments, says, fails=False):
    result = await it.call(tool, arguments)
    written = json.dumps(result.model_dump(mode="json"), ensure_ascii=False)
    check(result.isError == fails and says in written, written)


async def read(it, uri, says):
    listed = (await it.session.list_resources()).resources
    check(any(str(resource.uri) == uri for resource in listed), listed)
    contents = (await it.session.read_resource(AnyUrl(uri))).contents
    check(says in contents[0].text, contents)


async def prompted(it, name, arguments, says):
    messages = (await it.session.get_prompt(name, arguments)).messages
    check(any(says in getattr(message.content, "text", "") for message in messages), messages)


async def visit(base, plan):
    it = SdkV1("sse", base)
    steps = {"connect": await outcome(it.connect())}
    if steps["connect"] != "ok":
        return {"server": "unknown", "revision": "none", "steps": steps}
    steps["list"] = await outcome(listed(it, plan))
    if plan.get("logs"):
        steps["level"] = await outcome(it.level("debug"))
    for call in plan["calls"]:
        steps[f"call {call[0]}"] = await outcome(called(it, *call))
    if plan.get("resource"):
        steps["resource"] = await outcome(read(it, *plan["resource"]))
    if plan.get("prompt"):
        steps["prompt"] = await outcome(prompted(it, *plan["prompt"]))
    if plan.get("logs"):
        steps["log"] = await outcome(until(lambda: it.logs() > 0, "no log message"))
    story = {"server": it.hello.serverInfo.name, "revision": it.revision(), "steps": steps}
    steps["close"] = await outcome(it.close())
    return story


async def main():
    base, plan = sys.argv[1:]
    print(json.dumps(await visit(base, json.loads(plan))), flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
