"""A mail server on loopback that keeps what it takes and misbehaves as it is told: refuses, delays, breaks off.

In a thread of its own for tests (`post_office`), in a process of its own for the benchmark that kills its clients
(`python benchmarks/support/smtp_server.py --log FILE --seed 1`), where it writes down each message whose bytes it had to the end.
"""

# ruff: noqa: N802, ARG002 -- the names and arguments of aiosmtpd's handlers

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
HANG_UP = "hang up"
"""In the place of an answer: the connection is broken without one."""


@dataclass(frozen=True)
class Taken:
    """A message whose bytes came to the end, and what was answered."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    answer: str


@dataclass
class Desk:
    """Who answers. Each of the three is asked at its step of the conversation."""

    at_recipient: Callable[[str], str] = lambda _: OK
    at_data: Callable[[tuple[str, ...]], str] = lambda _: OK
    delay: Callable[[], float] = lambda: 0.0
    """Seconds before the answer to a message."""
    note: Callable[[Taken], None] = lambda _: None
    taken: list[Taken] = field(default_factory=list)
    """Everything that came to its end, also what was then refused."""
    transactions: int = 0

    @property
    def accepted(self) -> list[Taken]:
        """What the server has, whether or not the client heard of it."""
        return [one for one in self.taken if one.answer in (OK, HANG_UP)]

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self.transactions += 1
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return OK

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self.at_recipient(address)
        if answer == HANG_UP:
            return _hang_up(server)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        answer = self.at_data(tuple(envelope.rcpt_tos))
        one = Taken(envelope.mail_from or "", tuple(envelope.rcpt_tos), bytes(envelope.original_content or b""), answer)
        self.taken.append(one)
        self.note(one)
        await asyncio.sleep(self.delay())
        return _hang_up(server) if answer == HANG_UP else answer


def _hang_up(server: SMTP) -> str:
    if server.transport is not None:
        server.transport.abort()
    return OK


@contextmanager
def post_office(desk: Desk) -> Iterator[int]:
    """The server in a thread; gives its port on 127.0.0.1."""
    ready: Queue[tuple[int, Callable[[], None]]] = Queue()

    async def serve() -> None:
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(desk, loop=loop, hostname="post.example"), "127.0.0.1", 0)
        ready.put((server.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(done.set) and None))
        await done.wait()
        server.close()
        await server.wait_closed()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    port, stop = ready.get(timeout=10)
    try:
        yield port
    finally:
        stop()
        thread.join(timeout=10)


# --- In a process of its own ----------------------------------------------------------------------------------------


def moody(seed: int, refused: str) -> Desk:
    """Mostly well; at times it refuses for now, is slow, or breaks off before or after it has the message."""
    rng = random.Random(seed)

    def at_recipient(address: str) -> str:
        if address == refused:
            return "550 5.1.1 no such mailbox"
        return rng.choices([OK, "451 4.3.0 not now", HANG_UP], [92, 4, 4])[0]

    def at_data(_: tuple[str, ...]) -> str:
        return rng.choices([OK, "452 4.2.2 mailbox full", HANG_UP], [84, 6, 10])[0]

    return Desk(at_recipient=at_recipient, at_data=at_data, delay=lambda: rng.choice([0, 0, 0, 0.01, 0.05]))


def main() -> None:
    """Serve until SIGTERM; the port is the first line printed. SIGUSR1 ends the moods."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--refused", default="")
    options = parser.parse_args()
    desk = moody(options.seed, options.refused)
    with options.log.open("a", encoding="utf-8") as log:

        def note(one: Taken) -> None:
            desk.taken.clear()
            if one.answer in (OK, HANG_UP):  # it has the message; after HANG_UP the client cannot know
                found = {"to": list(one.recipients), "sha256": hashlib.sha256(one.content).hexdigest()}
                found["content"] = one.content.decode("ascii")
                found["heard"] = one.answer == OK
                log.write(json.dumps(found) + "\n")
                log.flush()

        def calm() -> None:
            desk.at_recipient = lambda address: "550 5.1.1 no such mailbox" if address == options.refused else OK
            desk.at_data = lambda _: OK
            desk.delay = lambda: 0.0

        async def serve() -> None:
            loop = asyncio.get_running_loop()
            desk.note = note
            done = asyncio.Event()
            loop.add_signal_handler(signal.SIGTERM, done.set)
            loop.add_signal_handler(signal.SIGUSR1, calm)
            server = await loop.create_server(lambda: SMTP(desk, loop=loop), "127.0.0.1", 0)
            print(server.sockets[0].getsockname()[1], flush=True)
            await done.wait()
            server.close()

        asyncio.run(serve())


if __name__ == "__main__":
    sys.exit(main())
