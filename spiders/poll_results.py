"""What the answer of a way says: a `Poll` for the archive, and the links found in it."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from typing import Any

from scrapy.http import Response

from crawler.archive.crawl.polls import PollResult
from crawler.archive.crawl.queue import child_reads
from crawler.config.sources import Seed, Source
from crawler.context import CrawlContext
from crawler.exceptions import ParseError, WirewatchError, WorkerError
from crawler.models import SeedState
from crawler.reasons import Reason, ReasonCode, http_code
from spiders import responses
from spiders.documents import ParsedDocument, counted, parse_document
from spiders.sitemaps.index import choose_children

log = logging.getLogger(__name__)

GONE_STATUSES = frozenset({404, 410})
"""HTTP statuses after which the new address of a moved document is tried."""


async def parse_poll_response(
    run: CrawlContext, response: Response, source: Source, seed: Seed, state: SeedState, depth: int, form: Seed
) -> tuple[PollResult, ParsedDocument]:
    """Read an answer in a child process; whatever is wrong with it stands in the poll.

    `form`: the way as which it is read; a page of the archive by day is a listing, whatever the way is.
    """
    fault = responses.error_reason(response)
    if fault:
        return poll_result(
            run, source, seed, depth, response.url, response, failed="failed", reason=fault
        ), ParsedDocument()
    if response.status == 304:
        return poll_result(run, source, seed, depth, response.url, response, not_modified=True), ParsedDocument()
    digest = hashlib.sha256(response.body).hexdigest()
    if depth == 0 and digest == state.body_sha256:
        return poll_result(
            run, source, seed, depth, response.url, response, not_modified=True, body_sha256=digest
        ), ParsedDocument()
    try:
        found = await run.workers.run(
            parse_document,
            response.body,
            seed=form,
            url=response.url,
            content_type=responses.header(response, "Content-Type"),
            source=source,
            now=run.clock(),
        )
    except WirewatchError as error:
        code = error.code if isinstance(error, (ParseError, WorkerError)) else ReasonCode.PARSER_FAILED
        reason = Reason(code, getattr(error, "reason", None) or str(error))
        return poll_result(
            run, source, seed, depth, response.url, response, failed="failed", reason=reason
        ), ParsedDocument()
    except Exception as error:  # a fault of ours must not stop the other ways
        log.exception("%s: the parser failed", response.url)
        reason = Reason(ReasonCode.PARSER_FAILED, f"the parser failed: {type(error).__name__}: {error}")
        return poll_result(
            run, source, seed, depth, response.url, response, failed="failed", reason=reason
        ), ParsedDocument()
    known: dict[str, Any] = {
        "body_sha256": digest,
        "etag": responses.header(response, "ETag"),
        "last_modified": responses.header(response, "Last-Modified"),
    }
    if found.children:  # an index may stay the same while its children change, so it is read at each poll
        known = {"is_index": True}
        found = _with_chosen_children(run, source, seed, found)
    if found.fault:
        known = {"failed": "failed"}
    _log_left_out(source, response.url, found)
    poll = poll_result(
        run, source, seed, depth, response.url, response,
        links=found.links, entries=found.entries, left_out=counted(found.left_out), reason=found.note, **known,
    )  # fmt: skip
    return poll, found


def _with_chosen_children(run: CrawlContext, source: Source, seed: Seed, document: ParsedDocument) -> ParsedDocument:
    """The document with the children that this poll reads; the others are left out."""
    now = run.clock()
    chosen = choose_children(
        document.children, child_reads(run.reader, source.id, seed.url, now=now), now=now, backfill=run.config.backfill
    )
    unread = [one.what for one in chosen.left_out if one.code is ReasonCode.SITEMAP_UNREAD]
    note = document.note
    if unread and note is None:
        some = ", ".join(unread[:3]) + (f" and {len(unread) - 3} more" if len(unread) > 3 else "")
        text = f"{len(unread)} of {len(document.children)} child sitemaps not read yet: {some}"
        note = Reason(ReasonCode.SITEMAP_UNREAD, text)
    children = tuple(child for child in document.children if child.url in set(chosen.urls))
    return replace(document, children=children, left_out=document.left_out + chosen.left_out, note=note)


def _log_left_out(source: Source, url: str, document: ParsedDocument) -> None:
    if not log.isEnabledFor(logging.DEBUG):
        return
    for one in document.left_out:
        log.debug("%s: %s: skipped %s (%s)", source.id, url, one.what or f"{one.count} entries", one.code)


def asked_url(response: Response) -> str:
    """The URL that was requested, before redirects."""
    return str(response.meta.get("redirect_urls", (response.url,))[0])


def poll_result(
    run: CrawlContext, source: Source, seed: Seed, depth: int, url: str, response: Response | None = None, **known: Any
) -> PollResult:
    """Of one document of a way; `depth` 0 is the way's own. `known`: what else its answer told, as `Poll` names it."""
    gone = response.meta.get("gone") if response is not None else None  # the status at the configured address
    moved_to = None
    if response is not None and depth == 0 and known.get("failed") is None:
        moved_to = responses.permanent_target(response) or (asked_url(response) if gone else None)
    reason: Reason | None = known.get("reason")
    if gone and reason is None:
        text = f"HTTP {gone} at the configured address; read at its new address {moved_to}"
        known["reason"] = Reason(ReasonCode.MOVED, text)
    elif gone and reason is not None and known.get("failed"):
        text = f"HTTP {gone} at the configured address; at its new address {url}: {reason.text}"
        known["reason"] = Reason(http_code(gone), text)
    return PollResult(
        source=source.id,
        rules=source.key_rules,
        seed_url=seed.url,
        url=(asked_url(response) if response is not None else url) if depth else None,
        run_id=run.run_id,
        at=run.clock(),
        http_status=response.status if response is not None else None,
        backfill=run.config.backfill if seed.kind == "sitemap" else None,
        moved_to=moved_to,
        is_moved_gone=bool(gone) and response is not None and response.status in GONE_STATUSES,
        milliseconds=responses.milliseconds(response),
        poll_interval=None if depth else seed.poll_interval or source.poll_interval or run.config.poll_interval,
        ahead_seconds=responses.clock_skew(response, run.clock()),
        **known,
    )
