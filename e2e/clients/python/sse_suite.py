"""sse_suite.py BASE PEER: what HTTP+SSE (revision 2024-11-05) promises, seen by the Python SDK and,
where that shows too little, by the bytes. PEER is the server behind BASE: everything or python.
Prints one JSON line: each claim with "ok" or why not; the harness knows all claims.
"""

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack, asynccontextmanager

from raw import opened, post, request, session
from sdk_v1 import SdkV1
from steps import ROOT, SAMPLE, WORD, check, outcome, text, until

BASE, PEER = sys.argv[1:]
EVIL = "http://evil.example"
CLAIMS = {}


def claim(name):
    def keep(prove):
        CLAIMS[name] = prove
        return prove

    return keep


@asynccontextmanager
async def connected():
    """A session of the SDK for the time of the block."""
    it = SdkV1("sse", BASE)
    await it.connect()
    try:
        yield it
    finally:
        await it.close()


async def echoes(it, message):
    got = text(await it.call("echo", {"message": message}))
    check(got == f"Echo: {message}", got[:100])


async def says(tool, arguments, part):
    async with connected() as it:
        got = await it.call(tool, arguments)
        check(part in text(got), got)


@claim("endpoint-first")
async def endpoint_first():
    async with opened(BASE) as stream:
        check(stream.status == 200, stream.status)
        check(stream.headers["content-type"].startswith("text/event-stream"), stream.headers)
        await until(lambda: stream.events, "no first event")
        check(stream.events[0]["event"] == "endpoint", stream.events)


@claim("endpoint-relative")
async def endpoint_relative():
    async with opened(BASE) as stream:
        await until(lambda: stream.events, "no first event")
        check(stream.events[0]["data"].startswith("/"), stream.events)


@claim("accepted-202")
async def accepted():
    async with session(BASE) as (stream, url):
        got = await post(url, request(1, "tools/list"))
        check(got.status_code == 202 and "jsonrpc" not in got.text, got)
        check((await stream.answer(1))["result"]["tools"], "no tools")


@claim("revision")
async def revision():
    async with session(BASE) as (stream, _):
        check(stream.hello["result"]["protocolVersion"] == "2024-11-05", stream.hello)


@claim("own-answers")
async def own_answers():
    async with session(BASE) as (one, to_one), session(BASE) as (two, to_two):

        def ask(message):
            return request(7, "tools/call", name="echo", arguments={"message": message})

        await asyncio.gather(post(to_one, ask("one")), post(to_two, ask("two")))
        for stream, word in [(one, "one"), (two, "two")]:
            got = (await stream.answer(7))["result"]["content"][0]["text"]
            check(got == f"Echo: {word}", got)
            check(sum(m.get("id") == 7 for m in stream.messages()) == 1, stream.messages())


@claim("sdk-sessions")
async def sdk_sessions():
    async with connected() as one, connected() as two:
        calls = [echoes(it, f"{who}-{n}") for who, it in enumerate([one, two]) for n in range(20)]
        await asyncio.gather(*calls)


@claim("unknown-session")
async def unknown_session():
    async with session(BASE) as (_, url):
        other = url.partition("=")[0] + "=" + "0" * 32
        got = await post(other, request(1, "tools/list"))
        check(got.status_code == 404, got)


@claim("no-session")
async def no_session():
    got = await post(f"{BASE}/messages", request(1, "tools/list"))
    check(got.status_code in (400, 404), got)


@claim("notification")
async def notification():
    async with session(BASE) as (stream, url):
        before = len(stream.messages())
        told = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 99}}
        check((await post(url, told)).status_code == 202, "not accepted")
        await post(url, request(1, "ping"))
        await stream.answer(1)
        check(len(stream.messages()) == before + 1, stream.messages())


@claim("ping")
async def ping():
    async with connected() as it:
        await it.session.send_ping()


if PEER == "python":

    @claim("server-ping")
    async def server_ping():
        await says("ping-client", {}, "answered")


@claim("sampling")
async def sampling():
    await says("trigger-sampling-request", {"prompt": "Hello?"}, SAMPLE)


@claim("elicitation")
async def elicitation():
    await says("trigger-elicitation-request", {}, "Name: Queen")


