"""Normalise URLs: one key for all forms under which an article is linked; domains and hosts.

A wrong key loses articles, so two URLs that may be different keep different keys. A parameter is dropped only if it is
known to be a tracker or to choose a rendering: an unknown `?nr=77` may be the article's number (courlan's wider patterns
drop `cid`, `eid` and `uid`, which some outlets use as article numbers). Path and case are kept. Further forms of the same
article are joined by rel=canonical and redirects (`crawler/url_identity.py`).
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import re
import unicodedata
from collections.abc import Collection
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Names of click and campaign parameters, from the public lists of AdGuard (TrackParamFilter), ClearURLs and Mozilla's
# query stripping; none of them identifies an article in 2,891 hand-labelled news links.
_TRACKERS = frozenset(
    """
    __hssc __hstc _ga _gl _hsenc _hsmi at_bbc_team at_campaign at_custom1 at_custom2 at_custom3 at_custom4
    at_format at_link_id at_link_origin at_link_type at_medium at_ptr_name campaign campaign_id cid_source cmp
    cmpid cmpintid dclid emailid fb_action_ids fb_action_types fb_source fbclid feedtype ftag gbraid gclid
    gclsrc guccounter guce_referrer guce_referrer_sig hsctatracking icid igsh igshid intcmp maca mc_cid mc_eid
    mkcid mkt_tok mod msclkid ncid ns_campaign ns_linkname ns_mchannel ns_source ocid oly_anon_id oly_enc_id
    partner partnerid ref ref_src ref_url referer referrer rss s_cid sc_campaign sc_channel scm_ sfmc_id share
    shared sharetype smid smtyp soc_src soc_trk spm sref srnd syn taid tpcc tracking_source traffic_source trk
    replytocom srsltid gad_source mibextid trkinfo ttclid twclid vero_id wbraid wprov wt_mc wt_zmc xing_share xtor yclid ysclid
    """.split()
)
_TRACKER_PREFIXES = (
    "utm_",
    "mtm_",
    "pk_",
    "itm_",
    "hsa_",
    "stm_",
    "matomo_",
    "piwik_",
    "ga_",
    "wt.mc",
    "_x_tr_",
    "_branch_",
)
_RENDERINGS = frozenset({"amp", "outputtype", "output", "print", "printmode", "noamp", "_amp", "outputformat"})
"""Parameters that choose a rendering of the same article; `output` and `outputtype` only with the value "amp"."""

_SAME_SITE_LABELS = ("www", "m", "mobile", "amp", "touch", "wap")
_INDEX_FILES = re.compile(r"^(?:index|default)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
_SCRIPT_FILE = re.compile(r"\.(?:php\d?|aspx?|jsp|cgi|cfm|do|pl)$", re.IGNORECASE)
_AMP_SUFFIX = re.compile(r"\.amp(?:\.html)?$|(?<=\w)[-_.]amp\.html$", re.IGNORECASE)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/]*|/\((?:[A-Z]\([^()/]*\))+\)(?=/)", re.IGNORECASE)
"""Session IDs in the path, as Java, PHP and ASP.NET ("/(S(x1y2))/") write them."""
_SESSION_PARAMETER = re.compile(
    r"(?:php|asp|j)?_?sess(?:ion)?_?id\w*=.*|(?:sid|session|oscsid|zenid|cftoken|cfid)=(?=.*\d)[0-9a-z-]{16,}",
    re.IGNORECASE,
)
_CHANNELS = frozenset("rss feed feeds atom newsletter email twitter facebook telegram whatsapp linkedin push".split())
"""Values by which a link says where it was clicked: `?from=rss`."""
_DEVIATIONS = frozenset("\u00df\u03c2\u200c\u200d")
"""Characters that browsers keep in a host name and Python's codec replaces: "straße" would become "strasse"."""
_NO_HOST = re.compile(r"""[\s<>"\\^`{|}\x00-\x1f\x7f]""")
"""Characters that a host name cannot have: the value is a sentence or an unfilled template."""
MAX_URL = 8_000
"""Characters of a link. Headlines of 400 Cyrillic letters have 2,400 after percent-encoding; longer URLs are data."""
MAX_REQUEST_URL = 32_768
"""Characters after percent-encoding; Scrapy drops longer requests without a word (URLLENGTH_LIMIT)."""


