"""Convert the element tree of RSS 0.9x, 1.0 and 2.0 or Atom 0.3 and 1.0 to links.

One parser handles all formats because publishers mix their elements (Atom's `updated` in RSS, Dublin Core everywhere).
feedparser is the fallback only (`lenient.py`): it is ten times slower and does not distinguish an entry's author from the
feed's, or an image's title from the item's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.models import LeftOut, Link
from crawler.urls import absolute
from spiders.feeds.common import MAX_ITEMS, FeedContext, feed_only_url, full_text, person
from spiders.feeds.elements import (
    XML,
    Parts,
    about,
    base_of,
    first_named,
    joined,
    markup_in,
    name_of,
    paragraph_text,
    parts_of,
    text_in,
    texts_in,
)
from spiders.feeds.images import item_image
from spiders.markup.entries import (
    beyond_limit,
    distinct_texts,
    divided,
    is_web_address,
    page_url,
    within_limit,
    without_url,
)
from spiders.markup.parsed_document import ParsedDocument
from spiders.markup.plain_text import markup_to_text

if TYPE_CHECKING:
    from lxml.etree import _Element

_PUBLISHED = ("pubdate", "published", "issued", "dc:date", "dcterms:issued", "prism:publicationdate", "dcterms:created",
              "created", "dcterms:date", "date")  # fmt: skip
_UPDATED = ("updated", "modified", "dcterms:modified", "prism:modificationdate", "lastbuilddate")
_CONTENT = ("content:encoded", "content", "xhtml:body", "xhtml:div", "body", "fulltext")
_SUMMARY = ("description", "summary", "dc:description", "itunes:summary", "itunes:subtitle", "abstract")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Channel:
    """Values of the feed that apply to all of its items."""

    context: FeedContext
    namespace: str
    base: str
    language: str | None
    authors: tuple[str, ...]


def read_tree(root: _Element, context: FeedContext) -> ParsedDocument:
    """The links of all items in the tree."""
    namespace = root.tag[1:].partition("}")[0] if root.tag.startswith("{") else ""
    top = first_named(root, "channel", namespace)
    top = root if top is None else top
    head = parts_of(top, namespace)
    atom = name_of(root.tag, namespace) in ("feed", "entry")
    channel = _Channel(
        context=context,
        namespace=namespace,
        base=base_of(root, context.url) if atom else _site(head, context.url),
        language=_language(head, top) or _language({}, root),
        # In Atom, the feed's author is the default author of its entries. In RSS, it is an editor.
        authors=_authors(head) if atom else (),
    )
    items = list(_items(root, namespace))
    links, left_out = divided(
        _entry(item, position, channel) for position, item in enumerate(within_limit(items, MAX_ITEMS))
    )
    left_out += beyond_limit(len(items) - MAX_ITEMS)
    return ParsedDocument(links=links, left_out=left_out, next_url=_next(head, context.url))


def _items(root: _Element, namespace: str) -> Iterator[_Element]:
    for element in root.iter("{*}item", "{*}entry", "{*}Item", "{*}ITEM", "{*}Entry", "{*}ENTRY"):
        if name_of(element.tag, namespace) in ("item", "entry"):
            yield element


def _entry(item: _Element, position: int, channel: _Channel) -> Link | LeftOut:
    parts, context = parts_of(item, channel.namespace), channel.context
    summary_html = next(
        (found for name in _SUMMARY for part in parts.get(name, ()) if (found := markup_in(part))), None
    )
    summary = markup_to_text(summary_html) or markup_to_text(_caption(item))
    title = next((found for name in ("title", "dc:title", "media:title") for part in parts.get(name, ())
                  if (found := markup_to_text(markup_in(part), is_title=True))), None)  # fmt: skip
    # Items without a guid that link to different places of one page are different: "/alerts#77".
    guid = next(texts_in(parts, ("guid", "id")), None) or about(item)
    guid = guid or next((address for address in _candidates(item, parts) if "#" in address), None)
    content = _content(parts) or full_text(summary_html, summary)
    target = _target(item, parts, base_of(item, channel.base)) or feed_only_url(context, guid, summary or content)
    if target is None:
        return without_url(_candidates(item, parts), title)
    updated, updated_raw = context.first(texts_in(parts, _UPDATED))
    published, published_raw = context.first([*texts_in(parts, _PUBLISHED), updated_raw])
    return Link(
        url=target,
        kind="feed",
        via=context.url,
        position=position,
        guid=guid,
        title=title,
        summary=summary,
        content_html=content,
        authors=_authors(parts) or _source_authors(parts, channel) or channel.authors,
        published=published,
        published_raw=published_raw,
        updated=updated,
        tags=_tags(parts),
        language=_language(parts, item) or channel.language,
        image=item_image(item, parts, target),
    )


def _target(item: _Element, parts: Parts, base: str) -> str | None:
    """The URL of the item's page: the original of a proxied link, the alternate link, or a guid that is a permalink."""
    for candidate in _candidates(item, parts):
        found = page_url(base, candidate)
        if found is not None:
            return found
    return None


