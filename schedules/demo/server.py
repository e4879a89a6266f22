"""Serve the demo web: four outlets, each on its own loopback address, in editions.

with DemoWeb(now=datetime.now(timezone.utc)) as web:
    web.write_sources(data_dir / "sources.toml")
    ...            # crawl
    web.publish(2) # new, edited, syndicated, removed stories
    ...            # crawl again
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from crawler.exceptions import WirewatchError
from schedules.demo.outlets import DEMO_OUTLETS, LANTERN, DemoOutlet, DemoStory
from schedules.demo.pages import DISCLAIMER, article_page, demo_picture, json_feed, render_demo

HTML = "text/html; charset=utf-8"
LAST_EDITION = 2
PORT_ATTEMPTS = 20
"""Attempts to find a port that is free on all four addresses; a collision is rare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResponse:
    """One response, before validators are added."""

    status: int = 200
    media: str = HTML
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRequest:
    """One request in the log."""

    outlet: str
    path: str
    status: int
    conditional: bool
    """Whether the request has If-None-Match or If-Modified-Since."""


class DemoWeb:
    """The four outlets in one edition. All times of the web are before `now`."""

    def __init__(self, edition: int = 1, *, now: datetime) -> None:
        self.now = now.astimezone(timezone.utc)
        self.edition = edition
        self.requests: list[DemoRequest] = []
        self._servers: list[ThreadingHTTPServer] = []

    @property
    def port(self) -> int:
        """Return the port that all outlets share. Valid after `start`."""
        return int(self._servers[0].server_address[1])

    def start(self) -> DemoWeb:
        """Bind the addresses and serve each outlet in its own thread."""
        self._servers = _bind(self)
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop serving and free the port."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers = []

    def __enter__(self) -> DemoWeb:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def publish(self, edition: int) -> None:
        """Publish another edition; later responses come from it."""
        self.edition = edition

    def base(self, outlet: DemoOutlet) -> str:
        """Return the outlet's "http://host:port"."""
        return f"http://{outlet.address}:{self.port}"

    def url(self, outlet: DemoOutlet, story: DemoStory) -> str:
        """Return a story's canonical URL."""
        return self.base(outlet) + outlet.path_of(story)

    def write_sources(self, path: Path) -> None:
        """Write a sources.toml that names the four outlets."""
        path.write_text(
            "\n".join(_source_table(outlet, self.base(outlet)) for outlet in DEMO_OUTLETS), encoding="utf-8"
        )

    def answer(self, outlet: DemoOutlet, target: str) -> DemoResponse:
        """Return the response to a request target in the current edition."""
        parts = urlsplit(target)
        base, edition = self.base(outlet), self.edition
        if parts.path.startswith("/img/"):
            return DemoResponse(media="image/svg+xml", body=demo_picture(parts.path).encode())
        document = self._document(outlet, parts.path)
        if document:
            return document
        if parts.path in ("/", outlet.listing) or parts.path.startswith("/section/"):
            section = parts.path.removeprefix("/section/") if parts.path.startswith("/section/") else None
            stories = [story for story in outlet.printed(edition) if section in (None, story.section)]
            return _html(render_demo("listing.html", outlet=outlet, stories=stories, now=self.now, base=base))
        story = _find(outlet, parts.path, parse_qs(parts.query).get("id", [""])[0])
        if story and story.gone(edition):
            return _notice(outlet, "Removed", "This story has been taken down by the editors.", 410)
        if story and story.printed(edition):
            return self._article(outlet, story.at(edition))
        if parts.path == "/about":
            return _notice(outlet, "About us", f"{outlet.name}: {outlet.motto}. {DISCLAIMER}")
        return _notice(outlet, "Not found", "There is no such page.", 404)

    def _document(self, outlet: DemoOutlet, path: str) -> DemoResponse | None:
        values = {"outlet": outlet, "base": self.base(outlet), "now": self.now, "stories": outlet.printed(self.edition)}
        if path == "/robots.txt":
            return DemoResponse(media="text/plain", body=render_demo("robots.txt", **values).encode())
        if path in outlet.feeds and path.endswith(".json"):
            body = json_feed(outlet, self.edition, self.now, self.base(outlet)).encode()
            return DemoResponse(media="application/feed+json", body=body)
        if path == "/news-sitemap.xml.gz" and outlet.sitemaps:
            body = gzip.compress(render_demo("news_sitemap.xml", **values).encode(), mtime=0)
            return DemoResponse(media="application/gzip", body=body)
        if path in (*outlet.feeds, *outlet.sitemaps):
            name = "sitemap_index.xml" if path in outlet.sitemaps else "atom.xml" if "atom" in path else "rss.xml"
            return DemoResponse(media="application/xml", body=render_demo(name, **values).encode())
        return None

    def _article(self, outlet: DemoOutlet, story: DemoStory) -> DemoResponse:
        if story.kind == "walled":
            return _html(render_demo("challenge.html", outlet=outlet), 403)
        html = article_page(outlet, story, edition=self.edition, now=self.now, base=self.base(outlet))
        if story.kind == "wrong-charset":
            return DemoResponse(body=html.encode("cp1252", "xmlcharrefreplace"))
        return _html(html)


