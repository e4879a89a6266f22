"""A home page and its robots.txt -> the ways into an outlet that they name, and the table to paste into sources.toml.

Nothing here fetches. `find_ways` runs in a child process; what it names are candidates, and the command tries each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.config.source_template import quoted
from crawler.models import SeedKind
from crawler.urls import absolute, host_of, registered_domain, url_key
from spiders.autodiscovery.timezones import guess_timezone
from spiders.listings.link_classifier import score
from spiders.listings.parser import parse_page

if TYPE_CHECKING:
    from lxml.html import HtmlElement

USUAL_FEEDS = (
    "feed/", "rss/", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed", "rss", "feeds/posts/default",
    "rss/index.xml", "feed.json", "news/rss", "news/feed/",
)  # fmt: skip
"""Where publishing systems put their feed (WordPress, Ghost, Hugo, Jekyll, Blogger, ...), tried where none is named."""
USUAL_SITEMAPS = ("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "sitemaps/news.xml")
MOST_FEEDS, MOST_SITEMAPS, MOST_LISTINGS = 12, 6, 6
"""Candidates of a kind: each is one request to somebody's server."""
_FEED_TYPES = re.compile(
    r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|text/(?:rss\+)?xml|application/xml", re.IGNORECASE
)
_FEED_PATH = re.compile(
    r"(?:/(?:rss|feed|feeds|atom)(?:/|\.xml|\.json)?$|\.(?:rss|rdf|atom)$|[?&]feed=\w+|/rss/[\w.-]*$)", re.IGNORECASE
)
_NO_ARTICLE_FEED = re.compile(
    r"comments?(?:/|\b)|komment[ai]r|commentaires|comentarios|podcast|/wp-json/|oembed|opensearch", re.IGNORECASE
)
_LATEST = re.compile(
    r"\b(?:latest|newest|archives?|all[ -]news|news[ -]?(?:feed|archive|list|room)?|breaking|press[ -]?releases?|ultim[aeio]\w*"
    r"|ultime|dernier\w*|aktuell\w*|alle[ -]meldungen|schlagzeilen|newsticker|todas|noticias|actualit\w+|notizie|wiadomo\w+)\b"
    r"|новини|новости|лента|стрічка|最新|新着|速報",
    re.IGNORECASE,
)  # fmt: skip
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A way that may lead in."""

    url: str
    kind: SeedKind
    why: str
    """Who names it: "its page", "robots.txt", "a usual place"."""
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """What a home page says of its outlet."""

    home: str
    name: str
    language: str | None
    timezone: str
    timezone_why: str
    """For the comment beside it: "the only one of .ua", "not known, see docs/reference/sources.md"."""
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A candidate, or a way of sources.toml, and what came of asking for it."""

    url: str
    kind: SeedKind
    http_status: int | None = None
    links: int = 0
    newest: str | None = None
    """Published time of its newest link, for people."""
    fault: str | None = None
    """One line; None: it works."""
    why: str = ""


def discover_seeds(body: bytes, *, url: str, content_type: str | None, robots: str | None) -> Outlet:
    """What the home page at `url` names. Raises UnreadableError where it is no HTML page."""
    root, base = parse_page(body, url=url, content_type=content_type)
    tag = _language_tag(root)
    timezone, why = guess_timezone(host_of(url), tag)
    feeds = _unique(_feeds(root, base), MOST_FEEDS)
    sitemaps = _unique(_sitemaps(robots or "", url), MOST_SITEMAPS)
    return Outlet(
        home=url,
        name=_name(root, url),
        language=tag[:2].lower() if tag and re.match(r"[A-Za-z]{2}(?![A-Za-z])", tag) else None,
        timezone=timezone,
        timezone_why=why,
        candidates=(*feeds, *sitemaps, *_unique(_listings(root, base, url), MOST_LISTINGS)),
    )


def usual_seed_urls(home: str, kind: SeedKind) -> tuple[Candidate, ...]:
    """Where an outlet that names no feed, or no news sitemap, may still have one."""
    origin = urljoin(home, "/")
    paths = USUAL_FEEDS if kind == "feed" else USUAL_SITEMAPS if kind == "sitemap" else ()
    bases = dict.fromkeys((origin, home if home.endswith("/") else f"{home}/")) if kind == "feed" else {origin: None}
    places = [Candidate(url=urljoin(base, path), kind=kind, why="a usual place") for base in bases for path in paths]
    return tuple(places[: MOST_FEEDS + 4])


def _feeds(root: HtmlElement, base: str) -> Iterator[Candidate]:
    for element in root.iter("link"):
        rel = (element.get("rel") or "").lower().split()
        if "alternate" in rel and _FEED_TYPES.search(element.get("type") or "") and not element.get("hreflang"):
            yield from _feed(element, base, "its page")
    home = registered_domain(host_of(base))
    for element in root.iter("a"):
        written = element.get("href") or ""
        address = absolute(base, written)
        # A link on a page may lead to anybody's feed; what its head names is the outlet's.
        if address and _FEED_PATH.search(written) and registered_domain(host_of(address)) == home:
            yield from _feed(element, base, "a link on its page")


def _feed(element: HtmlElement, base: str, why: str) -> Iterator[Candidate]:
    address = absolute(base, element.get("href") or "")
    title = " ".join((element.get("title") or "").split()) or None
    if address and not _NO_ARTICLE_FEED.search(f"{address} {title or ''}"):
        yield Candidate(url=address, kind="feed", why=why, title=title)


