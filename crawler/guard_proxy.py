"""A proxy on loopback that lets Chromium reach public addresses only, as `guard.py` does for Scrapy.

A browser resolves names by itself and follows what scripts tell it. Behind this proxy it connects nowhere else: each
host is resolved here, once, and the connection is made to the very address that was judged. Runs in a thread of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.guard import is_public, refusal

if TYPE_CHECKING:
    from typing_extensions import Self

HEAD_LIMIT = 65_536
"""Bytes of a request's head."""
CONNECT_SECONDS = 15.0
"""Time to connect to an outlet's server."""
CHUNK = 65_536
"""Bytes piped at a time."""


class Forbidden(Exception):  # noqa: N818 -- a decision, not an error
    """A host that may not be reached."""


class GuardProxy:
    """`with GuardProxy(allowed) as proxy: proxy.url`. HTTP proxy for CONNECT and for plain http:// requests."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """`allowed`: hosts that may have private addresses."""
        self._allowed = frozenset(host.lower() for host in allowed)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="guard-proxy", daemon=True)

    @property
    def url(self) -> str:
        """For Chromium's --proxy-server."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """End all connections."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._handle, sock=self._socket, limit=HEAD_LIMIT))
        try:
            self._loop.run_forever()
        finally:
            server.close()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
            if method == "CONNECT":
                host, _, port = target.rpartition(":")
                upstream = await self._connect(host, int(port))
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                upstream = await self._connect(*_host_and_port(target))
                upstream[1].write(_as_origin(head, method, target))
            await _pipe(reader, writer, *upstream)
        except Forbidden as error:
            writer.write(_answer(403, str(error)))
        except (OSError, asyncio.TimeoutError) as error:
            writer.write(_answer(502, str(error) or "no answer in time"))
        except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.write(_answer(400, "not a proxy request"))
        finally:
            with contextlib.suppress(OSError):
                await writer.drain()
            writer.close()

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        name = host.strip("[]").lower()
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
        addresses = [str(info[4][0]) for info in found]
        usable = [address for address in addresses if name in self._allowed or is_public(address)]
        if not usable:
            raise Forbidden(refusal(name, addresses[0]))
        return await asyncio.wait_for(asyncio.open_connection(usable[0], port), CONNECT_SECONDS)


def _host_and_port(target: str) -> tuple[str, int]:
    parts = urlsplit(target)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(target)
    return parts.hostname, parts.port or 80


def _as_origin(head: bytes, method: str, target: str) -> bytes:
    """The request as the server itself wants it: a path in place of the URL, one request a connection."""
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    _, rest = head.split(b"\r\n", 1)
    lines = [line for line in rest.split(b"\r\n") if not line.lower().startswith((b"proxy-", b"connection:"))]
    return f"{method} {path} HTTP/1.1\r\n".encode("latin-1") + b"Connection: close\r\n" + b"\r\n".join(lines)


def _answer(status: int, text: str) -> bytes:
    body = text.encode("utf-8", "replace")
    return (
        f"HTTP/1.1 {status} Refused\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    )


async def _pipe(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    from_server: asyncio.StreamReader,
    to_server: asyncio.StreamWriter,
) -> None:
    """Both ways until either side ends."""

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(CHUNK):
                target.write(data)
                await target.drain()

    tasks = [asyncio.ensure_future(copy(reader, to_server)), asyncio.ensure_future(copy(from_server, writer))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        to_server.close()
