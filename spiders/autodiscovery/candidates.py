"""Find the seeds of an outlet in its home page and robots.txt, and write the table to paste into sources.toml.

Nothing here sends requests. `discover_seeds` runs in a child process and returns candidates; `scrapy sources add`
probes each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from crawler.config.source_template import quoted
from crawler.models import SeedKind
from crawler.urls import absolute, host_of, registered_domain, url_key
from spiders.autodiscovery.timezones import guess_timezone
from spiders.listings.cards import own_text
from spiders.listings.link_classifier import score
from spiders.listings.page import parse_page

if TYPE_CHECKING:
    from lxml.etree import _Element

USUAL_FEEDS = (
    "feed/", "rss/", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed", "rss", "feeds/posts/default",
    "rss/index.xml", "feed.json", "news/rss", "news/feed/",
)  # fmt: skip
"""Default feed paths of publishing systems (WordPress, Ghost, Hugo, Jekyll, Blogger, ...), probed if no feed is linked."""
USUAL_SITEMAPS = ("news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "sitemaps/news.xml")
MOST_FEEDS, MOST_SITEMAPS, MOST_LISTINGS = 12, 6, 6
"""Candidates per kind; each costs one request."""
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
_LINK_HEADER = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^;,"<]*))*)')
_LINK_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^;,"]*))')
MAX_LINK_HEADER = 8_000
"""Characters of a Link header that are read."""
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A possible seed."""

    url: str
    kind: SeedKind
    found_in: str
    """"home page", "robots.txt", "default path", ..."""
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An outlet as its home page describes it."""

    home: str
    name: str
    language: str | None
    timezone: str
    timezone_reason: str
    """For the comment in the table: "guessed: the only zone of .ua"."""
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """The result of probing a candidate or a seed of sources.toml."""

    url: str
    kind: SeedKind
    http_status: int | None = None
    links: int = 0
    newest: str | None = None
    """Published time of the newest link, for people."""
    entries: int = 0
    """Entries of the document: its links and those left out."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Number of entries that are not links, by reason code."""
    fault: str | None = None
    """One line; None if it works."""
    found_in: str = ""
    """As in `Candidate`; "" for a seed of sources.toml."""


def discover_seeds(
    body: bytes, *, url: str, content_type: str | None, robots: str | None, link_headers: Sequence[str] = ()
) -> Outlet:
    """The outlet and the candidates that its home page and robots.txt name. Raises ParseError if it is not HTML.

    `link_headers`: the values of the page's HTTP header Link.
    """
    page = parse_page(body, url=url, content_type=content_type)
    root, base = page.root, page.base
    tag = _language_tag(root)
    timezone, timezone_reason = guess_timezone(host_of(url), tag)
    feeds = _unique([*_header_feeds(link_headers, url), *_feeds(root, base)], MOST_FEEDS)
    sitemaps = _unique(_sitemaps(robots or "", url), MOST_SITEMAPS)
    return Outlet(
        home=url,
        name=_name(root, url),
        language=tag[:2].lower() if tag and re.match(r"[A-Za-z]{2}(?![A-Za-z])", tag) else None,
        timezone=timezone,
        timezone_reason=timezone_reason,
        candidates=(*feeds, *sitemaps, *_unique(_listings(root, base, url), MOST_LISTINGS)),
    )


def usual_seed_urls(home: str, kind: SeedKind) -> tuple[Candidate, ...]:
    """Default paths of feeds or news sitemaps, for an outlet that names none."""
    origin = urljoin(home, "/")
    paths = USUAL_FEEDS if kind == "feed" else USUAL_SITEMAPS if kind == "sitemap" else ()
    bases = dict.fromkeys((origin, home if home.endswith("/") else f"{home}/")) if kind == "feed" else {origin: None}
    found = [Candidate(url=urljoin(base, path), kind=kind, found_in="default path") for base in bases for path in paths]
    return tuple(found[: MOST_FEEDS + 4])


