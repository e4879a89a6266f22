"""A site of article pages on loopback: twelve outlets, each with its own address, feed, news sitemap and listing.

It runs as a process of its own, so that its CPU time does not count as the crawler's:

    python benchmarks/support/sites/static_site.py --limit 120          # serves until its standard input closes

It prints one line of JSON with the seeds of each outlet and the URL of each page. `Web` below starts it and reads this line.
Pages come from `--pages DIR` (gold.jsonl and pages/*.html.gz, may be repeated), else from the corpus (`WIREWATCH_CORPUS`), else
from `generated_text.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape, unescape
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[3]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.extraction.gold import read_gold  # noqa: E402
from benchmarks.support.sites import generated_text  # noqa: E402
from benchmarks.support.sites.generated_text import ServedPage  # noqa: E402

OUTLETS = 12
SETS = ("fundus", "scrapinghub", "trafilatura")
IN_FEED, IN_LISTING = 20, 30
"""Number of newest articles in the feed and in the listing, as at usual outlets; the sitemap has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletSeeds:
    """The seeds of one outlet and the articles that they lead to."""

    id: str
    address: str
    base: str
    feed: str
    sitemap: str
    listing: str
    pages: tuple[str, ...]
    """URLs of its articles."""


def corpus_sets() -> list[Path]:
    """The folders of the corpus's gold sets; empty without a corpus."""
    corpus = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
    return [corpus / "articles" / name for name in SETS if (corpus / "articles" / name / "gold.jsonl").exists()]


def read_set(folder: Path) -> Iterable[ServedPage]:
    """The pages of a folder with gold.jsonl and pages/."""
    for gold, html in read_gold(folder):
        found = re.search(rb"<title[^>]*>([^<]*)", html, re.IGNORECASE)
        title = gold.get("title") or (unescape(found[1].decode(errors="replace")).strip() if found else "")
        yield ServedPage(id=gold["id"], title=title or gold["id"], html=html)


