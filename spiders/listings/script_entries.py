"""Find the articles that a listing has only in the data of its scripts, and write them as the HTML of a list.

The data has any shape: an entry is an object with an address and a headline, or an item of a JSON-LD ItemList. The names
on the way to it become classes, so that the link classifier reads them as it reads those of a page.
"""

from __future__ import annotations

import functools
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
from spiders.listings.page import parse_markup, prepare_links
from spiders.listings.scripted_links import has_links
from spiders.markup.entries import MAX_WHAT
from spiders.markup.plain_text import markup_to_text

if TYPE_CHECKING:
    from lxml.etree import _Element

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
_OWN = "<li"
"""Begin of the items that are written here, as opposed to HTML in the data."""
_PLACE = re.compile(r"[A-Za-z_-]{2,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptEntries:
    """The entries in the data of a page's scripts."""

    anchors: tuple[_Element, ...] = ()
    """The `a` elements of a list, one for each entry with an address."""
    left_out: tuple[LeftOut, ...] = ()
    """Headlines that have a slug but no address."""


def script_entries(scripts: Sequence[str], base: str, markup: Sequence[str] = ()) -> ScriptEntries:
    """The entries in the data of scripts, in their order, and the links in `markup`, the HTML that scripts hold."""
    items: dict[str, None] = dict.fromkeys(markup)
    left_out: dict[str, LeftOut] = {}
    for value in script_values(scripts):
        for entry in _entries(_dereferenced(value), (), base, in_entry=False):
            if isinstance(entry, LeftOut):
                left_out.setdefault(entry.what, entry)
            else:
                items[entry] = None
    anchors: list[_Element] = []
    own = "".join(item for item in items if item.startswith(_OWN))
    for piece in (f"<ul>{own}</ul>" if own else "", *(item for item in items if not item.startswith(_OWN))):
        if piece:
            root = parse_markup(piece.replace("\x00", ""), base)
            prepare_links(root)
            anchors += root.iter("a")
    return ScriptEntries(anchors=tuple(anchors), left_out=tuple(left_out.values()))


def _entries(value: Any, place: tuple[str, ...], base: str, *, in_entry: bool) -> Iterator[str | LeftOut]:
    """The entries in a value. `in_entry`: it belongs to an article, so that its HTML is a text with links to others."""
    if len(place) > MAX_DATA_DEPTH:
        return
    if isinstance(value, dict):
        kinds = value.get("@type") or value.get("__typename")
        place = (*place, *(str(kind) for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind))
        entry = _entry(value, place, base)
        if entry is not None:
            yield entry
            in_entry = in_entry or not isinstance(entry, str) or f'href="{html.escape(base)}"' not in entry
        for name, child in value.items():
            yield from _entries(child, (*place, str(name)), base, in_entry=in_entry)
    elif isinstance(value, list):
        for child in value:
            is_item = isinstance(child, str) and place[-1:] == ("itemListElement",)
            yield from _entries({"url": child} if is_item else child, place, base, in_entry=in_entry)
    elif isinstance(value, str) and (nested := nested_json(value)) is not None:
        yield from _entries(nested, (*place, ""), base, in_entry=in_entry)
    elif isinstance(value, str) and not in_entry and has_links(value):
        names = " ".join(name for name in place if _PLACE.fullmatch(name))
        yield f'<div class="{names}">{value}</div>'


def _entry(data: dict[str, Any], place: tuple[str, ...], base: str) -> str | LeftOut | None:
    """The list item for an object, as HTML; None if it is not an entry."""
    title = markup_to_text(_text(_titles(data)), is_title=True)
    if title and "/" in title and " " not in title:
        title = None
    if (not title and "itemListElement" not in place[-2:]) or any(map(_holds_no_entry, place[-2:])):
        return None
    texts = [text for name, each in data.items() if _names_address(name) for text in _texts(each, 0)]
    addresses = [address for text in texts if (address := _address(text, base))]
    if addresses:
        home = registered_domain(host_of(base))
        best = max(addresses, key=lambda one: (registered_domain(host_of(one)) == home, score(one, title or "")))
        return _list_item(data, best, title, place)
    if title and any(slug_words(text) >= HEADLINE_WORDS for text in texts if "/" not in text and " " not in text):
        return LeftOut(code=ReasonCode.NO_URL, what=title[:MAX_WHAT])
    return None


@functools.lru_cache(maxsize=4096)
def _names_address(name: str) -> bool:
    return bool(_ADDRESS_NAME.search(name))


@functools.lru_cache(maxsize=4096)
def _holds_no_entry(name: str) -> bool:
    return bool(_NO_ENTRY.search(name))


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
    parts = [f'{_OWN} class="{names}"><a href="{html.escape(url)}">{html.escape(title or "")}</a>']
    for name, each in data.items():
        if _TIME_NAME.search(name) and re.search(r"\d", written := _text(each)):
            parts.append(f'<time datetime="{html.escape(written)}"></time>')
        elif _SUMMARY_NAME.search(name) and (summary := markup_to_text(_text(each))):
            parts.append(f"<p>{html.escape(summary)}</p>")
    return "".join([*parts, "</li>"])


def _titles(data: dict[str, Any]) -> Any:
    """The value that is most probably the headline: "headline" before "title", "title" before "seoTitle"."""
    named = [(rank, each) for name, each in data.items() if (rank := _title_rank(name)) and _text(each)]
    return min(named, key=lambda one: one[0], default=((0, 0), None))[1]


@functools.lru_cache(maxsize=4096)
def _title_rank(name: str) -> tuple[int, int] | None:
    """Sort key of a name by how probably its value is a headline; None if it is not."""
    ranks = [rank for rank, ending in enumerate(_TITLE_NAMES) if name.lower().rstrip("s").endswith(ending)]
    return None if not ranks or _NOT_TEXT.search(name) else (ranks[0], len(name))


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