@claim("roots")
async def roots():
    await says("get-roots-list", {}, ROOT)


@claim("progress")
async def progress():
    seen = []

    async def on_progress(at, total, message):
        seen.append(at)

    async with connected() as it:
        arguments = {"duration": 0.4, "steps": 4}
        await it.call("trigger-long-running-operation", arguments, on_progress)
        check(seen == [1, 2, 3, 4], seen)


@claim("logging")
async def logging():
    async with connected() as it:
        if PEER == "everything":
            await it.level("debug")
        await it.call("toggle-simulated-logging", {})
        await until(lambda: it.logs() > 0, "no log message")
        await it.call("toggle-simulated-logging", {})


@claim("ends-with-stream")
async def ends_with_stream():
    async with session(BASE) as (_, url):
        pass
    for _ in range(50):
        got = await post(url, request(1, "ping"))
        if got.status_code == 404:
            return
        await asyncio.sleep(0.05)
    check(False, got)


@claim("fresh-session")
async def fresh_session():
    async with session(BASE) as (_, first):
        pass
    async with opened(BASE) as stream:
        url = await stream.endpoint()
        check(url != first, url)
        got = await post(url, request(1, "tools/list"))
        if got.status_code == 202:
            check("error" in await stream.answer(1), stream.messages())
        else:
            check(got.status_code == 400, got)


@claim("discover-refused")
async def discover_refused():
    async with opened(BASE) as stream:
        got = await post(await stream.endpoint(), request("probe", "server/discover"))
        check(got.status_code == 202, got)
        check("error" in await stream.answer("probe"), stream.messages())


@claim("large-message")
async def large_message():
    async with connected() as it:
        await echoes(it, WORD + "x" * (2 * 1024 * 1024))


@claim("concurrent")
async def concurrent():
    async with connected() as it:
        await asyncio.gather(*(echoes(it, str(number)) for number in range(100)))


@claim("many-sessions")
async def many_sessions():
    async with AsyncExitStack() as stack:
        all_ = [await stack.enter_async_context(connected()) for _ in range(25)]
        await asyncio.gather(*(echoes(it, str(number)) for number, it in enumerate(all_)))


@claim("origin")
async def origin():
    async with opened(BASE, {"origin": EVIL}) as stream:
        check(stream.status == 403, stream.status)
    async with opened(BASE, {"origin": "http://localhost:5173"}) as stream:
        check(stream.status == 200, stream.status)
    async with session(BASE) as (_, url):
        got = await post(url, request(1, "ping"), {"origin": EVIL})
        check(got.status_code == 403, got)


@claim("host")
async def host():
    async with opened(BASE, {"host": "evil.example"}) as stream:
        check(stream.status in (403, 421), stream.status)


@claim("utf8")
async def utf8():
    async with connected() as it:
        odd = ['\r\n\t\u0000\u001f"\\', "\U0010ffff\u2029\ufeff", "data: x\n\nevent: y"]
        for message in [WORD, *odd]:
            await echoes(it, message)


@claim("cancel")
async def cancel():
    async with session(BASE) as (stream, url):
        arguments = {"duration": 20, "steps": 1}
        call = request(5, "tools/call", name="trigger-long-running-operation", arguments=arguments)
        await post(url, call)
        told = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}}
        await post(url, told)
        await post(url, request(6, "ping"))
        await stream.answer(6)
        check(all(m.get("id") != 5 for m in stream.messages()), stream.messages())


@claim("bad-json")
async def bad_json():
    async with session(BASE) as (stream, url):
        got = await post(url, '{"jsonrpc":')
        check(got.status_code == 400 and "-32700" in got.text, got.text)
        await post(url, request(1, "ping"))
        await stream.answer(1)


@claim("fallback")
async def fallback():
    # What a client of both transports does to tell which one a URL is of.
    accept = {"accept": "application/json, text/event-stream"}
    got = await post(f"{BASE}/sse", request(1, "initialize"), accept)
    check(got.status_code in (400, 404, 405), got)


async def main():
    told = {name: await outcome(prove()) for name, prove in CLAIMS.items()}
    print(json.dumps({"claims": told}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
