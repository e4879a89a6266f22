"""A judgement from the browser: the one thing that is written from here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from datasette.utils.asgi import BadRequest, Forbidden

from crawler.archive.topics.judgements import record_judgement
from crawler.sqlite.connection import connect
from schedules.datasette_plugin.security import may_post


def save_judgement(
    archive: Path, form: Mapping[str, str], cookies: Mapping[str, str], headers: Mapping[str, str], at: datetime
) -> str:
    """Write down what a form says of an alert; the path to go back to. Raises Forbidden or BadRequest, saying why."""
    if not may_post(dict(form), dict(cookies), {name.lower(): value for name, value in dict(headers).items()}):
        raise Forbidden(
            "This form did not come from a page of this archive; open the page anew and press the button there"
        )
    number, word = form.get("alert", ""), form.get("relevant", "")
    if not number.isascii() or not number.isdigit() or len(number) > 18 or word not in ("0", "1"):
        raise BadRequest("A judgement names an alert and says wanted=1 or wanted=0")
    db = connect(archive)
    try:
        row = db.execute("SELECT topic_id, article_id FROM alerts WHERE id = ?", (int(number),)).fetchone()
        if row is None:
            raise BadRequest(f"There is no alert {number}")
        record_judgement(db, row["topic_id"], row["article_id"], relevant=word == "1", at=at, judged_in="browser")
    finally:
        db.close()
    return f"{_local(form.get('back', ''))}#alert-{number}"


def _local(path: str) -> str:
    """Only a path of this server."""
    clean = path.split("#", 1)[0]
    return clean if clean.startswith("/") and not clean.startswith(("//", "/\\")) and clean.isprintable() else "/alerts"