def _candidates(item: _Element, parts: Parts) -> Iterator[str]:
    for name in parts:
        if name.endswith(":origlink"):  # written by click counters such as FeedBurner
            yield from texts_in(parts, (name,))
    links = parts.get("link", ())
    alternates = [link for link in links if link.get("href") and _relation(link) == "alternate"]
    yield from (_hrefs(link for link in alternates if "html" in (link.get("type") or "html")))
    yield from (text for link in links if (text := text_in(link)))
    yield from _hrefs(alternates)
    yield from _content_sources(parts)
    guids = parts.get("guid", ())
    permalinks = [
        (guid, text)
        for guid in guids
        if (guid.get("isPermaLink") or "true").lower() != "false" and (text := text_in(guid))
    ]
    yield from (text for guid, text in permalinks if guid.get("isPermaLink") and text.startswith(("/", "www.")))
    last = [*(text for _, text in permalinks), *texts_in(parts, ("id", "guid")), about(item) or ""]
    yield from (text for text in [*last, *texts_in(parts, ("dc:identifier", "url"))] if is_web_address(text))
    yield from _hrefs(link for link in links if _relation(link) == "self")


def _relation(link: _Element) -> str:
    """The relation of a link, which RFC 4287 allows to be written as an address, too."""
    return (link.get("rel") or "alternate").lower().rpartition("/relation/")[2]


def _content_sources(parts: Parts) -> Iterator[str]:
    """The addresses of Atom content that is not in the feed."""
    for content in parts.get("content", ()):
        if "html" in (content.get("type") or "html"):
            yield (content.get("src") or "").strip()


def _hrefs(links: Iterator[_Element] | Sequence[_Element]) -> Iterator[str]:
    """The addresses of the links, joined with their xml:base."""
    for link in links:
        href = (link.get("href") or "").strip()
        if href:
            own = link.get(f"{XML}base")
            yield joined(own, href) if own else href


def _site(head: Parts, url: str) -> str:
    """The base URL of an RSS feed: the channel's link. RSS has no rule, and publishers write links relative to it."""
    written = next(texts_in(head, ("link",)), None)
    return (page_url(url, written) if written else None) or url


def _content(parts: Parts) -> str | None:
    """The longest content element as HTML."""
    found = [text for name in _CONTENT for part in parts.get(name, ()) if (text := _readable(part))]
    return max(found, key=len, default=None)


def _readable(part: _Element) -> str | None:
    kind = (part.get("type") or "").lower()
    if part.get("src") or part.get("url") or kind.startswith(("image/", "video/", "audio/", "application/oct")):
        return None
    text = markup_in(part)
    if text and kind in ("text", "text/plain") and not len(part):
        return paragraph_text(text)
    return text


def _caption(item: _Element) -> str | None:
    """The description of a video, used if the item has no summary."""
    found = item.iter("{http://search.yahoo.com/mrss/}description", "media:description")
    return next((text for each in found if (text := text_in(each))), None)


def _authors(parts: Parts) -> tuple[str, ...]:
    names: list[str | None] = [person(text_in(part)) for part in parts.get("dc:creator", ())]
    for part in parts.get("author", ()):
        inner = {str(child.tag).rpartition("}")[2].lower(): text_in(child) for child in part}
        names.append(markup_to_text(inner.get("name") or inner.get("email")) if inner else person(text_in(part)))
    if not any(names):
        names = [person(text_in(part)) for name in ("itunes:author", "dc:author") for part in parts.get(name, ())]
    return distinct_texts(names)


def _source_authors(parts: Parts, channel: _Channel) -> tuple[str, ...]:
    """The authors of the original feed, if the entry was taken from another feed."""
    return next(
        (_authors(parts_of(source, channel.namespace)) for source in parts.get("source", ()) if len(source)), ()
    )


def _tags(parts: Parts) -> tuple[str, ...]:
    written = [
        part.get("label") or part.get("term") or text_in(part)
        for name in ("category", "dc:subject", "media:category", "prism:keyword")
        for part in parts.get(name, ())
    ]
    listed = [
        word
        for name in ("media:keywords", "itunes:keywords")
        for text in texts_in(parts, (name,))
        for word in text.split(",")
    ]
    return distinct_texts(markup_to_text(tag) for tag in [*written, *listed])


def _language(parts: Parts, element: _Element) -> str | None:
    return next(texts_in(parts, ("dc:language", "language")), None) or (element.get(f"{XML}lang") or "").strip() or None


def _next(head: Parts, url: str) -> str | None:
    for link in head.get("link", ()):
        if link.get("rel") in ("next", "prev-archive") and link.get("href"):
            found = absolute(base_of(link, url), (link.get("href") or "").strip())
            return found if found != url else None
    return None
