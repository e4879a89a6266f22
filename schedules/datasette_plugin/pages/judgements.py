"""The form that judges an alert: the only part of the plugin that writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from datasette.utils.asgi import BadRequest, Forbidden

from crawler.archive.topics.judgements import record_judgement
from crawler.sqlite.connection import connect
from schedules.datasette_plugin.queries import judged_article
from schedules.datasette_plugin.security import may_post

MAX_ID_DIGITS = 18


def store_form(
    archive: Path, form: Mapping[str, str], cookies: Mapping[str, str], headers: Mapping[str, str], at: datetime
) -> str:
    """Stores the judgement; the path to redirect to. Raises Forbidden or BadRequest."""
    if not may_post(dict(form), dict(cookies), {name.lower(): value for name, value in dict(headers).items()}):
        raise Forbidden("This form was not sent from a page of this archive; reload the page and try again")
    number, relevant = form.get("alert", ""), form.get("relevant", "")
    if not (number.isascii() and number.isdigit() and len(number) <= MAX_ID_DIGITS) or relevant not in ("0", "1"):
        raise BadRequest("Invalid form: expected the ID of an alert, and relevant=1 or relevant=0")
    db = connect(archive)
    try:
        row = judged_article(db, int(number))
        if row is None:
            raise BadRequest(f"There is no alert {number}")
        record_judgement(db, row["topic_id"], row["article_id"], relevant=relevant == "1", at=at, judged_in="browser")
    finally:
        db.close()
    return f"{_local_path(form.get('back', ''))}#alert-{number}"


def _local_path(path: str) -> str:
    """The path without fragment; /alerts if it leads to another server."""
    clean = path.split("#", 1)[0]
    return clean if clean.startswith("/") and not clean.startswith(("//", "/\\")) and clean.isprintable() else "/alerts"
