"""One visit of the MCP Python SDK to a server: initialize, tools/list, then the calls.

Usage: python_client.py sse|streamable URL CALLS, where CALLS is a JSON list of [tool, arguments].
Prints one JSON object: server, revision, tools, texts.
"""

import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

# Seconds for each answer; the scenarios' servers take well under one.
ANSWER = 30.0

DOORS = {"sse": sse_client, "streamable": streamable_http_client}


async def visit(door, url, calls):
    async with DOORS[door](url) as streams:
        async with ClientSession(*streams[:2], read_timeout_seconds=ANSWER) as session:
            hello = await session.initialize()
            tools = await session.list_tools()
            texts = []
            for tool, arguments in calls:
                answer = await session.call_tool(tool, arguments)
                texts.append(answer.content[0].text)
            return {
                "server": hello.server_info.name,
                "revision": hello.protocol_version,
                "tools": [tool.name for tool in tools.tools],
                "texts": texts,
            }


def main():
    door, url, calls = sys.argv[1:]
    print(json.dumps(asyncio.run(visit(door, url, json.loads(calls)))))


if __name__ == "__main__":
    main()
