"""Find the next page of a listing, which has older articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from crawler.urls import absolute, host_of, registered_domain, url_key

if TYPE_CHECKING:
    from lxml.etree import _Element

_NEXT_LABEL = re.compile(
    r"^[\W_]*(?:next|next page|older|older posts|older articles|older stories|older entries|load more|show more"
    r"|more posts|more stories|nächste|nächste seite|weiter|ältere beiträge|mehr laden|suivant|page suivante|plus anciens"
    r"|articles plus anciens|siguiente|página siguiente|entradas anteriores|más antiguas|próxima|próxima página|seguinte"
    r"|mais antigos|successivo|successiva|pagina successiva|avanti|volgende|volgende pagina|następna|następna strona"
    r"|starsze|далі|наступна|наступна сторінка|старіші|показати більше|далее|следующая|показать ещё|показать еще"
    r"|次へ|次のページ|下一页|下一頁|다음|التالي)[\W_]*$",
    re.IGNORECASE,
)
_PAGER = re.compile(r"(?i)pag(?:er|ina|ing|e-?nav)|load-?more|older|next-?page|nav-?links|posts-?nav")
_ARROW = re.compile(r"^[\s›»→>⟩]+$")
_NUMBERED = re.compile(r"/(?:page|seite|pagina|strona|p)[/-]?(\d{1,4})/?$", re.IGNORECASE)
_PAGE_PARAMS = ("page", "paged", "p", "pg", "seite", "pagina")


def next_page(root: _Element, *, base: str, url: str) -> str | None:
    """The URL of the next page, on the same registered domain; None if there is none."""
    home, own = registered_domain(host_of(url)), url_key(url)
    for address in _candidates(root, base, url):
        if registered_domain(host_of(address)) == home and url_key(address) != own:
            return address
    return None


def _candidates(root: _Element, base: str, url: str) -> Iterator[str]:
    """Candidates, best first: rel=next, links labelled "next", the link to the following page number."""
    links = [
        (element, address)
        for element in root.iter("a", "link")
        if (address := absolute(base, element.get("href") or "")) is not None and element.get("href") != "#"
    ]
    for element, address in links:
        if "next" in (element.get("rel") or "").lower().split():
            yield address
    here = _number(url) or 1
    anchors = [(element, address) for element, address in links if element.tag == "a"]
    for element, address in anchors:
        number = _number(address)
        if number is not None and number <= here:
            continue  # a newer page, or this one
        labels = [
            " ".join("".join(map(str, element.itertext())).split()),
            element.get("aria-label") or "",
            element.get("title") or "",
        ]
        classes = set(re.split(r"[\s_-]+", (element.get("class") or "").lower()))
        if (number or _in_pager(element)) and (
            any(_NEXT_LABEL.match(text) for text in labels) or _ARROW.match(labels[0]) or "next" in classes
        ):
            yield address
    for _, address in anchors:
        if _number(address) == here + 1 and _stem(address) == _stem(url):
            yield address


def _in_pager(element: _Element) -> bool:
    """Whether a link is in a pager. Outside of one, "Next" may be the name of a section."""
    return any(
        _PAGER.search(f"{one.get('class') or ''} {one.get('id') or ''} {one.get('rel') or ''}")
        for one in (element, *element.iterancestors("nav", "div", "ul", "li", "section"))
    )


def _number(url: str) -> int | None:
    """The page number in a URL; None if it has none."""
    parts = urlsplit(url)
    found = _NUMBERED.search(parts.path)
    if found is not None:
        return int(found[1])
    query = dict(parse_qsl(parts.query))
    return next((int(query[name]) for name in _PAGE_PARAMS if query.get(name, "").isdecimal()), None)


def _stem(url: str) -> str:
    """Host and path without the page number: the same for all pages of a listing."""
    parts = urlsplit(url)
    return host_of(url) + _NUMBERED.sub("", parts.path).rstrip("/")
