"""A proxy on loopback through which Chromium reaches public addresses only, as `private_networks.py` does for Scrapy.

A browser resolves names itself, and scripts make requests of their own. All of them pass through this proxy, which
resolves each host once and connects to the address that it checked. It runs in its own thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.http.private_networks import bare, is_public, record_refusal, refusal

if TYPE_CHECKING:
    from typing_extensions import Self

HEAD_LIMIT = 65_536
"""Limit for the head of a request, in bytes."""
HEAD_SECONDS = 60.0
"""Time limit for the head of a request: Chromium opens connections in advance, and closes unused ones after a minute."""
CONNECT_SECONDS = 15.0
"""Time limit for connecting to one address."""
IDLE_SECONDS = 120.0
"""A connection without any data for this time is closed; a page has 30 s in all."""
PIPE_CHUNK = 65_536
"""Bytes copied at a time."""
REFUSED_HEADER = "Wirewatch-Refused"
UNREACHABLE_HEADER = "Wirewatch-Unreachable"
"""Headers of responses made by the proxy itself, with the reason: nothing was received from the outlet."""

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Forbidden(Exception):  # noqa: N818 -- a decision, not an error
    """The host has private addresses only."""


class FilteringProxy:
    """An HTTP proxy for CONNECT and for http:// requests; use as `with FilteringProxy(allowed) as proxy: proxy.url`."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """Create the proxy. `allowed`: hosts that may have private addresses."""
        self._allowed = frozenset(bare(host) for host in allowed)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="filtering-proxy", daemon=True)

    @property
    def url(self) -> str:
        """The address of the proxy, for Chromium's --proxy-server."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Close all connections and end the thread."""
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
            # Repeat: `wait_for` before Python 3.12 can lose a cancellation (gh-86296).
            while tasks := asyncio.all_tasks(self._loop):
                for task in tasks:
                    task.cancel()
                self._loop.run_until_complete(asyncio.wait(tasks, timeout=1))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            try:
                await self._serve_request(reader, writer)
            except asyncio.CancelledError:
                writer.transport.abort()  # the proxy is stopped
            except Forbidden as error:
                writer.write(_own_response(403, REFUSED_HEADER, str(error)))
            except asyncio.IncompleteReadError:
                pass  # a connection opened in advance and closed unused
            except (OSError, asyncio.TimeoutError) as error:
                writer.write(_own_response(502, UNREACHABLE_HEADER, _reason_of(error)))
            except (ValueError, asyncio.LimitOverrunError):
                writer.write(_own_response(400, UNREACHABLE_HEADER, "not a request to a proxy"))
            finally:
                writer.close()
                await writer.wait_closed()

    async def _serve_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            server = await self._connect(host, int(port))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            server = await self._connect(*_host_and_port(target))
            server[1].write(_as_origin(head, method, target))
        await _pipe((reader, writer), server)

    async def _connect(self, host: str, port: int) -> _Streams:
        """Connect to the first permitted address that accepts. Raises Forbidden if no address is permitted."""
        name = bare(host)
        loop = asyncio.get_running_loop()
        found = await asyncio.wait_for(loop.getaddrinfo(name, port, type=socket.SOCK_STREAM), CONNECT_SECONDS)
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        usable = [address for address in addresses if name in self._allowed or is_public(address)]
        record_refusal(name, None if usable else addresses[0])
        if not usable:
            raise Forbidden(refusal(name, addresses[0]))
        error: Exception = OSError("no address")
        for address in usable:
            try:
                return await asyncio.wait_for(asyncio.open_connection(address, port), CONNECT_SECONDS)
            except (OSError, asyncio.TimeoutError) as failure:
                error = failure
        raise error


def _host_and_port(target: str) -> tuple[str, int]:
    parts = urlsplit(target)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(target)
    return parts.hostname, parts.port or 80


def _as_origin(head: bytes, method: str, target: str) -> bytes:
    """The head of a proxy request as the server expects it: a path in place of the URL, one request per connection."""
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    _, rest = head.split(b"\r\n", 1)
    lines = [line for line in rest.split(b"\r\n") if not line.lower().startswith((b"proxy-", b"connection:"))]
    return f"{method} {path} HTTP/1.1\r\n".encode("latin-1") + b"Connection: close\r\n" + b"\r\n".join(lines)


def _reason_of(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "host name not found"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, asyncio.TimeoutError):
        return "no response in time"
    return (error.strerror if isinstance(error, OSError) else None) or "connection lost"


def _own_response(status: int, header: str, reason: str) -> bytes:
    """A response made by the proxy itself."""
    text = " ".join(reason.split()).encode("utf-8", "replace")
    head = f"HTTP/1.1 {status} Wirewatch\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
    return b"%s%s: %s\r\nContent-Length: %d\r\n\r\n%s" % (head.encode(), header.encode(), text, len(text), text)


async def _pipe(client: _Streams, server: _Streams) -> None:
    """Copy data in both directions until one side closes the connection or IDLE_SECONDS pass without data."""
    clock = asyncio.get_running_loop().time
    last_data_at = clock()

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        nonlocal last_data_at
        with contextlib.suppress(OSError):
            while data := await source.read(PIPE_CHUNK):
                last_data_at = clock()
                target.write(data)
                await target.drain()

    tasks = [asyncio.ensure_future(work) for work in (copy(client[0], server[1]), copy(server[0], client[1]))]
    try:
        done: set[asyncio.Task[None]] = set()
        while not done and (left := last_data_at + IDLE_SECONDS - clock()) > 0:
            done, _ = await asyncio.wait(tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        server[1].close()
