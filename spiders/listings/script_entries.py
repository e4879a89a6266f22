"""Find the articles that a listing has only in the data of its scripts, and write them as the HTML of a list.

The data has any shape: an entry is an object with an address and a headline, or an item of a JSON-LD ItemList. The names
on the way to it become classes, so that the link classifier reads them as it reads those of a page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crawler.encodings.script_data import nested_json, script_values
from crawler.models import LeftOut
from crawler.reasons import ReasonCode
from crawler.urls import absolute, host_of, registered_domain
from spiders.listings.link_classifier import score, slug_words
from spiders.markup.entries import MAX_WHAT
from spiders.markup.plain_text import markup_to_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_DATA_DEPTH = 60
MAX_FIELD = 2_000
"""Characters of a headline, an address, a time or a summary."""
HEADLINE_WORDS = 3
"""Words of a slug that belongs to an article and not to a section."""
_ADDRESS_NAME = re.compile(
    r"(?:url|uri|href|link|path|route|slug|canonical|@id|mainEntityOfPage|^item|^to)s?$", re.IGNORECASE
)
_TITLE_NAMES = ("headline", "title", "heading", "hed", "name", "text", "label", "children")
_TIME_NAME = re.compile(r"publish(?!er)|^date|pubdate|creat(?!or)|time", re.IGNORECASE)
_SUMMARY_NAME = re.compile(
    r"description|summary|excerpt|teaser|standfirst|abstract|subtitle|^(?:lead|dek)$", re.IGNORECASE
)
_NOT_TEXT = re.compile(r"^_|^@(?!id|value)|class|style|^key$", re.IGNORECASE)
_NO_ENTRY = re.compile(r"image|photo|picture|thumb|logo|icon|avatar|media|rendition|crop|asset|person|author|creator|publisher"
                       r"|organi[sz]ation|byline|contributor", re.IGNORECASE)  # fmt: skip
"""Names of objects whose address leads to a file or to a person."""
_FILE = re.compile(r"[\w.-]+\.(?:s?html?|php|aspx?)(?:\?\S*)?", re.IGNORECASE)
_PLACE = re.compile(r"[A-Za-z_-]{2,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptEntries:
    """The entries in the data of a page's scripts."""

    anchors: tuple[HtmlElement, ...] = ()
    """The `a` elements of a list, one for each entry with an address."""
    left_out: tuple[LeftOut, ...] = ()
    """Headlines that have a slug but no address."""


def script_entries(scripts: Sequence[str], base: str) -> ScriptEntries:
    """The entries in the data of scripts, in their order."""
    from lxml import html as lxml_html

    items: dict[str, None] = {}
    left_out: dict[str, LeftOut] = {}
    for value in script_values(scripts):
        for entry in _entries(_dereferenced(value), (), base):
            if isinstance(entry, LeftOut):
                left_out.setdefault(entry.what, entry)
            else:
                items[entry] = None
    markup = f"<ul>{''.join(items)}</ul>".replace("\x00", "").encode("utf-8", "replace")
    box = lxml_html.fromstring(markup, parser=lxml_html.HTMLParser(encoding="utf-8"))
    return ScriptEntries(anchors=tuple(box.iter("a")), left_out=tuple(left_out.values()))


def _entries(value: Any, place: tuple[str, ...], base: str) -> Iterator[str | LeftOut]:
    if len(place) > MAX_DATA_DEPTH:
        return
    if isinstance(value, dict):
        kinds = value.get("@type") or value.get("__typename")
        place = (*place, *(str(kind) for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind))
        entry = _entry(value, place, base)
        if entry is not None:
            yield entry
        for name, child in value.items():
            yield from _entries(child, (*place, str(name)), base)
    elif isinstance(value, list):
        for child in value:
            is_item = isinstance(child, str) and place[-1:] == ("itemListElement",)
            yield from _entries({"url": child} if is_item else child, place, base)
    elif isinstance(value, str) and (nested := nested_json(value)) is not None:
        yield from _entries(nested, (*place, ""), base)