def _header_feeds(link_headers: Sequence[str], url: str) -> Iterator[Candidate]:
    """The feeds in HTTP Link headers (RFC 8288)."""
    for header in link_headers:
        for target, parameters in _LINK_HEADER.findall(header[:MAX_LINK_HEADER]):
            values = {name.lower(): quoted or bare for name, quoted, bare in _LINK_PARAMETER.findall(parameters)}
            if _is_feed_link(values, target):
                yield from _feed(target, values.get("title"), url, "Link header")


def _feeds(root: _Element, base: str) -> Iterator[Candidate]:
    for element in root.iter("link"):
        if _is_feed_link(dict(element.attrib), element.get("href") or ""):
            yield from _feed(element.get("href"), element.get("title"), base, "home page")
    home = registered_domain(host_of(base))
    for element in root.iter("a"):
        href = element.get("href") or ""
        address = absolute(base, href)
        is_feed = _FEED_PATH.search(href) or "feed" in (element.get("rel") or "").lower().split()
        # Links in the body may lead to feeds of other outlets.
        if address and is_feed and registered_domain(host_of(address)) == home:
            yield from _feed(href, element.get("title"), base, "link on the home page")


def _is_feed_link(attributes: Mapping[Any, Any], address: str) -> bool:
    relations, kind = (attributes.get("rel") or "").lower().split(), attributes.get("type")
    is_feed = bool(_FEED_TYPES.search(kind) if kind else _FEED_PATH.search(address))
    return "feed" in relations or ("alternate" in relations and is_feed and not attributes.get("hreflang"))


def _feed(href: str | None, title: str | None, base: str, found_in: str) -> Iterator[Candidate]:
    address = absolute(base, href or "")
    title = " ".join((title or "").split()) or None
    if address and not _NO_ARTICLE_FEED.search(f"{address} {title or ''}"):
        yield Candidate(url=address, kind="feed", found_in=found_in, title=title)


def _sitemaps(robots: str, url: str) -> Iterator[Candidate]:
    """The sitemaps of robots.txt, news sitemaps first: a general sitemap lists the whole archive."""
    named = [absolute(url, written) for written in _SITEMAP_LINE.findall(robots)]
    for address in sorted((one for one in named if one), key=lambda one: "news" not in one.lower()):
        if not re.search(r"video|image|author|tag|categor|page[-_.]|static", urlsplit(address).path, re.IGNORECASE):
            yield Candidate(url=address, kind="sitemap", found_in="robots.txt")


def _listings(root: _Element, base: str, url: str) -> Iterator[Candidate]:
    """Sections in the navigation, those named "latest", "news" or "archive" first; the home page itself is last."""
    home, own = registered_domain(host_of(url)), url_key(url)
    found: list[tuple[bool, Candidate]] = []
    for element in root.iter("a"):
        address = absolute(base, element.get("href") or "")
        if address is None or registered_domain(host_of(address)) != home or url_key(address) == own:
            continue
        text = own_text(element)
        segments = [part for part in urlsplit(address).path.split("/") if part]
        if not text or not 1 <= len(segments) <= 3 or len(text.split()) > 4 or score(address, text) > 0:
            continue
        latest = bool(_LATEST.search(f"{text} {' '.join(segments).replace('-', ' ')}"))
        in_menu = next(element.iterancestors("nav", "header"), None) is not None
        if latest or (in_menu and len(segments) == 1 and not _is_service(address, text)):
            found.append((not latest, Candidate(url=address, kind="listing", found_in="menu", title=text)))
    yield from (candidate for _, candidate in sorted(found, key=lambda pair: pair[0]))
    yield Candidate(url=url, kind="listing", found_in="home page")


def _is_service(address: str, text: str) -> bool:
    from spiders.listings.link_classifier import features

    return bool(features(address, text) & {"service_segment", "service_word", "service_host", "asset"})


def _unique(candidates: Iterable[Candidate], most: int) -> list[Candidate]:
    by_key: dict[str, Candidate] = {}
    for candidate in candidates:
        by_key.setdefault(candidate.url.rstrip("/"), candidate)
    return list(by_key.values())[:most]


