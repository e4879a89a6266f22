"""The page of the desk: saved searches, what is muted, starred and annotated articles, and the reader's time zone."""

from __future__ import annotations

import zoneinfo

from datasette.utils.asgi import BadRequest

from crawler.archive.desk.annotations import latest_annotations
from crawler.archive.desk.mutes import active_mutes
from crawler.archive.desk.saved_searches import saved_searches
from crawler.sqlite.connection import Connection
from schedules.datasette_plugin.reader import zone_named
from schedules.datasette_plugin.responses import Context, PageRequest

MAX_ANNOTATIONS = 200


def desk_context(db: Connection, request: PageRequest) -> Context:
    return {
        "searches": saved_searches(db),
        "mutes": active_mutes(db, request.now),
        "annotations": latest_annotations(db, MAX_ANNOTATIONS),
        "zones": sorted(zoneinfo.available_timezones()),
    }


def chosen_zone(written: str) -> str:
    """The name of a time zone from the form. Raises BadRequest."""
    if zone_named(written.strip()) is None:
        raise BadRequest(f"{written[:40]!r} is not a time zone; write an IANA name such as Europe/Kyiv")
    return written.strip()
