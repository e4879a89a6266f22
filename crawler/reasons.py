"""Reason codes: why a poll, a fetch or a link came to nothing, as values that code and SQL can compare.

Each cause is stored twice: as a code in `reason_code`, and as one line for people next to it. Decisions use the code.
`as_markdown` generates docs/reference/reason-codes.md.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing_extensions import Self


class ReasonCode(str, Enum):
    """A machine-readable cause, with its group and a description for the reference."""

    group: str
    description: str

    def __new__(cls, value: str, group: str, description: str) -> Self:
        """Create a member from its stored value, its group and its description."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.group = group
        member.description = description
        return member

    def __str__(self) -> str:
        """Return the stored value, whatever the version of Python."""
        return str(self.value)

    # Requests that were not sent
    ROBOTS_DISALLOWED = "robots_disallowed", "refused", "The host's robots.txt disallows the URL."
    ROBOTS_UNREACHABLE = "robots_unreachable", "refused", "robots.txt could not be fetched, so every URL is disallowed."
    RETRY_AFTER = "retry_after", "refused", "The host sent HTTP 429 or 503 and the waiting time is not over."
    PRIVATE_NETWORK = "private_network", "refused", "The host has a private address that its source does not allow."
    INVALID_URL = "invalid_url", "refused", "The URL cannot be requested."
    URL_TOO_LONG = "url_too_long", "refused", "The URL is longer than the limit for requests."

    # Connections without a response
    DNS = "dns", "connection", "The host name could not be resolved."
    CONNECTION = "connection", "connection", "The connection was refused, lost, or closed without a response."
    TLS = "tls", "connection", "The TLS handshake failed or the certificate was rejected."
    TIMEOUT = "timeout", "connection", "There was no response in time."
    INVALID_HTTP = "invalid_http", "connection", "The response is not valid HTTP."
    DOWNLOAD_FAILED = "download_failed", "connection", "The download failed for another reason."

    # Responses
    HTTP_401 = "http_401", "response", "HTTP 401: a login is required."
    HTTP_402 = "http_402", "response", "HTTP 402: payment is required."
    HTTP_403 = "http_403", "response", "HTTP 403: the server refused the request."
    HTTP_404 = "http_404", "response", "HTTP 404: there is no document at the URL."
    HTTP_406 = "http_406", "response", "HTTP 406: the server has no acceptable version."
    HTTP_410 = "http_410", "response", "HTTP 410: the document was removed."
    HTTP_429 = "http_429", "response", "HTTP 429: too many requests."
    HTTP_451 = "http_451", "response", "HTTP 451: not available for legal reasons."
    HTTP_4XX = "http_4xx", "response", "Another HTTP status from 400 to 499."
    HTTP_5XX = "http_5xx", "response", "An HTTP status from 500: the server failed."
    HTTP_304_UNEXPECTED = "http_304_unexpected", "response", "HTTP 304, but no earlier response is stored."
    REDIRECT = "redirect", "response", "A redirect that cannot be followed."
    TOO_MANY_REDIRECTS = "too_many_redirects", "response", "The redirects did not end within the limit."
    MOVED = "moved", "response", "The configured address is gone; the document was read at its new address."
    REDIRECTED_AWAY = "redirected_away", "response", "The URL redirects to a page that is not the article."
    TRUNCATED = "truncated", "response", "The response was cut off."
    TOO_LARGE = "too_large", "response", "The response is larger than the limit."
    BAD_ENCODING = "bad_encoding", "response", "The content encoding could not be decompressed."
    EMPTY_RESPONSE = "empty_response", "response", "The response has no body."

    # Parsing
    PARSE_TIMEOUT = "parse_timeout", "parsing", "Parsing exceeded its time limit and was stopped."
    PARSER_CRASHED = "parser_crashed", "parsing", "The process that parsed the document died."
    PARSER_FAILED = "parser_failed", "parsing", "The parser raised an exception."
    UNDECODABLE = "undecodable", "parsing", "The document has no readable characters."
    MALFORMED = "malformed", "parsing", "The XML is not well-formed; what could be read was read."
    NOT_A_FEED = "not_a_feed", "parsing", "The document is not a feed."
    NOT_A_SITEMAP = "not_a_sitemap", "parsing", "The document is not a sitemap."
    NOT_HTML = "not_html", "parsing", "The document is not an HTML page."
    NOT_A_WARC_RECORD = "not_a_warc_record", "parsing", "The bytes are not a readable WARC record."
    NO_LINKS = "no_links", "parsing", "The document has no links to articles."
    FEW_LINKS = "few_links", "parsing", "The listing has too few links to articles."
    BAD_SELECTOR = "bad_selector", "parsing", "The selector or pattern of the listing matches nothing."
    UNTITLED_LINKS = "untitled_links", "parsing", "Some links of the listing have no text."
    TOO_MANY_ENTRIES = "too_many_entries", "parsing", "The document has more entries than are read."

    ENTRIES_LEFT_OUT = "entries_left_out", "parsing", "Some entries did not become links; `polls.left_out` counts them."
    EMPTIED = "emptied", "parsing", "The document has no entries; at earlier polls it had some."
    SHRUNK = "shrunk", "parsing", "The listing has far fewer links to articles than at earlier polls."
    UNREADABLE_ENTRY = "unreadable_entry", "parsing", "The entry is damaged and could not be parsed."

    # Links that are not queued
    NO_URL = "no_url", "link", "The entry has no URL."
    NOT_HTTP = "not_http", "link", "The URL is not an http or https address."
    HASH_ROUTE = "hash_route", "link", "A script shows the article at a fragment (`#/...`) of another page's URL."
    DUPLICATE = "duplicate", "link", "The document lists the same article more than once."
    OFF_SITE = "off_site", "link", "The link leads to another site."
    NOT_AN_ARTICLE = "not_an_article", "link", "The link does not look like an article."
    SITEMAP_NOT_READ = "sitemap_not_read", "link", "The child sitemap was not read yet; later polls read it in turn."
    SITEMAP_UNCHANGED = "sitemap_unchanged", "link", "The child sitemap was read before and not again at this poll."
    PATTERN_MISMATCH = "pattern_mismatch", "link", "The URL does not match the pattern of the listing."
    SPONSORED = "sponsored", "link", "The link is marked as sponsored."
    ONLY_PATHS = "only_paths", "link", "The URL does not match only_paths in sources.toml."
    IGNORE_PATHS = "ignore_paths", "link", "The URL matches ignore_paths in sources.toml."
    FORGOTTEN = "forgotten", "link", "The article was removed with `scrapy archive forget`; it is not stored again."
    TOO_OLD = "too_old", "link", "The article was published before the backfill limit."

    # Pages
    BOT_WALL = "bot_wall", "page", "The page is a bot wall or a captcha."
    CONSENT_WALL = "consent_wall", "page", "The page is a consent wall."
    PAYWALL = "paywall", "page", "Only the part before the paywall is shown."
    ERROR_PAGE = "error_page", "page", "The page is an error page with a success status."
    NO_TEXT = "no_text", "page", "The page has no article text."
    OLDER_PAGE = "older_page", "page", "The recorded page is older than the current version; it is kept as evidence."
    ONLY_TEASER = "only_teaser", "page", "Only a teaser was shown this time; the full text is kept."
    FEED_TEXT = "feed_text", "page", "The text is from the feed because the page could not be read."
    PAGE_TEXT_KEPT = "page_text_kept", "page", "The text of the feed differs; the text of the page is kept."

    # Recorded pages that replay leaves out
    NO_SOURCE = "no_source", "replay", "The page belongs to no source in sources.toml."
    ALREADY_STORED = "already_stored", "replay", "The recorded page is in the archive already."


