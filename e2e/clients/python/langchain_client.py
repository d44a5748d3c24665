"""LangChain's adapters: tools and prompts as a graph of LangChain sees them."""

from contextlib import AsyncExitStack

from langchain_mcp_adapters.callbacks import Callbacks
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.prompts import load_mcp_prompt
from langchain_mcp_adapters.resources import load_mcp_resources
from langchain_mcp_adapters.tools import load_mcp_tools
from mcp import types

from steps import NAME


class Answer:
    """What a LangChain tool gives, in the shape of a tool's result."""

    def __init__(self, blocks):
        texts = blocks if isinstance(blocks, str) else "\n".join(b.get("text", "") for b in blocks)
        self.content = [types.TextContent(type="text", text=texts)]


class LangChain:
    """One session of the adapters with the callbacks that they have."""

    progress = elicitation = True

    def __init__(self, door, base):
        way = (
            {"transport": "sse", "url": f"{base}/sse"}
            if door == "sse"
            else {"transport": "streamable_http", "url": f"{base}/mcp"}
        )
        self.heard = 0
        self.on_progress = None
        callbacks = Callbacks(
            on_logging_message=self.hear, on_progress=self.advance, on_elicitation=self.elicit
        )
        self.client = MultiServerMCPClient({"everything": way}, callbacks=callbacks)
        self.callbacks = callbacks
        self.stack = AsyncExitStack()

    async def hear(self, params, context):
        self.heard += 1

    async def advance(self, progress, total, message, context):
        if self.on_progress:
            await self.on_progress(progress, total, message)

    async def elicit(self, mcp_context, params, context):
        return types.ElicitResult(action="accept", content={"name": NAME, "random": NAME})

    async def connect(self):
        entered = self.client.session("everything", auto_initialize=False)
        self.session = await self.stack.enter_async_context(entered)
        self.hello = await self.session.initialize()
        self.known = {
            tool.name: tool
            for tool in await load_mcp_tools(
                self.session, callbacks=self.callbacks, server_name="everything"
            )
        }

    def logs(self):
        return self.heard

    def revision(self):
        return self.hello.protocolVersion

    async def tools(self):
        return list(self.known)

    async def call(self, name, arguments, on_progress=None):
        if name not in self.known:
            # The adapters only offer tools that are listed: the session beneath them is asked.
            return await self.session.call_tool(name, arguments)
        self.on_progress = on_progress
        return Answer(await self.known[name].ainvoke(arguments))

    async def resource(self):
        first = (await self.session.list_resources()).resources[0]
        blobs = await load_mcp_resources(self.session, uris=str(first.uri))
        return blobs[0].data

    async def prompt(self):
        return (await load_mcp_prompt(self.session, "simple-prompt"))[0].content

    async def level(self, level):
        await self.session.set_logging_level(level)

    async def close(self):
        await self.stack.aclose()
