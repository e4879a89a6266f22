"""The forms of the pages: judge, annotate and mute, save searches. The only part of the plugin that writes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from datasette.utils.asgi import BadRequest, Forbidden

from crawler.archive.desk.annotations import annotate
from crawler.archive.desk.mutes import MuteKind, mute, unmute
from crawler.archive.desk.saved_searches import delete_search, save_search
from crawler.archive.topics.alerts import record_judgement
from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection, connect
from schedules.datasette_plugin.alert_queries import judged_article
from schedules.datasette_plugin.security import may_post

Form = Mapping[str, str]
MAX_ID_DIGITS = 18
MAX_NOTE = 4_000
"""Characters of a note."""
MAX_NAME, MAX_QUERY = 100, 2_000
"""Characters of the name and the query string of a saved search."""
MUTE_DAYS = ("1", "3", "7", "30")
"""Offered lengths of a mute."""
SEARCH_PAGES = ("/search", "/alerts", "/stories")
_ANCHOR = re.compile(r"[a-z]+(-\d+)?")


def store_form(
    archive: Path, action: str, form: Form, cookies: Mapping[str, str], headers: Mapping[str, str], at: datetime
) -> str:
    """Stores what a form of FORM_ACTIONS says; the path to redirect to. Raises Forbidden or BadRequest."""
    refuse_foreign(form, cookies, headers)
    with contextlib.closing(connect(archive)) as db:
        try:
            FORM_ACTIONS[action](db, form, at)
        except NotFoundError as error:
            raise BadRequest(str(error)) from error
    return return_path(form)


def refuse_foreign(form: Form, cookies: Mapping[str, str], headers: Mapping[str, str]) -> None:
    """Raises Forbidden unless the form was sent from one of our pages."""
    if not may_post(dict(form), dict(cookies), {name.lower(): value for name, value in dict(headers).items()}):
        raise Forbidden("This form was not sent from a page of this archive; reload the page and try again")


def return_path(form: Form) -> str:
    """The page that the form was sent from, at its anchor; /alerts if that leads to another server."""
    clean = form.get("back", "").split("#", 1)[0]
    is_ours = clean.startswith("/") and not clean.startswith(("//", "/\\")) and clean.isprintable()
    anchor = form.get("anchor", "")
    return (clean if is_ours else "/alerts") + (f"#{anchor}" if _ANCHOR.fullmatch(anchor) else "")


def _judge(db: Connection, form: Form, at: datetime) -> None:
    number, relevant = _id(form, "alert"), form.get("relevant", "")
    if relevant not in ("0", "1"):
        raise BadRequest("Invalid form: expected relevant=1 or relevant=0")
    row = judged_article(db, number)
    if row is None:
        raise BadRequest(f"There is no alert {number}")
    record_judgement(db, row["topic_id"], row["article_id"], relevant=relevant == "1", at=at, judged_in="browser")


def _annotate(db: Connection, form: Form, at: datetime) -> None:
    starred, note = form.get("starred"), form.get("note")
    if starred not in (None, "0", "1") or len(note or "") > MAX_NOTE or (starred is None and note is None):
        raise BadRequest(f"Invalid form: expected starred=1, starred=0, or a note of at most {MAX_NOTE:,} characters")
    annotate(db, _id(form, "article"), now=at, starred=None if starred is None else starred == "1", note=note)


def _mute(db: Connection, form: Form, at: datetime) -> None:
    kind, _, target = form.get("what", "").partition(":")
    kinds: dict[str, MuteKind] = {"story": "story", "topic": "topic"}
    days = form.get("days", "0" if form.get("undo") else "")
    if kind not in kinds or not target or days not in (*MUTE_DAYS, "0"):
        raise BadRequest(f"Invalid form: expected what=story:12 and days, one of {', '.join(MUTE_DAYS)}")
    if days == "0":
        unmute(db, kinds[kind], target)
    else:
        mute(db, kinds[kind], target, until=at + timedelta(days=int(days)), now=at)


def _search(db: Connection, form: Form, at: datetime) -> None:
    if "delete" in form:
        delete_search(db, _id(form, "delete"))
        return
    path, _, query = return_path({"back": form.get("back", "")}).partition("?")
    kept = urlencode([(name, value) for name, value in parse_qsl(query) if name != "before"])
    name = " ".join(form.get("name", "").split())
    if not 0 < len(name) <= MAX_NAME or path not in SEARCH_PAGES or len(kept) > MAX_QUERY:
        raise BadRequest(f"Invalid form: expected a name of 1 to {MAX_NAME} characters for a search or a filtered list")
    save_search(db, name, path, kept, now=at)


def _id(form: Form, name: str) -> int:
    text = form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_ID_DIGITS):
        raise BadRequest(f"Invalid form: expected the ID of the {name}")
    return int(text)


FORM_ACTIONS: Mapping[str, Callable[[Connection, Form, datetime], None]] = {
    "judge": _judge,
    "annotate": _annotate,
    "mute": _mute,
    "save-search": _search,
}
"""Last part of a form's URL -> what stores it."""