def choose_pages(folders: Sequence[Path], limit: int | None, made: int) -> list[ServedPage]:
    """Pages of all folders in turn, up to `limit`; without folders, `made` generated pages.

    If the limit is larger than the number of pages, the rest are copies with other words in their texts.
    """
    if not folders:
        return [generated_text.page(number) for number in range(limit or made)]
    mixed = [page for row in zip_longest(*(read_set(folder) for folder in folders)) for page in row if page]
    copies = range(1, -(-(limit or 0) // len(mixed)))
    return [*mixed, *(varied(page, copy) for copy in copies for page in mixed)][:limit]


_TEXT = re.compile(rb"""(?<=>)[^<>{}"]{60,}(?=<)""")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]{5,}")
"""A longer word, in any encoding that contains ASCII."""


def varied(page: ServedPage, copy: int) -> ServedPage:
    """Another article of the same shape: half of the longer words in its running text end with other letters."""
    ending = bytes(97 + digit for digit in divmod(copy, 26))

    def changed(word: re.Match[bytes]) -> bytes:
        return word[0] + ending if zlib.crc32(word[0], copy) % 2 == 0 else word[0]

    html = _TEXT.sub(lambda text: _WORD.sub(changed, text[0]), page.html)
    return ServedPage(id=f"{page.id}-{copy}", title=f"{page.title} ({copy})", html=html)


@dataclass(frozen=True, slots=True)
class Served:
    """A compressed body with its media type and ETag."""

    media: str
    packed: bytes
    tag: str

    @staticmethod
    def of(body: bytes, media: str) -> Served:
        return Served(media, gzip.compress(body, 6, mtime=0), f'"{hashlib.sha256(body).hexdigest()[:16]}"')


class Outlet:
    """One outlet with its documents by path."""

    def __init__(self, number: int, pages: Sequence[ServedPage], now: datetime) -> None:
        self.id = f"outlet-{number:02}"
        self.address = f"127.30.0.{number}"
        self.pages = pages
        self.now = now
        self.documents: dict[str, Served] = {}

    def build(self, port: int) -> OutletSeeds:
        """Create all documents, once the port is known."""
        base = f"http://{self.address}:{port}"
        paths = [f"/story/{page.id}.html" for page in self.pages]
        for path, page in zip(paths, self.pages, strict=True):
            # without a charset, so that only the page itself declares one
            self.documents[path] = Served.of(page.html, "text/html")
        self.documents["/robots.txt"] = Served.of(
            f"User-agent: *\nDisallow: /private/\n\nSitemap: {base}/news.xml\n".encode(), "text/plain"
        )
        self.documents["/feed.xml"] = Served.of(self._feed(base, paths), "application/rss+xml")
        self.documents["/news.xml"] = Served.of(self._sitemap(base, paths), "application/xml")
        self.documents["/latest.html"] = Served.of(self._listing(paths), "text/html; charset=utf-8")
        return OutletSeeds(
            id=self.id,
            address=self.address,
            base=base,
            feed=f"{base}/feed.xml",
            sitemap=f"{base}/news.xml",
            listing=f"{base}/latest.html",
            pages=tuple(base + path for path in paths),
        )

    def _time(self, position: int) -> datetime:
        return self.now - timedelta(minutes=7 * position + 3)

    def _feed(self, base: str, paths: Sequence[str]) -> bytes:
        items = "".join(
            f"<item><title>{escape(page.title)}</title><link>{base}{path}</link><guid>{base}{path}</guid>"
            f"<pubDate>{format_datetime(self._time(n), usegmt=True)}</pubDate></item>"
            for n, (path, page) in enumerate(zip(paths, self.pages, strict=True))
            if n < IN_FEED
        )
        channel = f"<channel><title>{self.id}</title>{items}</channel>"
        return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'.encode()

    def _sitemap(self, base: str, paths: Sequence[str]) -> bytes:
        urls = "".join(
            f"<url><loc>{base}{path}</loc><news:news><news:publication><news:name>{self.id}</news:name>"
            f"<news:language>en</news:language></news:publication><news:publication_date>{self._time(n).isoformat()}"
            f"</news:publication_date><news:title>{escape(page.title)}</news:title></news:news></url>"
            for n, (path, page) in enumerate(zip(paths, self.pages, strict=True))
        )
        return (
            '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
        ).encode()

    def _listing(self, paths: Sequence[str]) -> bytes:
        newest = list(zip(paths, self.pages, strict=True))[:IN_LISTING]
        items = "".join(f'<h2><a href="{path}">{escape(page.title)}</a></h2>' for path, page in newest)
        return f"<!DOCTYPE html><html><head><title>{self.id}</title></head><body>{items}</body></html>".encode()


class Protocol(asyncio.Protocol):
    """The part of HTTP/1.1 that a crawl needs: GET, keep-alive, gzip, ETag."""

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            self._respond(head.decode("latin-1"))

    def _respond(self, head: str) -> None:
        request, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        served = self.outlet.documents.get(request.split()[1].split("?")[0])
        if served is None:
            self._send("404 Not Found", ["Content-Length: 0"])
        elif served.tag in headers.get("if-none-match", ""):
            self._send("304 Not Modified", [f"ETag: {served.tag}"])
        else:
            packed = "gzip" in headers.get("accept-encoding", "")
            body = served.packed if packed else gzip.decompress(served.packed)
            encoding = ["Content-Encoding: gzip"] if packed else []
            kind = [f"Content-Type: {served.media}", f"Content-Length: {len(body)}", f"ETag: {served.tag}"]
            self._send("200 OK", kind + encoding, body)

    def _send(self, status: str, headers: Sequence[str], body: bytes = b"") -> None:
        assert self.transport is not None
        self.transport.write("\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + body)


async def serve(outlets: Sequence[Outlet], note: dict[str, Any], port: int) -> None:
    """Serve until standard input closes, because then the parent process has ended."""
    loop = asyncio.get_running_loop()
    servers = []
    for outlet in outlets:
        server = await loop.create_server(lambda outlet=outlet: Protocol(outlet), outlet.address, port)  # type: ignore[misc]  # the default argument binds early
        servers.append(server)
        port = port or server.sockets[0].getsockname()[1]
    print(json.dumps({**note, "outlets": [asdict(outlet.build(port)) for outlet in outlets]}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    for server in servers:
        server.close()


@dataclass(slots=True)
class Web:
    """The site in a child process: `with Web(limit=120) as web: web.outlets`."""

    folders: Sequence[Path] = ()
    limit: int | None = None
    made: int | None = None
    """Number of generated pages to serve instead of real ones."""
    outlets: tuple[OutletSeeds, ...] = ()
    origin: str = ""
    """Description of the pages, for output."""
    pid: int = 0
    _process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Web:
        command = [sys.executable, str(Path(__file__)), *(f"--pages={folder}" for folder in self.folders)]
        command += [f"--limit={self.limit}"] if self.limit else []
        command += [f"--made={self.made}"] if self.made else []
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(self._process.wait())  # it has printed the reason
        note = json.loads(line)
        self.pid, self.origin = self._process.pid, note["origin"]
        self.outlets = tuple(OutletSeeds(**{**o, "pages": tuple(o["pages"])}) for o in note["outlets"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None and self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=60)

    @property
    def pages(self) -> list[str]:
        """The URL of every article page."""
        return [url for outlet in self.outlets for url in outlet.pages]

    def write_sources(self, path: Path) -> None:
        """Write a sources.toml with the outlets."""
        path.write_text("\n".join(_table(outlet) for outlet in self.outlets), encoding="utf-8")


def _table(outlet: OutletSeeds) -> str:
    return f"""[{outlet.id}]
name = "{outlet.id}"
home = "{outlet.base}/"
feeds = ["{outlet.feed}"]
sitemaps = ["{outlet.sitemap}"]
listings = [{{ url = "{outlet.listing}", pattern = "/story/" }}]
language = "en"
timezone = "UTC"
delay = 0.0
poll_interval = "1s"
allow_private = true
"""


def main() -> None:
    """Choose pages, distribute them over the outlets, and serve them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, action="append", default=[], help="folder with gold.jsonl and pages/")
    parser.add_argument("--limit", type=int, help="largest number of pages")
    parser.add_argument("--made", type=int, help="number of generated pages to serve instead of real ones")
    parser.add_argument("--port", type=int, default=0, help="port of all outlets (default: a free one)")
    args = parser.parse_args()
    folders = [] if args.made else (args.pages or corpus_sets())
    pages = choose_pages(folders, args.limit, args.made or 400)
    now = datetime.now(timezone.utc).replace(microsecond=0)
    outlets = [Outlet(n + 1, pages[n::OUTLETS], now) for n in range(min(OUTLETS, len(pages)))]
    origin = ", ".join(folder.name for folder in folders) if folders else "generated pages (no corpus)"
    note = {"origin": f"{len(pages)} pages: {origin}", "megabytes": sum(len(page.html) for page in pages) / 1e6}
    asyncio.run(serve(outlets, note, args.port))


if __name__ == "__main__":
    main()
