"""Values of sources.toml that pydantic has no type for: URLs, CSS selectors, hosts, day patterns."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator

from crawler.polling.date_archives import fault_of
from crawler.text.suggestions import did_you_mean
from crawler.urls import absolute, host_of, is_public_suffix

SELECTABLE = ("title", "lead", "text", "byline", "published", "modified", "section", "remove")
"""Fields that a source's `selectors` may override; "remove" removes elements before extraction."""
_HOST = re.compile(r"[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)*")
_TOO_DEEP = "not a CSS selector: it has too many parts"


def _url(value: Any) -> Any:
    url = absolute("", value) if isinstance(value, str) else None
    if url is None:
        raise ValueError('write a full http(s) URL, such as "https://example.org/rss"')
    if "@" in url and "@" in urlsplit(url).netloc:
        raise ValueError("user names and passwords in URLs are not supported; remove them, or use another seed")
    return url


def _links_css(value: Any) -> Any:
    """Check a listing's selector, which may use Scrapy's `::attr(href)`, as spiders/listings/parser.py does."""
    from cssselect import SelectorError
    from parsel.csstranslator import HTMLTranslator

    try:
        HTMLTranslator().css_to_xpath(value)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except (SelectorError, TypeError, ValueError) as error:
        raise ValueError(f"not a CSS selector: {error}") from None
    return value


def _field_css(value: Any) -> Any:
    """Check a field's selector, which must select elements; an invalid one would fail on every page."""
    from cssselect import SelectorError
    from lxml.cssselect import CSSSelector
    from lxml.etree import XPathError

    try:
        CSSSelector(value, translator="html")
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except (SelectorError, XPathError, TypeError, ValueError) as error:
        part = re.search(r"::(text|attr\([^)]*\))", value) if isinstance(value, str) else None
        advice = f"; remove {part[0]}, because the whole element is used" if part else ""
        raise ValueError(f"not a CSS selector: {error}{advice}") from None
    return value


def _host(value: Any) -> Any:
    host = value.strip().lower() if isinstance(value, str) else ""
    host = host_of(host) if "://" in host else host.partition("/")[0]
    host = host.removeprefix("*.").rstrip(".")
    if not _HOST.fullmatch(host):
        raise ValueError('write a host name such as "x.example"')
    if is_public_suffix(host):
        raise ValueError("is a public suffix, under which anyone can register a domain; write the outlet's own host")
    if value != host:
        raise ValueError(f'write "{host}"')
    return value


def _day_pattern(value: Any) -> Any:
    fault = fault_of(value) if isinstance(value, str) else "write a URL that contains %Y, %m and %d"
    if fault or absolute("", date(2026, 3, 7).strftime(value)) is None:
        raise ValueError(fault or 'write a full http(s) URL, such as "https://example.org/%Y/%m/%d/"')
    return value


def _selectable(name: Any) -> Any:
    if name not in SELECTABLE:
        suggestion = did_you_mean(str(name), SELECTABLE)
        raise ValueError(f"{name!r} cannot be selected{suggestion}; allowed: {', '.join(SELECTABLE)}")
    return name


Url = Annotated[str, BeforeValidator(_url)]
LinksCss = Annotated[str, BeforeValidator(_links_css)]
FieldCss = Annotated[str, BeforeValidator(_field_css)]
HostName = Annotated[str, BeforeValidator(_host)]
Selectable = Annotated[str, BeforeValidator(_selectable)]
DayPattern = Annotated[str, BeforeValidator(_day_pattern)]
