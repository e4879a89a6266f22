"""What the answer of a way says: a `Poll` for the archive, and the links found in it."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from scrapy.http import Response

from crawler.archive.polls import Poll
from crawler.archive.queries import WayState
from crawler.errors import WirewatchError
from crawler.run import CrawlRun
from crawler.sources import Source, Way
from spiders import answers
from spiders.discovery import Found, read_way

log = logging.getLogger(__name__)


async def polled_document(
    run: CrawlRun, response: Response, source: Source, way: Way, state: WayState, depth: int, form: Way
) -> tuple[Poll, Found]:
    """Read an answer in a child process; whatever is wrong with it stands in the poll.

    `form`: the way as which it is read; a page of the archive by day is a listing, whatever the way is.
    """
    fault = answers.fault(response)
    if fault:
        return poll_of(run, source, way, depth, response.url, response, failed="failed", error=fault), Found()
    if response.status == 304:
        return poll_of(run, source, way, depth, response.url, response, not_modified=True), Found()
    digest = hashlib.sha256(response.body).hexdigest()
    if depth == 0 and digest == state.body_sha256:
        return poll_of(run, source, way, depth, response.url, response, not_modified=True, body_sha256=digest), Found()
    try:
        found = await run.workers.run(
            read_way,
            response.body,
            way=form,
            url=response.url,
            content_type=answers.header(response, "Content-Type"),
            source=source,
            now=run.clock(),
            last_polled_at=state.polled_at,
        )
    except WirewatchError as error:
        reason = getattr(error, "reason", None) or str(error)
        return poll_of(run, source, way, depth, response.url, response, failed="failed", error=reason), Found()
    except Exception as error:  # a fault of ours must not stop the other ways
        log.exception("%s: the parser failed", response.url)
        reason = f"the parser failed: {type(error).__name__}: {error}"
        return poll_of(run, source, way, depth, response.url, response, failed="failed", error=reason), Found()
    known: dict[str, Any] = {
        "body_sha256": digest,
        "etag": answers.header(response, "ETag"),
        "last_modified": answers.header(response, "Last-Modified"),
    }
    if found.children:  # an index stays the same while what it points to changes: it has to be read each time
        known = {"is_index": True}
    poll = poll_of(run, source, way, depth, response.url, response, links=found.links, error=found.note, **known)
    return poll, found


def poll_of(
    run: CrawlRun, source: Source, way: Way, depth: int, url: str, response: Response | None = None, **known: Any
) -> Poll:
    """Of one document of a way; `depth` 0 is the way's own. `known`: what else its answer told, as `Poll` names it."""
    moved = response is not None and depth == 0 and 301 in response.meta.get("redirect_reasons", ())
    return Poll(
        source=source.id,
        rules=source.key_rules,
        way_url=way.url,
        url=url if depth else None,
        run_id=run.run_id,
        at=run.clock(),
        http_status=response.status if response is not None else None,
        backfill=run.config.backfill if way.kind == "sitemap" else None,
        moved_to=response.url if moved and response is not None else None,
        milliseconds=answers.milliseconds(response),
        every=None if depth else way.every or source.every or run.config.every,
        ahead_seconds=answers.ahead(response, run.clock()),
        **known,
    )
