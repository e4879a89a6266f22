"""A site on loopback whose outlets publish during a test; each outlet has its own address, a feed and articles."""

from __future__ import annotations

import random
import threading
from datetime import datetime, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from typing_extensions import Self

WINDOW = 30
"""Articles in a feed."""
EVERY = "2s"
"""Poll interval of the feeds; the shortest adaptive interval is a quarter of it."""
_WORDS = ("harbour", "council", "bridge", "school", "market", "ferry", "archive", "winter", "orchard", "station")

_MORE = tuple(
    a + b
    for a in ("al", "ber", "cor", "dun", "el", "far", "gri", "hol", "is", "jor", "kel", "lam")
    for b in ("ton", "da", "mere", "win", "gate", "ly")
)
"""Invented words, so that the texts of two articles have nothing in common."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore the connections that killed crawls reset."""


class GrowingWeb:
    """A site of `outlets` outlets with `first` articles each; `publish` adds articles."""

    def __init__(self, *, outlets: int, first: int, network: str = "127.31.0") -> None:
        self._servers = [_Server((f"{network}.{number + 1}", 0), _handler(self, number)) for number in range(outlets)]
        self._published: list[list[datetime]] = [[datetime.now(timezone.utc)] * first for _ in range(outlets)]
        self.requests = 0
        self.failing: set[int] = set()
        """Outlets that answer 503."""

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def base(self, outlet: int) -> str:
        """The URL of an outlet: "http://address:port"."""
        address, port = self._servers[outlet].server_address[:2]
        return f"http://{address!s}:{port}"

    def publish(self, count: int, outlet: int | None = None) -> None:
        """Add `count` articles to one outlet, or to each."""
        for number, published in enumerate(self._published):
            if outlet is None or number == outlet:
                published.extend([datetime.now(timezone.utc)] * count)

    def urls(self) -> list[str]:
        """The URLs of all articles so far."""
        return [
            f"{self.base(outlet)}/news/{number}"
            for outlet, published in enumerate(self._published)
            for number in range(len(published))
        ]

    def write_sources(self, path: Path, *, poll_interval: str = EVERY) -> None:
        """Write a sources.toml with the outlets."""
        tables = [
            f'[outlet{number}]\nname = "Outlet {number}"\nhome = "{self.base(number)}/"\n'
            f'feeds = ["{self.base(number)}/rss"]\npoll_interval = "{poll_interval}"\ndelay = 0\nallow_private = true\nlanguage = "en"\n'  # noqa: E501
            for number in range(len(self._servers))
        ]
        path.write_text("\n".join(tables), encoding="utf-8")

    def answer(self, outlet: int, path: str) -> tuple[int, str, str]:
        """(HTTP status, media type, body)."""
        self.requests += 1
        if outlet in self.failing:
            return 503, "text/plain", "down"
        if path == "/rss":
            return 200, "application/rss+xml", self._feed(outlet)
        number = path.removeprefix("/news/")
        if number.isdigit() and int(number) < len(self._published[outlet]):
            return 200, "text/html; charset=utf-8", self._page(outlet, int(number))
        return 404, "text/plain", "no such page"

    def _feed(self, outlet: int) -> str:
        published = self._published[outlet]
        items = "".join(
            f"<item><title>{_title(outlet, number)}</title><link>{self.base(outlet)}/news/{number}</link>"
            f"<pubDate>{format_datetime(published[number])}</pubDate></item>"
            for number in range(len(published) - 1, max(-1, len(published) - 1 - WINDOW), -1)
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Outlet {outlet}</title>{items}</channel></rss>'

    def _page(self, outlet: int, number: int) -> str:
        day = self._published[outlet][number].isoformat(timespec="seconds")
        rng = random.Random(f"{outlet} {number}")  # each article is its own story
        paragraphs = "".join(
            f"<p>{' '.join(rng.choice(_MORE) for _ in range(14)).capitalize()}. The {_WORDS[line % 10]} number {number} was"
            f" opened again by {rng.choice(_MORE)} {rng.choice(_MORE)} and {rng.randrange(9000)} others.</p>"
            for line in range(8)
        )
        return (
            f'<!doctype html><html lang="en"><head><title>{_title(outlet, number)}</title>'
            f'<meta property="article:published_time" content="{day}"></head>'
            f"<body><article><h1>{_title(outlet, number)}</h1>{paragraphs}</article></body></html>"
        )


def _title(outlet: int, number: int) -> str:
    return f"The {_WORDS[number % 10]} of the {_WORDS[(number // 10 + outlet) % 10]} opens, report {number}"


def _handler(web: GrowingWeb, outlet: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, media, body = web.answer(outlet, self.path.partition("?")[0])
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
            pass

    return Handler