def _html(text: str, status: int = 200) -> DemoResponse:
    return DemoResponse(status=status, body=text.encode())


def _notice(outlet: DemoOutlet, heading: str, sentence: str, status: int = 200) -> DemoResponse:
    return _html(render_demo("notice.html", outlet=outlet, heading=heading, sentence=sentence), status)


def _find(outlet: DemoOutlet, path: str, identifier: str) -> DemoStory | None:
    """Find a story by any form of its path: /news-feed/x, /x and /x/; /section/x.html; story.php?id=x."""
    relevant = identifier if outlet.id == LANTERN.id else path.rstrip("/").rsplit("/", 1)[-1].removesuffix(".html")
    return next((story for story in outlet.stories if story.slug == relevant), None)


def _bind(web: DemoWeb) -> list[ThreadingHTTPServer]:
    last: OSError | None = None
    for _ in range(PORT_ATTEMPTS):
        servers: list[ThreadingHTTPServer] = []
        port = 0
        try:
            for outlet in DEMO_OUTLETS:
                servers.append(_Server((outlet.address, port), _handler(web, outlet)))
                port = int(servers[0].server_address[1])
        except OSError as error:
            last = error
            for server in servers:
                server.server_close()
        else:
            return servers
    relevant = ", ".join(outlet.address for outlet in DEMO_OUTLETS)
    raise WirewatchError(
        f"the demo cannot serve on {relevant}: {last}; where only 127.0.0.1 exists (macOS), add the others first: "
        f"sudo ifconfig lo0 alias {DEMO_OUTLETS[0].address}"
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = False
    request_queue_size = 64


def _handler(web: DemoWeb, outlet: DemoOutlet) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "DemoWeb"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            answer = web.answer(outlet, self.path)
            tag = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
            conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
            fresh = answer.status == 200 and tag in self.headers.get("If-None-Match", "")
            status = 304 if fresh else answer.status
            web.requests.append(DemoRequest(outlet=outlet.id, path=self.path, status=status, conditional=conditional))
            self.send_response(status)
            if answer.status == 200:
                self.send_header("ETag", tag)
                self.send_header("Last-Modified", format_datetime(web.now.replace(microsecond=0), usegmt=True))
            if not fresh:
                self.send_header("Content-Type", answer.media)
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command == "GET" and not fresh:
                self.wfile.write(answer.body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name in the standard library
            """Print no log; `requests` is the log."""

    return Handler


def _source_table(outlet: DemoOutlet, base: str) -> str:
    def urls(paths: tuple[str, ...]) -> str:
        return "[" + ", ".join(f'"{base}{path}"' for path in paths) + "]"

    lines = [f"[{outlet.id}]", f'name = "{outlet.name}"', f'home = "{base}/"', f'timezone = "{outlet.timezone}"']
    lines += ['language = "en"', "delay = 0.0", 'poll_interval = "1s"', "allow_private = true  # it stands on loopback"]
    if outlet.link_path.startswith("/news-feed/"):
        lines.append("slug_identity = true  # /news-feed/x, /x and /x/ are one article")
    if outlet.feeds:
        lines.append(f"feeds = {urls(outlet.feeds)}")
    if outlet.sitemaps:
        lines.append(f"sitemaps = {urls(outlet.sitemaps)}")
    if outlet.listing and outlet.listing_pattern:
        lines.append(f"listings = [{{ url = \"{base}{outlet.listing}\", pattern = '{outlet.listing_pattern}' }}]")
    elif outlet.listing:
        lines.append(f"listings = {urls((outlet.listing,))}")
    return "\n".join(lines) + "\n"