class Reason(NamedTuple):
    """A cause as a code, with the line that a person reads."""

    code: ReasonCode
    text: str


ROBOTS_CODES = frozenset({ReasonCode.ROBOTS_DISALLOWED, ReasonCode.ROBOTS_UNREACHABLE})
"""Refusals because of robots.txt."""
REFUSED_BY_OUTLET = frozenset({ReasonCode.ROBOTS_DISALLOWED, ReasonCode.RETRY_AFTER})
"""Refusals that the outlet asked for, as opposed to outages and our own rules."""

LOST_ENTRIES = frozenset({
    ReasonCode.NO_URL, ReasonCode.INVALID_URL, ReasonCode.NOT_HTTP, ReasonCode.URL_TOO_LONG,
    ReasonCode.UNREADABLE_ENTRY, ReasonCode.TOO_MANY_ENTRIES, ReasonCode.HASH_ROUTE,
})  # fmt: skip
"""Entries of a feed or sitemap that may be missed articles. A listing has such links too, but not to articles."""
DOCUMENT_NOTES = frozenset({
    ReasonCode.ENTRIES_LEFT_OUT, ReasonCode.SHRUNK, ReasonCode.EMPTIED, ReasonCode.SITEMAP_NOT_READ, ReasonCode.MALFORMED,
    ReasonCode.TRUNCATED, ReasonCode.UNTITLED_LINKS, ReasonCode.ONLY_PATHS, ReasonCode.IGNORE_PATHS, ReasonCode.HASH_ROUTE,
})  # fmt: skip
"""Notes on a document that was parsed. They stay valid while the document does not change."""

_GROUPS = {
    "refused": "Requests that are not sent",
    "connection": "Connections without a response",
    "response": "Responses",
    "parsing": "Documents and pages that cannot be parsed, or only in part",
    "link": "Links that are not queued",
    "page": "Pages",
    "replay": "Recorded pages that `scrapy replay` leaves out",
}


def http_code(status: int) -> ReasonCode:
    """The reason code of an HTTP status from 300."""
    try:
        return ReasonCode(f"http_{status}")  # type: ignore[call-arg]  # a lookup by value
    except ValueError:
        pass
    if status >= 500:
        return ReasonCode.HTTP_5XX
    return ReasonCode.HTTP_4XX if status >= 400 else ReasonCode.REDIRECT


def http_reason(status: int) -> Reason:
    """The reason for a response with an error status: "HTTP 404"."""
    return Reason(http_code(status), f"HTTP {status}")


def description_of(code: str) -> str:
    """The description of a stored code; the code itself if this version does not know it."""
    try:
        return ReasonCode(code).description.rstrip(".")  # type: ignore[call-arg]  # a lookup by value
    except ValueError:
        return code


def reason_codes_as_markdown() -> str:
    """docs/reference/reason-codes.md: a table for each group."""
    lines = [
        "# Reason codes",
        "",
        "The columns `reason_code` of `seeds`, `polls`, `queue` and `fetches`, and the keys of `source_runs.reasons`,"
        " hold these codes. The column next to each holds the same cause in one line for people; its wording may change,"
        " the codes do not.",
    ]
    for group, heading in _GROUPS.items():
        lines += ["", f"## {heading}", "", "| code | meaning |", "|---|---|"]
        lines += [f"| `{code.value}` | {code.description} |" for code in ReasonCode if code.group == group]
    return "\n".join(lines) + "\n"
