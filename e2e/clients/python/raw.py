"""One SSE stream and its POSTs, as bytes: for what no SDK lets its user see."""

import asyncio
import json
from contextlib import asynccontextmanager
from urllib.parse import urljoin

import httpx

from steps import check, until


class Stream:
    """The events of one GET, in order, while it is open."""

    def __init__(self, base):
        self.base = base
        self.events = []

    async def read(self, response):
        event = {"event": "message", "data": None}
        async for line in response.aiter_lines():
            field, _, value = line.partition(":")
            if line == "" and event["data"] is not None:
                self.events.append(event)
            if line == "":
                event = {"event": "message", "data": None}
            elif field in ("event", "data"):
                event[field] = value.removeprefix(" ")

    async def endpoint(self):
        await until(lambda: self.events, "no first event")
        return urljoin(f"{self.base}/sse", self.events[0]["data"])

    def messages(self):
        return [json.loads(e["data"]) for e in self.events if e["event"] == "message"]

    async def answer(self, number):
        def found():
            return [m for m in self.messages() if m.get("id") == number and "method" not in m]

        await until(found, f"no answer to {number}")
        return found()[0]


@asynccontextmanager
async def opened(base, headers=None):
    """A stream for the time of the block."""
    stream = Stream(base)
    async with httpx.AsyncClient(timeout=None) as http:
        headers = {"accept": "text/event-stream"} | (headers or {})
        async with http.stream("GET", f"{base}/sse", headers=headers) as response:
            stream.status = response.status_code
            stream.headers = response.headers
            reader = asyncio.create_task(stream.read(response))
            try:
                yield stream
            finally:
                reader.cancel()


async def post(url, body, headers=None):
    headers = {"content-type": "application/json"} | (headers or {})
    content = body if isinstance(body, str) else json.dumps(body)
    async with httpx.AsyncClient(timeout=10) as http:
        return await http.post(url, content=content, headers=headers)


def request(number, method, **params):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


@asynccontextmanager
async def session(base):
    """A stream with its handshake done, at the revision of this transport."""
    async with opened(base) as stream:
        url = await stream.endpoint()
        who = {"name": "raw", "version": "1"}
        hello = request(0, "initialize", protocolVersion="2024-11-05", capabilities={}, clientInfo=who)
        check((await post(url, hello)).status_code == 202, "initialize was not accepted")
        stream.hello = await stream.answer(0)
        await post(url, {"jsonrpc": "2.0", "method": "notifications/initialized"})
        yield stream, url