def _entry(data: dict[str, Any], place: tuple[str, ...], base: str) -> str | LeftOut | None:
    """The list item for an object, as HTML; None if it is not an entry."""
    title = markup_to_text(_text(_titles(data)), is_title=True)
    if title and "/" in title and " " not in title:
        title = None
    if (not title and "itemListElement" not in place[-2:]) or any(_NO_ENTRY.search(name) for name in place[-2:]):
        return None
    texts = [text for name, each in data.items() if _ADDRESS_NAME.search(name) for text in _texts(each, 0)]
    addresses = [address for text in texts if (address := _address(text, base))]
    if addresses:
        home = registered_domain(host_of(base))
        best = max(addresses, key=lambda one: (registered_domain(host_of(one)) == home, score(one, title or "")))
        return _list_item(data, best, title, place)
    if title and any(slug_words(text) >= HEADLINE_WORDS for text in texts if "/" not in text and " " not in text):
        return LeftOut(code=ReasonCode.NO_URL, what=title[:MAX_WHAT])
    return None


def _address(text: str, base: str) -> str | None:
    """The address in a value. A path without a leading slash begins at the root of the site."""
    text = text.strip()
    if _FILE.fullmatch(text):
        return absolute(base, text)
    if "/" not in text or re.search(r"[ {]|^(?!https?:)[^/]*:", text, re.IGNORECASE):
        return None
    return absolute(base, text if re.match(r"https?:|/", text, re.IGNORECASE) else f"/{text}")


def _list_item(data: dict[str, Any], url: str, title: str | None, place: tuple[str, ...]) -> str:
    names = " ".join(name for name in place if _PLACE.fullmatch(name))
    parts = [f'<li class="{names}"><a href="{html.escape(url)}">{html.escape(title or "")}</a>']
    for name, each in data.items():
        if _TIME_NAME.search(name) and re.search(r"\d", written := _text(each)):
            parts.append(f'<time datetime="{html.escape(written)}"></time>')
        elif _SUMMARY_NAME.search(name) and (summary := markup_to_text(_text(each))):
            parts.append(f"<p>{html.escape(summary)}</p>")
    return "".join([*parts, "</li>"])


def _titles(data: dict[str, Any]) -> Any:
    """The value that is most probably the headline: "headline" before "title", "title" before "seoTitle"."""
    named = [
        (rank, len(name), each)
        for name, each in data.items()
        for rank, ending in enumerate(_TITLE_NAMES)
        if name.lower().rstrip("s").endswith(ending) and not _NOT_TEXT.search(name) and _text(each)
    ]
    return min(named, key=lambda one: one[:2], default=(0, 0, None))[2]


def _text(value: Any) -> str:
    """The longest text in a value."""
    return max(_texts(value, 0), key=len, default="")


def _texts(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if 0 < len(value) <= MAX_FIELD:
            yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif depth < 8:
        children = value if isinstance(value, list) else ()
        if isinstance(value, dict):
            inner = value.get("children")
            children = [inner] if inner else [each for name, each in value.items() if not _NOT_TEXT.search(name)]
        for child in children:
            yield from _texts(child, depth + 1)


def _dereferenced(value: Any) -> Any:
    """The objects of Nuxt 3 and other state whose values are positions in one list, with these values."""
    if not isinstance(value, list):
        return value

    def at(position: Any) -> Any:
        return value[position] if type(position) is int and 0 <= position < len(value) else None

    flat = [one for one in value if isinstance(one, dict) and one]
    if not flat or not all(type(each) is int for one in flat for each in one.values()):
        return value
    return [
        {name: {key: at(inner) for key, inner in found.items()} if isinstance(found := at(each), dict) else found
         for name, each in one.items()}
        for one in flat
    ]  # fmt: skip
