#!/usr/bin/env python3
"""Plays the quiz in a terminal: play.py wss://… NAME. Type `ask` for the next question, and a choice to answer it.

The certificate is checked against what SSL_CERT_FILE names. --at HOST:PORT connects there, whatever the name in the URL leads to.
"""

import argparse
import asyncio
import json
import ssl
import sys

import websockets


def show(message):
    kind = message["type"]
    if kind == "question":
        return f"{message['number'] + 1}. {message['text']}  [{' | '.join(message['choices'])}]"
    if kind == "point":
        return f"a point for {message['for']}: {table(message['scores'])}"
    if kind in ("players", "over"):
        return f"{'the end' if kind == 'over' else 'players'}: {table(message['scores'])}"
    return {"wrong": "wrong", "late": "right, but too late"}.get(kind, message.get("because", kind))


def table(scores):
    return ", ".join(f"{row['name']} {row['score']}" for row in scores)


async def play(options):
    host, _, port = (options.at or "").rpartition(":")
    place = {"host": host, "port": int(port)} if options.at else {}
    async with websockets.connect(options.url, ssl=ssl.create_default_context(), **place) as socket:

        async def send(**message):
            await socket.send(json.dumps(message))

        async def listen():
            async for text in socket:
                print(show(json.loads(text)), flush=True)

        await send(action="join", name=options.name)
        listening = asyncio.create_task(listen())
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            word = line.strip()
            await (send(action="ask") if word == "ask" else send(action="answer", choice=word))
        listening.cancel()


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("url")
parser.add_argument("name")
parser.add_argument("--at", metavar="HOST:PORT")
asyncio.run(play(parser.parse_args()))
