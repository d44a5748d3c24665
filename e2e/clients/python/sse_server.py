"""A server on version 1 of the Python SDK, with the tools of the everything server that the suite of
HTTP+SSE calls, and one that pings its client.
"""

import asyncio

from mcp import types
from mcp.server.fastmcp import Context, FastMCP
from pydantic import BaseModel

server = FastMCP("python-sse")


class Who(BaseModel):
    name: str


@server.tool(name="echo")
async def echo(message: str) -> str:
    return f"Echo: {message}"


@server.tool(name="trigger-long-running-operation")
async def work(context: Context, duration: float, steps: int) -> str:
    for step in range(steps):
        await asyncio.sleep(duration / steps)
        await context.report_progress(step + 1, steps)
    return "Long running operation completed."


@server.tool(name="toggle-simulated-logging")
async def log(context: Context) -> str:
    await context.warning("one message")
    return "told"


@server.tool(name="trigger-sampling-request")
async def sample(context: Context, prompt: str) -> str:
    content = types.TextContent(type="text", text=prompt)
    message = types.SamplingMessage(role="user", content=content)
    result = await context.session.create_message([message], max_tokens=10)
    return result.content.text


@server.tool(name="trigger-elicitation-request")
async def elicit(context: Context) -> str:
    result = await context.elicit("Who are you?", Who)
    return f"Name: {result.data.name}"


@server.tool(name="get-roots-list")
async def roots(context: Context) -> str:
    return str((await context.session.list_roots()).roots[0].uri)


@server.tool(name="ping-client")
async def ping(context: Context) -> str:
    await context.session.send_ping()
    return "answered"


if __name__ == "__main__":
    server.run()
