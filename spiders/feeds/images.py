"""Choose the image of a feed item from Media RSS, enclosures and other image elements."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crawler.urls import absolute
from spiders.feeds.elements import Parts, text_in

if TYPE_CHECKING:
    from lxml.etree import _Element


def item_image(item: _Element, parts: Parts, base: str) -> str | None:
    """URL of the item's image: the widest media image, else an enclosure, a thumbnail or an image element."""
    media = [part for part in item.iter("{*}content", "media:content") if _is_image(part)]
    enclosed = [part for part in [*parts.get("enclosure", ()), *parts.get("link", ())] if _is_enclosed_image(part)]
    thumbnails = list(item.iter("{*}thumbnail", "media:thumbnail"))
    candidates = [part.get("url") or part.get("href") for part in [*_widest(media), *enclosed, *_widest(thumbnails)]]
    for part in [*parts.get("image", ()), *parts.get("itunes:image", ()), *parts.get("media:image", ())]:
        inner = next((child for child in part if str(child.tag).rpartition("}")[2].lower() == "url"), part)
        candidates.append(part.get("href") or part.get("url") or text_in(inner))
    return next((found for candidate in candidates if candidate and (found := absolute(base, candidate.strip()))), None)


def _widest(parts: Sequence[_Element]) -> list[_Element]:
    def width(part: _Element) -> int:
        written = (part.get("width") or "").strip()
        return int(written) if written.isascii() and written.isdigit() and len(written) < 7 else 0

    return sorted(parts, key=width, reverse=True)


_IMAGE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|[?#])", re.IGNORECASE)


def _is_image(part: _Element) -> bool:
    medium = part.get("medium") or (part.get("type") or "").partition("/")[0]
    url = part.get("url") or ""
    return bool(url) and (medium.lower() == "image" or (not medium and bool(_IMAGE_FILE.search(url))))


def _is_enclosed_image(part: _Element) -> bool:
    url, kind = part.get("url") or part.get("href") or "", (part.get("type") or "").lower()
    enclosed = "link" not in str(part.tag).lower() or part.get("rel") == "enclosure"
    return enclosed and (kind.startswith("image/") or (not kind and bool(_IMAGE_FILE.search(url))))
