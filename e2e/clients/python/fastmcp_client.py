"""FastMCP's own client."""

from fastmcp import Client
from fastmcp.client.transports import SSETransport, StreamableHttpTransport

from steps import NAME, ROOT, SAMPLE


async def sample(messages, params, context):
    return SAMPLE


async def elicit(message, response_type, params, context):
    return {"name": NAME, "random": NAME}


class FastMcp:
    """FastMCP's client with every handler; `mode` is its own word, "legacy" or "auto"."""

    progress = sampling = elicitation = roots = True

    def __init__(self, door, base, mode):
        way = SSETransport(f"{base}/sse") if door == "sse" else StreamableHttpTransport(f"{base}/mcp")
        self.heard = 0
        self.client = Client(
            way,
            mode=mode,
            roots=[ROOT],
            sampling_handler=sample,
            elicitation_handler=elicit,
            log_handler=self.hear,
        )

    async def connect(self):
        await self.client.__aenter__()
        if self.revision() >= "2026":
            # It has no way to ask for log messages of a request, and without that none may come.
            self.logs = None

    async def hear(self, message):
        self.heard += 1

    def logs(self):
        return self.heard

    def revision(self):
        return self.client.session.protocol_version

    async def tools(self):
        return [tool.name for tool in await self.client.list_tools()]

    async def call(self, name, arguments, on_progress=None):
        return await self.client.call_tool(
            name, arguments, progress_handler=on_progress, raise_on_error=False
        )

    async def resource(self):
        first = (await self.client.list_resources())[0]
        content = (await self.client.read_resource(first.uri))[0]
        return getattr(content, "text", None) or content.blob

    async def prompt(self):
        return (await self.client.get_prompt("simple-prompt")).messages[0].content.text

    async def level(self, level):
        await self.client.set_logging_level(level)

    async def close(self):
        await self.client.__aexit__(None, None, None)
