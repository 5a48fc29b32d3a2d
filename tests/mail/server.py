"""A mail server as it is in the world: aiosmtpd, with TLS, an account, and a file for what it takes.

Usage: server.py MODE CERTIFICATE KEY FILE. MODE is starttls, implicit, plain (no TLS), or busy (says "later" to the first
message). The account is zeef with the password that its environment has as MAIL_PASSWORD. Prints its port, and ends with
its standard input.
"""

import asyncio
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

MODE, CERTIFICATE, KEY, FILE = sys.argv[1:]


class Handler:
    def __init__(self):
        self.refusals = 1 if MODE == "busy" else 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.refusals:
            self.refusals -= 1
            return "451 4.3.2 Later"
        taken = {
            "tls": session.ssl is not None or MODE == "implicit",
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "content": envelope.content.decode("ascii"),
        }
        with open(FILE, "a", encoding="ascii") as file:
            file.write(json.dumps(taken) + "\n")
        return "250 OK"


def authenticator(server, session, envelope, mechanism, data):
    right = data.login == b"zeef" and data.password == os.environ["MAIL_PASSWORD"].encode()
    return AuthResult(success=right, handled=False)


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    starts = MODE in ("starttls", "busy")
    handler = Handler()

    def session():
        return SMTP(
            handler,
            hostname="localhost",
            tls_context=context if starts else None,
            require_starttls=starts,
            authenticator=authenticator,
            auth_required=True,
            auth_require_tls=starts,
        )

    loop = asyncio.get_running_loop()
    implicit = context if MODE == "implicit" else None
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=implicit)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
