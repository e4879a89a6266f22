"""A web server on a loopback address of its own; tests set its responses, including invalid ones."""

from __future__ import annotations

import itertools
import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

_numbers = itertools.count(1)


def fresh_address() -> str:
    """An address of 127/8 that no other test of this run uses; Wirewatch treats it as a domain of its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw") or 0)
    number = next(_numbers)
    return f"127.{40 + worker}.{number // 250}.{number % 250 + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One response."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    """The Content-Length header; None: the length of the body. If it is larger, the connection ends before the body is complete."""
    without_length: bool = False
    """Send no Content-Length header: the body ends when the connection is closed."""


def html(text: str, **headers: str) -> Reply:
    """A response with an HTML page."""
    return Reply(body=text.encode(), headers={"Content-Type": "text/html; charset=utf-8", **_named(headers)})


def xml(text: str, **headers: str) -> Reply:
    """A response with a feed or sitemap."""
    return Reply(body=text.encode(), headers={"Content-Type": "application/xml", **_named(headers)})


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


class Site:
    """`with Site() as site: site["/path"] = html("...")`; `site.requests` lists the requests."""

    def __init__(self, address: str | None = None) -> None:
        self.address = address or fresh_address()
        self.pages: dict[str, Reply | Callable[[Mapping[str, str]], Reply]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._server = ThreadingHTTPServer((self.address, 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def base(self) -> str:
        return f"http://{self.address}:{self._server.server_address[1]}"

    def __setitem__(self, path: str, reply: Reply | Callable[[Mapping[str, str]], Reply]) -> None:
        self.pages[path] = reply

    def paths(self) -> list[str]:
        """The requested paths except /robots.txt, in order."""
        return [path for path, _ in self.requests if path != "/robots.txt"]

    def __enter__(self) -> Site:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            site.requests.append((self.path, headers))
            page = site.pages.get(self.path, Reply(status=404, body=b"not here", headers={"Content-Type": "text/html"}))
            reply = page(headers) if callable(page) else page
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            early = reply.without_length or (reply.length is not None and reply.length != len(reply.body))
            if not reply.without_length:
                self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            if early:
                self.send_header("Connection", "close")
                self.close_connection = True
            self.end_headers()
            self.wfile.write(reply.body)
            if early:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library names it
            """Log nothing; `requests` has every request."""

    return Handler
