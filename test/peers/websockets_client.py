# A client on websockets as Debian ships it: takes its steps one after the other over one connection and prints one JSON object a
# line for what it saw. websocket-clients.test.ts says what that must be.
#
# websockets_client.py PORT CA PATH PROTOCOLS STEP...; steps are text:OCTETS, fragments:OCTETS:COUNT, ping:TEXT, binary:OCTETS,
# close:CODE:REASON. PROTOCOLS may be empty.

import asyncio
import json
import ssl
import sys

import websockets

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def tell(event, **members):
    print(json.dumps({"event": event, **members}))


def letters(octets):
    return (LETTERS * (octets // len(LETTERS) + 1))[:octets]


async def fragments(text, count):
    """Each of them is a frame; the library ends the message with an empty one."""
    size = len(text) // count
    for number in range(count):
        start = number * size
        yield text[start:] if number + 1 == count else text[start : start + size]


async def echo(client, text, message):
    await client.send(message)
    answer = await client.recv()
    tell("message", bytes=len(answer), isEcho=answer == text, isBinary=isinstance(answer, bytes))


async def take(client, step):
    kind, *arguments = step.split(":")
    if kind == "text":
        text = letters(int(arguments[0]))
        await echo(client, text, text)
    elif kind == "fragments":
        text = letters(int(arguments[0]))
        await echo(client, text, fragments(text, int(arguments[1])))
    elif kind == "binary":
        await echo(client, None, letters(int(arguments[0])).encode())
    elif kind == "ping":
        await asyncio.wait_for(await client.ping(arguments[0]), 20)
        tell("pong", payload=arguments[0])
    elif kind == "close":
        await client.close(int(arguments[0]), arguments[1])
    else:
        raise ValueError(step)


async def main(port, ca, path, protocols, *steps):
    trust = ssl.create_default_context(cafile=ca)
    offered = [name.strip() for name in protocols.split(",")] if protocols else None
    async with websockets.connect(f"wss://localhost:{port}{path}", ssl=trust, subprotocols=offered) as client:
        agreed = client.response_headers.get("Sec-WebSocket-Extensions", "")
        tell("open", protocol=client.subprotocol or "", extensions=agreed)
        try:
            for step in steps:
                await take(client, step)
        except websockets.ConnectionClosed:
            pass
        tell("close", code=client.close_code, reason=client.close_reason)
    tell("over")


asyncio.run(main(*sys.argv[1:]))
