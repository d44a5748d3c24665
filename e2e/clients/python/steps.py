"""The tour that every Python client is led through, against the everything server.

A client is an object with coroutines connect(), tools(), call(name, arguments, on_progress), level(),
resource(), prompt(), close(), and revision() and logs(). A method it has no counterpart of is left
out; the harness knows which steps a client lacks.
"""

import asyncio

# A text with bytes that a careless bridge would break: umlauts, an emoji, the line separator.
WORD = "Grüße \u2028 \U0001f41d"
# What the client's own handlers answer to a server that asks.
SAMPLE = "a sample of the client"
NAME = "Queen"
ROOT = "file:///hive"

# Seconds for one step: the slowest, a call of a second with progress, takes a tenth of it.
STEP = 15.0
# Seconds to wait for a notification that the server sends after its answer.
LATE = 5.0


def check(condition, told):
    if not condition:
        raise AssertionError(f"unexpected: {told}")


async def until(condition, what):
    async with asyncio.timeout(LATE):
        while not condition():
            await asyncio.sleep(0.02)
    check(condition(), what)


def text(result):
    return "\n".join(getattr(part, "text", "") for part in result.content)


async def listed(client):
    tools = await client.tools()
    check("echo" in tools, tools)


async def refused(client):
    try:
        result = await client.call("no-such-tool", {})
    except Exception as error:
        check("no-such-tool" in str(error), error)
        return
    failed = getattr(result, "is_error", None) or getattr(result, "isError", None)
    check(failed and "no-such-tool" in text(result), result)


def asked(tool, arguments, says):
    async def step(client):
        result = await client.call(tool, arguments)
        check(says in text(result), result)

    return step


async def progressed(client):
    seen = []
    arguments = {"duration": 1, "steps": 4}

    async def on_progress(progress, total, message):
        seen.append(progress)

    result = await client.call("trigger-long-running-operation", arguments, on_progress)
    check("completed" in text(result), result)
    check(seen == [1, 2, 3, 4], seen)


async def read(client):
    check(await client.resource(), "an empty resource")


async def prompted(client):
    check("simple prompt" in await client.prompt(), "another prompt")


async def logged(client):
    await client.level("debug")
    await client.call("toggle-simulated-logging", {})
    await until(lambda: client.logs() > 0, "no log message")
    await client.call("toggle-simulated-logging", {})


# Name in the harness, what the client must have for it, and the step.
STEPS = [
    ("list", "tools", listed),
    ("call", "call", asked("echo", {"message": WORD}, f"Echo: {WORD}")),
    ("refusal", "call", refused),
    ("progress", "progress", progressed),
    ("resource", "resource", read),
    ("prompt", "prompt", prompted),
    ("log", "logs", logged),
    ("sampling", "sampling", asked("trigger-sampling-request", {"prompt": "Hello?"}, SAMPLE)),
    ("elicitation", "elicitation", asked("trigger-elicitation-request", {}, f"Name: {NAME}")),
    ("roots", "roots", asked("get-roots-list", {}, ROOT)),
]


async def outcome(work):
    try:
        # Not wait_for: the SDKs' scopes must be left by the task that entered them.
        async with asyncio.timeout(STEP):
            await work
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return f"{type(error).__name__}: {error}".replace("\n", " / ")[:300]
    return "ok"


async def tour(client):
    steps = {"connect": await outcome(client.connect())}
    revision = "none"
    if steps["connect"] == "ok":
        for name, needs, step in STEPS:
            if getattr(client, needs, None):
                steps[name] = await outcome(step(client))
        revision = client.revision()
        steps["close"] = await outcome(client.close())
    return {"revision": revision, "steps": steps}