def _sitemaps(robots: str, url: str) -> Iterator[Candidate]:
    """Those that are news sitemaps by their name first: a general one lists everything since the beginning."""
    named = [absolute(url, written) for written in _SITEMAP_LINE.findall(robots)]
    for address in sorted((one for one in named if one), key=lambda one: "news" not in one.lower()):
        if not re.search(r"video|image|author|tag|categor|page[-_.]|static", urlsplit(address).path, re.IGNORECASE):
            yield Candidate(url=address, kind="sitemap", why="robots.txt")


def _listings(root: HtmlElement, base: str, url: str) -> Iterator[Candidate]:
    """Sections in the page's navigation: first those called "latest", "news", "archive"; the home page itself last."""
    home, own = registered_domain(host_of(url)), url_key(url)
    found: list[tuple[bool, Candidate]] = []
    for element in root.iter("a"):
        address = absolute(base, element.get("href") or "")
        if address is None or registered_domain(host_of(address)) != home or url_key(address) == own:
            continue
        text = " ".join(element.text_content().split())
        segments = [part for part in urlsplit(address).path.split("/") if part]
        if not text or not 1 <= len(segments) <= 3 or len(text.split()) > 4 or score(address, text) > 0:
            continue
        latest = bool(_LATEST.search(f"{text} {' '.join(segments).replace('-', ' ')}"))
        in_menu = next(element.iterancestors("nav", "header"), None) is not None
        if latest or (in_menu and len(segments) == 1 and not _is_service(address, text)):
            found.append((not latest, Candidate(url=address, kind="listing", why="its menu", title=text)))
    yield from (candidate for _, candidate in sorted(found, key=lambda pair: pair[0]))
    yield Candidate(url=url, kind="listing", why="you", title=None)


def _is_service(address: str, text: str) -> bool:
    from spiders.listings.link_classifier import features

    return bool(features(address, text) & {"service_segment", "service_word", "service_host", "asset"})


def _unique(candidates: Iterable[Candidate], most: int) -> list[Candidate]:
    by_key: dict[str, Candidate] = {}
    for candidate in candidates:
        by_key.setdefault(candidate.url.rstrip("/"), candidate)
    return list(by_key.values())[:most]


def _meta(root: HtmlElement, *names: str) -> str | None:
    for name in names:
        for element in root.iter("meta"):
            if (element.get("property") or element.get("name") or element.get("http-equiv") or "").lower() == name:
                content = " ".join((element.get("content") or "").split())
                if content:
                    return content
    return None


def _language_tag(root: HtmlElement) -> str | None:
    """ "uk-UA", as the page says it."""
    written = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    written = written or _meta(root, "og:locale", "content-language", "language")
    return written.strip().replace("_", "-") if written and written.strip() else None


def _name(root: HtmlElement, url: str) -> str:
    """og:site_name, or the part of the title that sounds like the host, or the host."""
    named = _meta(root, "og:site_name", "application-name", "apple-mobile-web-app-title")
    if named:
        return named[:100]
    host = registered_domain(host_of(url))
    title = next((" ".join(element.text_content().split()) for element in root.iter("title")), "")
    parts = [part.strip() for part in re.split(r"\s+[|–—·•:-]\s+|\s*[|•·]\s*", title) if part.strip()]
    label = re.sub(r"\W", "", host.partition(".")[0])
    alike = [
        part for part in parts if re.sub(r"\W", "", part).lower() in label or label in re.sub(r"\W", "", part).lower()
    ]
    return (alike or parts or [host])[0][:100]


def as_toml(
    outlet: Outlet,
    tried: Sequence[Tried],
    *,
    source_id: str,
    verified_on: date | None = None,
    allow_private: bool = False,
) -> str:
    """The table to paste. In comments: what does not work, with the reason; listings, where feeds work; all without a way."""
    working = [seed for seed in tried if seed.fault is None]
    better = any(seed.kind != "listing" for seed in working)
    taken = [seed for seed in working if not (better and seed.kind == "listing")]
    lines = [f"[{source_id}]", f"name = {quoted(outlet.name)}", f"home = {quoted(outlet.home)}"]
    for kind in ("feed", "sitemap", "listing"):
        lines += _key(f"{kind}s", [seed for seed in taken if seed.kind == kind])
    if not taken:
        lines.append("feeds = []  # none was found; a listing with a selector may do, see docs/reference/sources.md")
    if outlet.language:
        lines.append(f"language = {quoted(outlet.language)}")
    lines.append(f"timezone = {quoted(outlet.timezone)}  # {outlet.timezone_why}")
    if allow_private:
        lines.append("allow_private = true")
    if verified_on and taken:
        lines.append(f"verified_on = {verified_on.isoformat()}")
    spare = [seed for seed in working if seed not in taken]
    lines += [f"# also works: {seed.kind} {_line(seed.url)}: {_line(_verdict(seed))}" for seed in spare]
    lines += [f"# left out: {seed.kind} {_line(seed.url)}: {_line(_verdict(seed))}" for seed in tried if seed.fault]
    # As comments, what has no way in spoils no file that it is appended to.
    return "\n".join(lines if taken else [f"# {line}" for line in lines]) + "\n"


def _key(name: str, seeds: Sequence[Tried]) -> list[str]:
    if not seeds:
        return []
    return [f"{name} = [", *(f"  {quoted(seed.url)},  # {_line(_verdict(seed))}" for seed in seeds), "]"]


def _verdict(seed: Tried) -> str:
    if seed.fault is not None:
        return seed.fault
    newest = f", newest {seed.newest}" if seed.newest else ""
    return f"{seed.links} links{newest}" + (f" (named by {seed.why})" if seed.why else "")


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
