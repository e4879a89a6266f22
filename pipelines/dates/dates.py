"""Read when a page was published and modified, in UTC with the publisher's offset and the provenance.

Machine-readable dates come first (JSON-LD, meta, microdata, <time>), then the feed's date, the visible date and the day
in the address. A later candidate with the time of day replaces an earlier one of that day without a time. Dates in the
future are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import NamedTuple

from lxml import etree

from crawler.models import Timestamp
from crawler.timestamps import CLOCK_SKEW, EARLIEST, day_of, parse_timestamp, zone_of
from pipelines.dates import datelines
from pipelines.dates.date_parser import month_number
from pipelines.dates.relative import find_relative_date
from pipelines.html import jsonld
from pipelines.html.document import Document
from pipelines.html.page_regions import is_outside_article

_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datePublished", "parsely-pub-date",
    "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "published_time", "published-date",
    "publish-date", "pubdate", "publication_date", "article:published", "article:publish_date", "dcterms.created",
    "dc.date.issued", "dcterms.issued", "dcterms.date", "dc.date", "dc.created", "date", "og:pubdate", "creation_date",
    "last-published", "rnews:datepublished", "bt:pubdate", "article_date_original", "originalpublicationdate",
    "citation_publication_date", "weibo:article:create_at", "vr:published_time",
)  # fmt: skip
"""Names of meta tags, the standardised names first. Letter case and punctuation are ignored."""
_MODIFIED_META = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "dateModified", "dcterms.modified",
    "dc.date.modified", "article:updated_time", "article:modified", "cxenseparse:recs:articlemodified", "last-modified",
    "lastmod", "revised", "article.updated", "bt:moddate", "weibo:article:update_at", "vr:updated_time",
)  # fmt: skip


MAX_DATED_MARKUP = 2_000_000
"""Characters of a page that htmldate reads. Longer pages take seconds; 99 % of pages are shorter."""
MAX_TIMES = 20
"""<time> elements that are checked for the publisher's offset; that of the article is among the first."""


class Dates(NamedTuple):
    """When a page was published and modified; None if unknown."""

    published: Timestamp | None
    modified: Timestamp | None


def read_dates(document: Document, zone: str, fetched_at: datetime, feed: Timestamp | None = None) -> Dates:
    """Published and modified, each from the best candidate. `zone`: the source's timezone (IANA name)."""
    local = zone_of(zone)
    latest = fetched_at + CLOCK_SKEW
    published = _best(_published(document, local, feed), latest)
    modified = _best(_modified(document, local), latest)
    if published is None and modified is None:
        published = find_relative_date(document, local, fetched_at)
    if published is None and modified is None:
        published = _from_text(document, local, fetched_at)
    elif published is None and modified is not None:
        # If a page has only one time, it is taken for the publication.
        published, modified = replace(modified, provenance=f"{modified.provenance} (modified)"), None
    if published and modified and modified.at < published.at:
        modified = None
    if published and published.offset_minutes == 0:
        metas = [*_metas(document, _PUBLISHED_META, local)]
        published = _without_false_zulu(published, metas, latest)
        published = _with_local_offset(published, [*metas, *_times(document, local)])
    return Dates(published, modified)


def _with_local_offset(timestamp: Timestamp, others: Sequence[Timestamp | None]) -> Timestamp:
    """The timestamp with the publisher's offset, if it is in UTC and another candidate has the same instant with an offset.

    Many content systems export UTC to JSON-LD.
    """
    if timestamp.offset_minutes != 0:
        return timestamp
    offsets = (
        other.offset_minutes
        for other in others
        if other and other.offset_minutes and abs(other.at - timestamp.at) <= timedelta(minutes=1)
    )
    return replace(timestamp, offset_minutes=next(offsets, 0))


MAX_OFFSET = timedelta(hours=14)


def _without_false_zulu(timestamp: Timestamp, others: Sequence[Timestamp | None], latest: datetime) -> Timestamp:
    """The true instant of a local time that JSON-LD labels "Z", if a meta tag has it with its offset.

    The two have the same time of day, or the same minute and second and differ by whole hours.
    """
    if timestamp.provenance != "json-ld" or timestamp.precision == "day" or timestamp.offset_minutes != 0:
        return timestamp
    for other in others:
        if other is None or other.offset_minutes is None or other.precision != timestamp.precision or other.at > latest:
            continue
        ahead = timestamp.at - other.at
        if other.offset_minutes and ahead == timedelta(minutes=other.offset_minutes):
            return other  # the same time of day
        if timestamp.precision != "second":
            continue
        if not ahead or abs(ahead) > MAX_OFFSET or ahead % timedelta(hours=1) or timestamp.at.second == 0:
            return timestamp
        return replace(other, offset_minutes=other.offset_minutes or round(ahead.total_seconds() / 60))
    return timestamp


def _best(candidates: Iterator[Timestamp | None], latest: datetime) -> Timestamp | None:
    """The first plausible candidate; if it has only the day, the next one that has the time of that day."""
    day: Timestamp | None = None
    for candidate in candidates:
        if candidate is None or not EARLIEST <= candidate.at <= latest:
            continue
        if _is_day(candidate):
            day = day or replace(candidate, precision="day")
        elif day is None or abs(candidate.at - day.at) < timedelta(hours=36):
            return candidate
    return day


