"""Turn the response of a seed into a `PollRecord`, and into the documents that it leads to."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from scrapy.http import Response

from crawler.archive.crawl.queue import child_reads
from crawler.config.sources import Seed, Source
from crawler.context import CrawlContext
from crawler.crawl_state import SeedState
from crawler.exceptions import ParseError, WirewatchError, WorkerError
from crawler.items import PollRecord
from crawler.models import ResponseStatus
from crawler.reasons import Reason, ReasonCode
from spiders import responses
from spiders.documents import counted, parse_document
from spiders.markup.parsed_document import ParsedDocument
from spiders.sitemaps.index import choose_children

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedDocument:
    """One document of a seed, as it is requested."""

    source: Source
    seed: Seed
    state: SeedState
    depth: int = 0
    """0: the seed's own URL; from 1: a document that it leads to."""
    older: tuple[str, ...] | None = None
    """If the document is a page of the archive by day: the pages of the days before. None: it is not."""


async def parse_poll_response(
    run: CrawlContext, response: Response, document: SeedDocument
) -> tuple[PollRecord, ParsedDocument]:
    """Parse a response in a child process. Never raises: what is wrong with it is in the record."""
    nothing = ParsedDocument()
    fault = responses.error_reason(response)
    if fault:
        return poll_record(run, document, response.url, response, status=ResponseStatus.FAILED, reason=fault), nothing
    if response.status == 304:
        return poll_record(run, document, response.url, response, status=ResponseStatus.NOT_MODIFIED), nothing
    digest = hashlib.sha256(response.body).hexdigest()
    if document.depth == 0 and digest == document.state.body_sha256:
        return poll_record(run, document, response.url, response, status=ResponseStatus.UNCHANGED), nothing
    try:
        found = await _parse(run, response, document)
    except WirewatchError as error:
        code = error.code if isinstance(error, (ParseError, WorkerError)) else ReasonCode.PARSER_FAILED
        reason = Reason(code, getattr(error, "reason", None) or str(error))
    except Exception as error:  # a bug must not stop the other seeds
        log.exception("%s: the parser failed", response.url)
        reason = Reason(ReasonCode.PARSER_FAILED, f"the parser failed: {type(error).__name__}: {error}")
    else:
        if found.children:
            found = _with_chosen_children(run, document, found)
        _log_left_out(document.source, response.url, found)
        return poll_record(run, document, response.url, response, **_fields(response, digest, found)), found
    return poll_record(run, document, response.url, response, status=ResponseStatus.FAILED, reason=reason), nothing


def _fields(response: Response, digest: str, found: ParsedDocument) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "links": found.links, "entries": found.entries, "left_out": counted(found.left_out), "reason": found.note,
    }  # fmt: skip
    if found.fault:
        return {**fields, "status": ResponseStatus.FAILED}
    if found.children:  # an index may stay the same while its children change, so it is read at each poll
        return {**fields, "is_index": True}
    validators = {name: responses.header(response, header) for name, header in _VALIDATORS.items()}
    return {**fields, "body_sha256": digest, **validators}


_VALIDATORS = {"etag": "ETag", "last_modified": "Last-Modified"}


def _with_chosen_children(run: CrawlContext, document: SeedDocument, found: ParsedDocument) -> ParsedDocument:
    """The document with the children that this poll reads; the others are left out."""
    now = run.clock()
    reads = child_reads(run.reader, document.source.id, document.seed.url, now=now)
    chosen = choose_children(found.children, reads, now=now, backfill=run.config.backfill)
    missing = [one.what for one in chosen.left_out if one.code is ReasonCode.SITEMAP_NOT_READ]
    note = found.note
    if missing and note is None:
        some = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        text = f"{len(missing)} of {len(found.children)} child sitemaps not read yet: {some}"
        note = Reason(ReasonCode.SITEMAP_NOT_READ, text)
    children = tuple(child for child in found.children if child.url in set(chosen.urls))
    return replace(found, children=children, left_out=found.left_out + chosen.left_out, note=note)


def _log_left_out(source: Source, url: str, found: ParsedDocument) -> None:
    if not log.isEnabledFor(logging.DEBUG):
        return
    for one in found.left_out:
        log.debug("%s: %s: skipped %s (%s)", source.id, url, one.what or f"{one.count} entries", one.code)


async def _parse(run: CrawlContext, response: Response, document: SeedDocument) -> ParsedDocument:
    seed = document.seed if document.older is None else Seed(url=response.url, kind="listing")
    return await run.workers.run(
        parse_document,
        response.body,
        seed=seed,
        url=response.url,
        content_type=responses.header(response, "Content-Type"),
        source=document.source,
        now=run.clock(),
    )


def new_url(document: SeedDocument, meta: Mapping[str, Any], status: ResponseStatus) -> str | None:
    """Return the URL that a seed was permanently redirected to, if its configured URL has no document now; else None.

    The old host may answer 404 or 503, sell the domain, or be gone.
    """
    has_failed = status is ResponseStatus.FAILED and document.depth == 0 and "gone" not in meta
    return document.state.moved_to if has_failed else None


def requested_url(response: Response) -> str:
    """Return the URL that was requested, before redirects."""
    return str(response.meta.get("redirect_urls", (response.url,))[0])


def poll_record(
    run: CrawlContext, document: SeedDocument, url: str, response: Response | None = None, **known: Any
) -> PollRecord:
    """Return the record of a poll; `known`: further fields of it."""
    source, seed, is_own = document.source, document.seed, document.depth == 0
    gone: Reason | None = response.meta.get("gone") if response is not None else None
    has_failed = known.get("status") in (ResponseStatus.FAILED, ResponseStatus.REFUSED)
    moved_to = None
    if response is not None and is_own and not has_failed:
        moved_to = responses.permanent_target(response) or (requested_url(response) if gone else None)
    reason: Reason | None = known.get("reason")
    if gone and reason is None:
        text = f"{gone.text} at the configured address; read at its new address {moved_to}"
        known["reason"] = Reason(ReasonCode.MOVED, text)
    elif gone and reason is not None and has_failed:
        text = f"{gone.text} at the configured address; at its new address {url}: {reason.text}"
        known["reason"] = Reason(gone.code, text)
    return PollRecord(
        source=source,
        seed_url=seed.url,
        url=None if is_own else requested_url(response) if response is not None else url,
        run_id=run.run_id,
        at=run.clock(),
        http_status=response.status if response is not None else None,
        backfill=run.config.backfill if seed.kind == "sitemap" else None,
        moved_to=moved_to,
        milliseconds=responses.milliseconds(response),
        poll_interval=(seed.poll_interval or source.poll_interval or run.config.poll_interval) if is_own else None,
        ahead_seconds=responses.clock_skew(response, run.clock()),
        **known,
    )