def _meta(root: _Element, *names: str) -> str | None:
    for name in names:
        for element in root.iter("meta"):
            if (element.get("property") or element.get("name") or element.get("http-equiv") or "").lower() == name:
                content = " ".join((element.get("content") or "").split())
                if content:
                    return content
    return None


def _language_tag(root: _Element) -> str | None:
    """The language tag of the page, such as "uk-UA"."""
    written = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    written = written or _meta(root, "og:locale", "content-language", "language")
    return written.strip().replace("_", "-") if written and written.strip() else None


def _name(root: _Element, url: str) -> str:
    """og:site_name, else the part of the title that resembles the host, else the host."""
    named = _meta(root, "og:site_name", "application-name", "apple-mobile-web-app-title")
    if named:
        return named[:100]
    host = registered_domain(host_of(url))
    title = next((own_text(element) for element in root.iter("title")), "")
    parts = [part.strip() for part in re.split(r"\s+[|–—·•:-]\s+|\s*[|•·]\s*", title) if part.strip()]
    label = re.sub(r"\W", "", host.partition(".")[0])
    alike = [
        part for part in parts if re.sub(r"\W", "", part).lower() in label or label in re.sub(r"\W", "", part).lower()
    ]
    return (alike or parts or [host])[0][:100]


def as_toml(
    outlet: Outlet,
    results: Sequence[ProbeResult],
    *,
    source_id: str,
    verified_on: date | None = None,
    allow_private: bool = False,
) -> str:
    """The table to paste into sources.toml.

    Seeds that do not work, and listings if a feed or sitemap works, are comments. If no seed works, the listing with
    the most article links is used; if no listing has any, every line is a comment.
    """
    working = [seed for seed in results if seed.fault is None]
    better = any(seed.kind != "listing" for seed in working)
    taken = [seed for seed in working if not (better and seed.kind == "listing")]
    listings = [seed for seed in results if seed.kind == "listing" and seed.http_status == 200]
    best = max(listings, key=lambda seed: (seed.links, seed.entries), default=None)
    if not taken and best is not None and best.links:
        taken = [best]
    lines = [f"[{source_id}]", f"name = {quoted(outlet.name)}", f"home = {quoted(outlet.home)}"]
    for kind in ("feed", "sitemap", "listing"):
        lines += _key(f"{kind}s", [seed for seed in taken if seed.kind == kind])
    if not taken:
        url = quoted(best.url if best is not None else outlet.home)
        lines.append(f'listings = [{{ url = {url}, selector = "" }}]  # write a CSS selector of its article links')
    if outlet.language:
        lines.append(f"language = {quoted(outlet.language)}")
    lines.append(f"timezone = {quoted(outlet.timezone)}  # {outlet.timezone_reason}")
    if allow_private:
        lines.append("allow_private = true")
    if verified_on and taken:
        lines.append(f"verified_on = {verified_on.isoformat()}")
    spare = [seed for seed in working if seed not in taken]
    lines += [f"# also works: {seed.kind} {_line(seed.url)}: {_line(_verdict(seed))}" for seed in spare]
    rejected = [seed for seed in results if seed.fault and seed not in taken]
    lines += [f"# left out: {seed.kind} {_line(seed.url)}: {_line(_verdict(seed))}" for seed in rejected]
    # A table without seeds would make sources.toml invalid if it were appended.
    return "\n".join(lines if taken else [f"# {line}" for line in lines]) + "\n"


def _key(name: str, seeds: Sequence[ProbeResult]) -> list[str]:
    if not seeds:
        return []
    return [f"{name} = [", *(f"  {quoted(seed.url)},  # {_line(_verdict(seed))}" for seed in seeds), "]"]


def _verdict(seed: ProbeResult) -> str:
    if seed.fault is not None:
        return seed.fault
    newest = f", newest {seed.newest}" if seed.newest else ""
    return f"{seed.links} links{newest}" + (f" ({seed.found_in})" if seed.found_in else "")


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
