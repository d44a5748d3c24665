"""The Python SDK's first line (mcp 1.x): sse_client and streamablehttp_client."""

from contextlib import AsyncExitStack

from mcp import ClientSession, types
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamablehttp_client
from pydantic import AnyUrl

from steps import NAME, ROOT, SAMPLE


async def sample(context, params):
    content = types.TextContent(type="text", text=SAMPLE)
    return types.CreateMessageResult(role="assistant", content=content, model="none")


async def elicit(context, params):
    return types.ElicitResult(action="accept", content={"name": NAME, "random": NAME})


async def roots(context):
    return types.ListRootsResult(roots=[types.Root(uri=AnyUrl(ROOT), name="hive")])


class SdkV1:
    """A session of the SDK whose handlers answer whatever a server may ask."""

    progress = sampling = elicitation = roots = True

    def __init__(self, door, base):
        self.stack = AsyncExitStack()
        self.way = sse_client(f"{base}/sse") if door == "sse" else streamablehttp_client(f"{base}/mcp")
        self.heard = 0

    async def connect(self):
        streams = await self.stack.enter_async_context(self.way)
        self.session = await self.stack.enter_async_context(
            ClientSession(
                *streams[:2],
                sampling_callback=sample,
                elicitation_callback=elicit,
                list_roots_callback=roots,
                logging_callback=self.hear,
            )
        )
        self.hello = await self.session.initialize()

    async def hear(self, params):
        self.heard += 1

    def logs(self):
        return self.heard

    def revision(self):
        return self.hello.protocolVersion

    async def tools(self):
        return [tool.name for tool in (await self.session.list_tools()).tools]

    async def call(self, name, arguments, on_progress=None):
        return await self.session.call_tool(name, arguments, progress_callback=on_progress)

    async def resource(self):
        first = (await self.session.list_resources()).resources[0]
        content = (await self.session.read_resource(first.uri)).contents[0]
        return getattr(content, "text", None) or content.blob

    async def prompt(self):
        return (await self.session.get_prompt("simple-prompt")).messages[0].content.text

    async def level(self, level):
        await self.session.set_logging_level(level)

    async def close(self):
        await self.stack.aclose()