@functools.lru_cache(maxsize=4096)
def absolute(base: str, url: str) -> str | None:
    """Return a URL found in a document at `base` as an absolute http(s) URL without fragment; None if it is invalid."""
    if not base and len(url) <= MAX_URL and _PLAIN_URL.fullmatch(url) and not _FRAGMENT_OR_DOT.search(url):
        return url  # nearly all URLs of sources.toml, which can have thousands
    if "\\" in url:  # browsers read it as a slash
        path, mark, query = url.partition("?")
        url = path.replace("\\", "/") + mark + query
    try:
        joined = urljoin(base, "".join(url.split("\n")).strip())
        parts = urlsplit(joined)
        if "/." in parts.path:
            parts = urlsplit(urljoin(joined, parts._replace(scheme="", netloc="").geturl()))
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or len(joined) > MAX_URL:
        return None
    if _NO_HOST.search(parts.netloc):
        return None
    host, colon, port = parts.netloc.partition(":")
    netloc = parts.netloc if _DEVIATIONS.isdisjoint(host) else ascii_host(host) + colon + port
    found = urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
    return found if is_requestable(found) else None


def is_requestable(url: str) -> bool:
    """Return whether Scrapy's `Request` accepts a URL: it raises ValueError for characters that cannot be encoded."""
    if _PLAIN_URL.fullmatch(url):
        return len(url) <= MAX_REQUEST_URL
    from w3lib.url import safe_url_string

    try:
        return bool(urlsplit(safe_url_string(url)).hostname) and not is_too_long(url)
    except ValueError:  # a UnicodeError is one, too
        return False


def is_too_long(url: str) -> bool:
    """Return whether a URL is too long for a request after percent-encoding."""
    if len(url) * 12 <= MAX_REQUEST_URL:  # a character has 4 bytes at most, each of which becomes %XX
        return False
    from w3lib.url import safe_url_string

    try:
        return len(safe_url_string(url)) > MAX_REQUEST_URL
    except ValueError:
        return False


_FRAGMENT_OR_DOT = re.compile(r"[#?]|/\.")
_PLAIN_URL = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9-]{0,60}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,60})+(?::[0-9]{1,4})?/[!-~]*"
)
"""URLs that are accepted without importing w3lib: nearly all."""


def url_key(url: str, *, slug_identity: bool = False, keep_params: Collection[str] = ()) -> str:
    """Return the key shared by all forms of an article's URL: host, path and the parameters that identify it.

    `slug_identity`: only the last segment of the path counts (`/news-feed/x`, `/x` and `/x/` are one article).
    `keep_params`: parameters that count although they look like trackers. Never raises: an invalid URL is its own key.
    """
    try:
        parts = urlsplit(_without_amp_cache(url.strip()))
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        return url.strip()
    segments = _segments(parts.path)
    if slug_identity and segments:
        segments = segments[-1:]
    is_script = bool(_SCRIPT_FILE.search(parts.path))
    query = _query(parts.query, frozenset(name.lower() for name in keep_params), is_script=is_script)
    origin = host if port in {None, 80, 443} else f"{host}:{port}"
    route = f"#{parts.fragment}" if parts.fragment and is_hash_route(url) else ""
    return origin + "/" + "/".join(segments) + (f"?{query}" if query else "") + route


@functools.lru_cache(maxsize=4096)
def registered_domain(host: str) -> str:
    """Return the registered domain of a host: "bbc.co.uk" for "feeds.bbc.co.uk"; an IP address is returned as it is."""
    host = ascii_host(host.strip(".").strip("[]"))
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        # A suffix that is not in the list (of an intranet, ".example") counts as one label.
        return _public_suffixes().privatesuffix(host) or ".".join(host.split(".")[-2:])


def is_public_suffix(host: str) -> bool:
    """Return whether a host is a public suffix of several labels, such as "co.uk"."""
    return "." in host and _public_suffixes().publicsuffix(host) == host