def _is_day(timestamp: Timestamp) -> bool:
    """Whether the timestamp has no time of day. Content systems write a day as midnight to the second."""
    if timestamp.precision == "day":
        return True
    return bool(re.search(r"[T ]00:00(?::00(?:\.0+)?)?(?:\D|$)|\b12:00\s?a\.?m", timestamp.raw, re.IGNORECASE))


def _published(document: Document, zone: tzinfo, feed: Timestamp | None) -> Iterator[Timestamp | None]:
    article = document.article
    for key in ("datePublished", "dateCreated", "uploadDate"):
        yield parse_timestamp(jsonld.text(article.get(key)), zone, "json-ld")
    yield from _metas(document, _PUBLISHED_META, zone)
    yield from _elements(document, zone, modified=False)
    yield feed
    address = _from_url(document, zone)
    visible = datelines.find_datelines(document, zone)
    # A visible date of another day than the address is not the date of the article.
    if address and visible and day_of(visible, zone) != day_of(address, zone):
        visible = None
    yield visible
    yield address


def _modified(document: Document, zone: tzinfo) -> Iterator[Timestamp | None]:
    yield parse_timestamp(jsonld.text(document.article.get("dateModified")), zone, "json-ld")
    yield from _metas(document, _MODIFIED_META, zone)
    yield from _elements(document, zone, modified=True)


def _metas(document: Document, names: Sequence[str], zone: tzinfo) -> Iterator[Timestamp | None]:
    for name in names:
        for value in document.all(name)[:1]:
            yield parse_timestamp(value, zone, f"meta {name}")


_MODIFIED_WORD = re.compile(r"modif|updat|aktuali|revis|actuali|aggiorn|oppdater", re.IGNORECASE)
_HATOM = re.compile(r"\b(?:published|updated)\b")


def _elements(document: Document, zone: tzinfo, *, modified: bool) -> Iterator[Timestamp | None]:
    """Microdata and <time datetime> within the article; elements that are marked as publication come first."""
    plain = []
    for element in document.root.iter("time", "abbr", "span", "div", "p"):
        itemprop = (element.get("itemprop") or "").lower()
        if not itemprop and element.tag not in {"time", "abbr"}:
            continue
        # hAtom blogs write <abbr class="published" title="2026-06-09T10:15:00-07:00">.
        written = element.get("title" if element.tag == "abbr" else "datetime") or ""
        if itemprop in {"datepublished", "datemodified"}:
            if (itemprop == "datemodified") is modified:
                yield parse_timestamp(element.get("content") or written, zone, "microdata")
        elif written and (
            element.tag == "time" or (element.tag == "abbr" and _HATOM.search(element.get("class") or ""))
        ):
            names = f"{element.get('class')} {itemprop} {element.getparent().get('class')}"  # type: ignore[union-attr]  # has one: it is not the root
            if bool(_MODIFIED_WORD.search(names)) is modified and not is_outside_article(element, datelines.NAMES):
                if element.get("pubdate") is not None or "publish" in names.lower():
                    yield parse_timestamp(written, zone, "time")
                else:
                    plain.append(written)
    for written in plain[:1]:
        yield parse_timestamp(written, zone, "time")


def _times(document: Document, zone: tzinfo) -> Iterator[Timestamp | None]:
    """The first <time> elements of the page."""
    for element in islice(document.root.iter("time"), MAX_TIMES):
        yield parse_timestamp(element.get("datetime") or "", zone, "time")


def _from_text(document: Document, zone: tzinfo, fetched_at: datetime) -> Timestamp | None:
    """The day that htmldate finds in the text, for pages without any other date.

    The quick search takes 2 ms and was right on all of 7 such pages. The extensive search found 6 more, 3 of them right.
    Only the extensive search calls dateparser. With all of its 205 languages, the first text with a day takes 5 s of CPU in each
    child process; with English, which reads days in numbers too, 0.2 s, and the dates of all pages of the corpus are the same.
    """
    from htmldate import extractors, find_date

    latest = fetched_at.strftime("%Y-%m-%d")
    markup = etree.tostring(document.root, encoding="unicode", method="html")
    if len(markup) > MAX_DATED_MARKUP:
        return None
    for wide in (False, True):
        if wide:
            extractors.get_external_parser().languages = ["en"]
        try:
            found = find_date(
                markup, url=document.url or None, original_date=True, max_date=latest, extensive_search=wide
            )
        except Exception:
            return None  # it raises many kinds of errors; a page without a date is still an article
        # For a year without a day ("© 2013") it returns 1 January, which is not on the page.
        if found and not found.endswith("-01-01"):
            return parse_timestamp(found, zone, "text")
    return None


_URL_DAY = re.compile(
    r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=\D|$)|"
    r"/((?:19|20)\d{2})/([a-z]{3}|[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])(?=/)|"
    r"-((?:19|20)\d{2})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?=/?$|\.html?$)",
    re.IGNORECASE,
)
"""/2025/02/14/, /2025/2/14/, /2025/feb/14/, and a day that ends the address: .../title-of-the-report-2025-02-14/."""


def _from_url(document: Document, zone: tzinfo) -> Timestamp | None:
    for address in (document.canonical, document.url):
        for found in _URL_DAY.finditer(address or ""):
            year, month, day = filter(None, found.groups())
            number = int(month) if month.isdigit() else month_number(month, "en")
            if timestamp := parse_timestamp(f"{year}-{number:02}-{int(day):02}", zone, "url"):
                return timestamp
    return None
