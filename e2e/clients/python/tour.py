"""tour.py CLIENT DOOR BASE: one client's tour of the everything server behind BASE
(http://HOST:PORT); DOOR is sse or streamable. Prints one JSON line: revision and steps.
"""

import asyncio
import json
import os
import sys

from steps import tour


def client(name, door, base):
    # Each line of the SDK lives in an environment of its own: only the asked one can be imported.
    match name:
        case "python-v1":
            from sdk_v1 import SdkV1

            return SdkV1(door, base)
        case "python-v2-legacy" | "python-v2":
            from sdk_v2 import SdkV2

            return SdkV2(door, base, "auto" if name == "python-v2" else "legacy")
        case "fastmcp-legacy" | "fastmcp":
            from fastmcp_client import FastMcp

            return FastMcp(door, base, "auto" if name == "fastmcp" else "legacy")
        case "langchain":
            from langchain_client import LangChain

            return LangChain(door, base)
    raise SystemExit(f"no client is named {name}")


async def main():
    name, door, base = sys.argv[1:]
    print(json.dumps(await tour(client(name, door, base))), flush=True)
    # A library's thread must not keep the process when its story is told.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
