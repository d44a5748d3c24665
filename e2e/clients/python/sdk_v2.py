"""The Python SDK's second line (mcp 2.x), in either era."""

from mcp import Client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
import mcp_types as types

from steps import NAME, ROOT, SAMPLE


async def sample(context, params):
    content = types.TextContent(type="text", text=SAMPLE)
    return types.CreateMessageResult(role="assistant", content=content, model="none")


async def elicit(context, params):
    return types.ElicitResult(action="accept", content={"name": NAME, "random": NAME})


async def list_roots(context):
    return types.ListRootsResult(roots=[types.Root(uri=ROOT, name="hive")])


class SdkV2:
    """The SDK's client with every handler; `mode` is its own word, "legacy" or "auto"."""

    progress = sampling = elicitation = roots = True

    def __init__(self, door, base, mode):
        way = sse_client(f"{base}/sse") if door == "sse" else streamable_http_client(f"{base}/mcp")
        self.heard = 0
        self.client = Client(
            way,
            mode=mode,
            sampling_callback=sample,
            elicitation_callback=elicit,
            list_roots_callback=list_roots,
            logging_callback=self.hear,
            log_level="debug",
        )

    async def connect(self):
        await self.client.__aenter__()

    async def hear(self, params):
        self.heard += 1

    def logs(self):
        return self.heard

    def revision(self):
        return self.client.protocol_version

    async def tools(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def call(self, name, arguments, on_progress=None):
        return await self.client.call_tool(name, arguments, progress_callback=on_progress)

    async def resource(self):
        first = (await self.client.list_resources()).resources[0]
        content = (await self.client.read_resource(first.uri)).contents[0]
        return getattr(content, "text", None) or content.blob

    async def prompt(self):
        return (await self.client.get_prompt("simple-prompt")).messages[0].content.text

    async def level(self, level):
        # In the stateless era the level is a part of each request.
        if self.revision() < "2026":
            await self.client.set_logging_level(level)

    async def close(self):
        await self.client.__aexit__(None, None, None)
