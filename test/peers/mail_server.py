# A real SMTP server (aiosmtpd) that prints what it accepts, one JSON line a mail, after a line with its place. It can ask
# for a login, speak TLS, refuse recipients, repeat what a client sent in its refusals, and dawdle.

import argparse
import asyncio
import email
import email.policy
import json
import logging
import ssl
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

options = argparse.ArgumentParser()
options.add_argument("--login", help="user:password; nobody else may send")
options.add_argument("--refuse", nargs="*", default=[], help="recipients that there are not")
options.add_argument("--echo", nargs="*", default=[], help="texts to repeat in the refusal")
options.add_argument("--tls", choices=["no", "implicit", "starttls"], default="no")
options.add_argument("--certificate", help="a PEM file with the chain and the key")
options.add_argument("--host", default="127.0.0.1")
options.add_argument("--dawdle", action="store_true", help="answers with a byte now and then, never to an end")
given = options.parse_args()
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")


def say(line):
    print(json.dumps(line), flush=True)


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in given.refuse:
            return " ".join(["550 5.1.1 there is no", address, *given.echo])
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "isEncrypted": server.transport.get_extra_info("ssl_object") is not None,
            "login": getattr(session.auth_data, "login", b"").decode(),
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "text": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
        })
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    sent = b":".join([data.login, data.password]).decode()
    if sent == given.login:
        return AuthResult(success=True, auth_data=data)
    return AuthResult(success=False, handled=False, message=" ".join(["535 5.7.8 wrong", sent, *given.echo]))


async def dawdle(reader, writer):
    try:
        while True:
            writer.write(b"220-still here\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)
    except ConnectionError:
        pass


def protocol(context):
    return SMTP(
        Keeper(),
        hostname="mail.example.test",
        tls_context=context if given.tls == "starttls" else None,
        require_starttls=given.tls == "starttls",
        authenticator=authenticate if given.login else None,
        auth_required=bool(given.login),
        auth_require_tls=False,
    )


async def main():
    context = None
    if given.tls != "no":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given.certificate)
    if given.dawdle:
        server = await asyncio.start_server(dawdle, given.host, 0)
    else:
        loop = asyncio.get_running_loop()
        implicit = context if given.tls == "implicit" else None
        server = await loop.create_server(lambda: protocol(context), given.host, 0, ssl=implicit)
    host, port = server.sockets[0].getsockname()
    say({"place": f"{host}:{port}"})
    await server.serve_forever()


asyncio.run(main())