@functools.lru_cache(maxsize=4096)
def host_of(url: str) -> str:
    """Return the host of a URL in lower case and ASCII; "" if it has none."""
    try:
        return ascii_host(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def is_hash_route(address: str) -> bool:
    """Return whether a script shows the article at a fragment of another page: "/#/news/77", "/app#!/news/77".

    Without the fragment, all such addresses are one page. A page with a date or a headline in its path has a fragment
    for other purposes.
    """
    page, mark, route = address.partition("#")
    if not mark or not _ROUTE.match(route):
        return False
    return _ARTICLE_PATH.search(re.sub(r"^\s*(?:https?:)?//[^/]*", "", page)) is None


_ROUTE = re.compile(r"[!/].*\w")
_ARTICLE_PATH = re.compile(r"\d{4}|(?:[^/-]+-){3}")


def ascii_host(host: str) -> str:
    """Return a host in lower case, with non-ASCII labels encoded for DNS ("xn--..."), as in requests."""
    if not host.isascii():
        import idna

        with contextlib.suppress(UnicodeError):  # a name that IDNA cannot encode stays as it is
            try:
                host = idna.encode(host, uts46=True).decode("ascii")
            except idna.IDNAError:  # an emoji, or an underscore
                host = host.encode("idna").decode("ascii")
    return host.lower()


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def path_segments(url: str) -> tuple[str, ...]:
    """Return the non-empty segments of the path, without index file and AMP markers."""
    try:
        return tuple(_segments(urlsplit(url).path))
    except ValueError:
        return ()


@functools.cache
def _public_suffixes() -> PublicSuffixList:
    """The list in the package, without private domains ("github.io"): the same result on every machine."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(only_icann=True, accept_unknown=False)


def _host(host: str) -> str:
    host = ascii_host(host.rstrip("."))
    label, _, rest = host.partition(".")
    return rest if label in _SAME_SITE_LABELS and "." in rest and not rest.replace(".", "").isdigit() else host


def _segments(path: str) -> list[str]:
    segments = [_normalised(part) for part in _SESSION.sub("", path).split("/")]
    kept = [part for part in segments if part and part.lower() != "amp"]
    if kept and _INDEX_FILES.match(kept[-1]):
        kept.pop()
    if kept:
        kept[-1] = _AMP_SUFFIX.sub(lambda found: ".html" if found[0].endswith("html") else "", kept[-1])
    return kept


def _normalised(part: str) -> str:
    """Return a segment in one spelling, whether it was percent-encoded or not."""
    return quote(unicodedata.normalize("NFC", unquote(part)), safe="!$&'()*+,;=:@~")


def _query(query: str, keep: frozenset[str], *, is_script: bool) -> str:
    pairs = set(parse_qsl(query.replace("&amp;", "&"), keep_blank_values=True, max_num_fields=None))
    kept = {(name, value) for name, value in pairs if _is_significant(name.lower(), value, keep)}
    if is_script and not kept:  # "print.php?print=4821": a script without parameters is no article
        kept = {pair for pair in pairs if re.fullmatch(r"\d{3,12}", pair[1]) and not pair[0].startswith("utm_")}
    return urlencode(sorted(kept))


def _is_significant(name: str, value: str, keep: frozenset[str]) -> bool:
    if name in keep:
        return True
    if name in {"output", "outputtype", "outputformat"}:
        return value.lower() != "amp"
    if name in {"from", "source", "src", "via", "medium"}:
        return value.lower() not in _CHANNELS
    return not (
        name in _TRACKERS
        or name in _RENDERINGS
        or name.startswith(_TRACKER_PREFIXES)
        or _SESSION_PARAMETER.fullmatch(f"{name}={value}")
    )


_AMP_CACHE = re.compile(
    r"^https?://(?:[^/]+\.cdn\.ampproject\.org/(?:c|v|i)/(?P<cdn_s>s/)?|(?:www\.)?google\.[a-z.]+/amp/(?P<google_s>s/)?)",
    re.IGNORECASE,
)


def _without_amp_cache(url: str) -> str:
    found = _AMP_CACHE.match(url)
    if found is None:
        return url
    secure = found["cdn_s"] or found["google_s"]
    return ("https://" if secure else "http://") + url[found.end() :]
