"""Identify the article of a page: all keys of its URL forms, and whether its rel=canonical can be trusted."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from crawler.models import Link
from crawler.urls import MAX_URL, host_of, path_segments, registered_domain, url_key

KeyOrigin = Literal["link", "request", "redirect", "canonical", "guid"]
IdentityRule = Literal["url", "guid", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRules:
    """How a source identifies its articles; created by `Source.key_rules`."""

    source: str
    identity: IdentityRule = "url"
    slug_identity: bool = False
    keep_params: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    """Further registered domains that belong to the outlet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleKey:
    """One URL form of an article, and its key."""

    key: str
    url: str
    origin: KeyOrigin


def link_keys(link: Link, rules: KeyRules) -> tuple[ArticleKey, ...]:
    """Return the keys of a link before it is fetched, the one that decides first."""
    by_guid = ArticleKey(key=f"guid:{rules.source}:{link.guid}", url=link.url, origin="guid")
    if not link.has_page:
        return (by_guid,)
    by_url = ArticleKey(key=_url_key(link.url, rules), url=link.url, origin="link")
    if rules.identity == "url" or not link.guid:
        return (by_url,)
    return (by_guid,) if rules.identity == "guid" else (by_guid, by_url)


def page_keys(
    *, url: str, final_url: str, canonical: str | None, link: Link | None, rules: KeyRules
) -> tuple[ArticleKey, ...]:
    """Return all keys of a fetched page; a new article is stored with the first.

    With identity "guid" only the link's guid decides, for outlets that publish many items at one URL.
    """
    forms: list[ArticleKey] = list(link_keys(link, rules)) if link is not None else []
    if link is not None and forms[0].origin == "guid" and (rules.identity == "guid" or not link.has_page):
        return tuple(forms)
    if final_url == url.partition("#")[0]:  # a browser may leave out the fragment
        final_url = url
    if canonical and is_trusted_canonical(canonical, page_url=final_url, rules=rules):
        forms.insert(0, ArticleKey(key=_url_key(canonical, rules), url=canonical, origin="canonical"))
    forms.append(ArticleKey(key=_url_key(url, rules), url=url, origin="request"))
    if final_url != url and not redirected_away(url, final_url):
        forms.append(ArticleKey(key=_url_key(final_url, rules), url=final_url, origin="redirect"))
    # The guid is first if the source uses it; then rel=canonical, the final URL, and the URL that was linked.
    rank = {"guid": 0, "canonical": 1, "redirect": 2, "link": 3, "request": 3}
    return tuple({(form.key, form.url): form for form in sorted(forms, key=lambda form: rank[form.origin])}.values())


def redirected_away(url: str, final_url: str) -> bool:
    """Return whether redirects led away from the article: to the home page or to a parent of the requested page."""
    requested, reached = path_segments(url), path_segments(final_url)
    if final_url == url or "?" in final_url:
        return False
    return bool(requested) and (not reached or (len(reached) < len(requested) and requested[: len(reached)] == reached))


def is_trusted_canonical(canonical: str, *, page_url: str, rules: KeyRules) -> bool:
    """Return whether a page's rel=canonical refers to this page, not to the home page, a section or another outlet.

    Otherwise all pages of an outlet whose rel=canonical is its home page or a section would become one article.
    """
    if not canonical.startswith(("http://", "https://")):
        return False
    domains = {registered_domain(host_of(page_url)), *rules.domains}
    if registered_domain(host_of(canonical)) not in domains:
        return False
    if "#" in page_url or _url_key(canonical, rules) == _url_key(page_url, rules):
        return "#" not in page_url
    if (folder := article_folder(_url_key(page_url, rules))) and folder == article_folder(_url_key(canonical, rules)):
        return True  # another headline below the same number
    claimed, own = path_segments(canonical), path_segments(page_url)
    if not claimed or claimed == own[: len(claimed)]:
        # The page itself without its parameters is the usual case; the home page or a section is a mistake of the site.
        return bool(claimed) and claimed == own and not _has_identity_in_query(page_url)
    return _alike(claimed[-1], own[-1] if own else "") or not _is_distinctive(own[-1] if own else "")


def article_folder(key: str) -> str | None:
    """Return the start of a key up to the folder that may be the article's number: "a.example/g/4821193/" of
    "a.example/g/4821193/pier-closes".

    None if the key has no such folder, or no headline after it. The folder may also be the number of an author or a section.
    """
    found = _ARTICLE_FOLDER.fullmatch(key) if len(key) <= MAX_URL else None
    return found[1] if found is not None and not found[2].isdigit() else None


_ARTICLE_FOLDER = re.compile(r"((?!guid:)[^/?]+/(?:[^/?]+/)*(?=[^/?]*[0-9])[A-Za-z0-9_-]{6,}/)([^/?]+)")
"""A key whose last folder has six or more characters with a digit: outlets number articles in that way."""


def _url_key(url: str, rules: KeyRules) -> str:
    return _cached_url_key(url, rules.slug_identity, rules.keep_params)


@functools.lru_cache(maxsize=1024)  # a page, its link and its rel=canonical usually have the same URL
def _cached_url_key(url: str, slug_identity: bool, keep_params: tuple[str, ...]) -> str:
    return url_key(url, slug_identity=slug_identity, keep_params=keep_params)


_ID_PARAM = re.compile(
    r"[?&](?:id|p|article|articleid|article_id|story|storyid|news|newsid|nid|aid|sid|cid|item|doc|key|a)=",
    re.IGNORECASE,
)


def _has_identity_in_query(url: str) -> bool:
    return _ID_PARAM.search(url) is not None


_WORD = re.compile(r"[^\W_]+", re.UNICODE)


def _alike(one: str, other: str) -> bool:
    """Return whether two last segments are alike: they share a number of four or more digits, or most words."""
    words, others = _words(one), _words(other)
    if _numbers(words) & _numbers(others):
        return True
    return bool(words and others) and len(words & others) / min(len(words), len(others)) >= 0.6


def _is_distinctive(segment: str) -> bool:
    """Return whether a segment is a slug of three words or more, not a number or code that rel=canonical may replace."""
    return len([word for word in _words(segment) if not word.isdigit()]) >= 3


def _words(segment: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(unquote(segment))} - {"html", "htm", "php", "amp"}


def _numbers(words: Collection[str]) -> set[str]:
    return {word for word in words if word.isdigit() and len(word) >= 4}
