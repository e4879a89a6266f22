"""A mail server on loopback that keeps the messages it receives and can refuse, delay and disconnect.

Tests run it in a thread (`smtp_server`). The kill benchmark runs it in a process (`python benchmarks/support/smtp_server.py
--log FILE --seed 1`) that logs each message it received completely.
"""

# ruff: noqa: N802 -- the names and arguments of aiosmtpd's handlers

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any

from aiosmtpd.smtp import SMTP

OK = "250 OK"
DISCONNECT = "hang up"
"""Instead of a reply: disconnect without one."""


@dataclass(frozen=True)
class ReceivedMail:
    """A message that was received completely, and the reply to it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    reply: str


@dataclass
class MailHandler:
    """The replies of the server, by step of the conversation."""

    on_sender: Callable[[str], str] = lambda _: OK
    on_recipient: Callable[[str], str] = lambda _: OK
    on_data: Callable[[tuple[str, ...]], str] = lambda _: OK
    delay: Callable[[], float] = lambda: 0.0
    """Seconds before the reply to a message."""
    note: Callable[[ReceivedMail], None] = lambda _: None
    received: list[ReceivedMail] = field(default_factory=list)
    """Every message that was received completely, including refused ones."""
    transactions: int = 0

    @property
    def accepted(self) -> list[ReceivedMail]:
        """Messages that the server has, whether or not the client got a reply."""
        return [one for one in self.received if one.reply in (OK, DISCONNECT)]

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self.transactions += 1
        if (reply := self.on_sender(address)) != OK:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return OK

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        reply = self.on_recipient(address)
        if reply == DISCONNECT:
            return _disconnect(server)
        if reply == OK:
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        reply = self.on_data(tuple(envelope.rcpt_tos))
        one = ReceivedMail(
            envelope.mail_from or "", tuple(envelope.rcpt_tos), bytes(envelope.original_content or b""), reply
        )
        self.received.append(one)
        self.note(one)
        await asyncio.sleep(self.delay())
        return _disconnect(server) if reply == DISCONNECT else reply


def _disconnect(server: SMTP) -> str:
    if server.transport is not None:
        server.transport.abort()
    return OK


@contextmanager
def smtp_server(handler: MailHandler) -> Iterator[int]:
    """Run the server in a thread; yields its port on 127.0.0.1."""
    ready: Queue[tuple[int, Callable[[], None]]] = Queue()

    async def serve() -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(handler, loop=loop, hostname="post.example"), "127.0.0.1", 0)
        ready.put((server.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(done.set) and None))
        await done.wait()
        server.close()
        await server.wait_closed()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    port, stop = ready.get(timeout=60)
    try:
        yield port
    finally:
        stop()
        thread.join(timeout=10)


# --- In a process of its own ----------------------------------------------------------------------------------------


def unreliable(seed: int, refused: str) -> MailHandler:
    """Sometimes refuses temporarily, is slow, or disconnects before or after it has the message."""
    rng = random.Random(seed)

    def on_recipient(address: str) -> str:
        if address == refused:
            return "550 5.1.1 no such mailbox"
        return rng.choices([OK, "451 4.3.0 not now", DISCONNECT], [92, 4, 4])[0]

    def on_data(_: tuple[str, ...]) -> str:
        return rng.choices([OK, "452 4.2.2 mailbox full", DISCONNECT], [84, 6, 10])[0]

    return MailHandler(on_recipient=on_recipient, on_data=on_data, delay=lambda: rng.choice([0, 0, 0, 0.01, 0.05]))


def main() -> None:
    """Serve until SIGTERM; prints the port first. After SIGUSR1, it is reliable."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--refused", default="")
    options = parser.parse_args()
    handler = unreliable(options.seed, options.refused)
    with options.log.open("a", encoding="utf-8") as log:

        def note(one: ReceivedMail) -> None:
            handler.received.clear()
            if one.reply in (OK, DISCONNECT):  # after DISCONNECT, the client cannot know that the server has it
                found = {"to": list(one.recipients), "sha256": hashlib.sha256(one.content).hexdigest()}
                found["content"] = one.content.decode("ascii")
                found["replied"] = one.reply == OK
                log.write(json.dumps(found) + "\n")
                log.flush()

        def make_reliable() -> None:
            handler.on_recipient = lambda address: "550 5.1.1 no such mailbox" if address == options.refused else OK
            handler.on_data = lambda _: OK
            handler.delay = lambda: 0.0

        async def serve() -> None:
            loop = asyncio.get_running_loop()
            handler.note = note
            done = asyncio.Event()
            loop.add_signal_handler(signal.SIGTERM, done.set)
            loop.add_signal_handler(signal.SIGUSR1, make_reliable)
            server = await loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", 0)
            print(server.sockets[0].getsockname()[1], flush=True)
            await done.wait()
            server.close()

        asyncio.run(serve())


if __name__ == "__main__":
    sys.exit(main())
