"""Judging alerts in the browser: off by default, only from our own pages, the same judgements as `scrapy backtest`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from crawler.archive.topics.alerts import judgements, precision_of_alerts
from crawler.sqlite.connection import connect
from tests.support.datasette_client import DatasetteClient, datasette_client, fill

ALLOWED: dict[str, Any] = {"plugins": {"wirewatch": {"judging": True}}}
TOKEN = "token-of-the-test"


@contextmanager
def judging(folder: Path, metadata: dict[str, Any] | None) -> Iterator[DatasetteClient]:
    fill(folder)
    with datasette_client(folder, metadata=metadata) as found:
        yield found


def judge(found: DatasetteClient, form: dict[str, str], **known: Any) -> Any:
    """The response to a form sent from our page."""
    token = found.get("/alerts").cookies.get("ds_csrftoken", "")
    cookies = known.pop("cookies", {"ds_csrftoken": token})
    return found.post(
        "/desk/judge",
        {"csrftoken": token, "back": "/alerts", "anchor": f"alert-{form.get('alert')}", **form},
        cookies=cookies,
        **known,
    )


def stored(folder: Path) -> dict[int, bool]:
    db = connect(folder / "archive.db", read_only=True)
    try:
        return judgements(db, "pier")
    finally:
        db.close()


def test_a_judgement_is_stored_as_by_backtest_and_a_later_one_replaces_it(tmp_path: Path) -> None:
    with judging(tmp_path, ALLOWED) as found:
        response = judge(found, {"alert": "1", "relevant": "1"})
        assert (response.status_code, response.headers["location"]) == (303, "/alerts#alert-1")
        assert stored(tmp_path) == {1: True}
        pressed = html.fromstring(found.text("/alerts")).xpath("//button[@aria-pressed='true']/text()")
        assert set(pressed) == {"Relevant"}
        judge(found, {"alert": "1", "relevant": "0"})
        assert stored(tmp_path) == {1: False}
        assert "0% (0% to" in found.text("/topic/pier")
    db = connect(tmp_path / "archive.db", read_only=True)
    assert precision_of_alerts(db)["pier"].judged == 1
    assert db.execute("SELECT judged_in FROM judgements").fetchone()[0] == "browser"
    db.close()


@pytest.mark.parametrize(
    "metadata",
    [None, {"plugins": {"wirewatch": {"judging": False}}}, {"plugins": {"wirewatch": {"judging": {"id": "root"}}}}],
)
def test_judging_is_off_unless_it_is_allowed_for_the_visitor(tmp_path: Path, metadata: dict[str, Any] | None) -> None:
    with judging(tmp_path, metadata) as found:
        assert '<button name="relevant"' not in found.text("/alerts")
        response = found.post(
            "/desk/judge", {"csrftoken": TOKEN, "alert": "1", "relevant": "1"}, cookies={"ds_csrftoken": TOKEN}
        )
        assert response.status_code == 403
    assert stored(tmp_path) == {}


def test_visitors_of_the_allow_block_may_judge(tmp_path: Path) -> None:
    with judging(tmp_path, {"plugins": {"wirewatch": {"judging": {"id": "root"}}}}) as found:
        actor = found.datasette.sign({"a": {"id": "root"}}, "actor")
        page = found.get("/alerts", cookies={"ds_actor": actor})
        assert '<button name="relevant"' in page.text
        token = page.cookies["ds_csrftoken"]
        response = found.post(
            "/desk/judge",
            {"csrftoken": token, "alert": "2", "relevant": "1", "back": "/"},
            cookies={"ds_actor": actor, "ds_csrftoken": token},
        )
        assert response.status_code == 303
    assert stored(tmp_path) == {1: True}


def test_an_immutable_copy_cannot_be_judged(tmp_path: Path) -> None:
    fill(tmp_path)
    with datasette_client(tmp_path, metadata=ALLOWED, immutable=True) as found:
        assert '<button name="relevant"' not in found.text("/alerts")
        assert judge(found, {"alert": "1", "relevant": "1"}).status_code == 403


@pytest.mark.parametrize(
    ("form", "known"),
    [
        ({"csrftoken": "another"}, {}),
        ({"csrftoken": ""}, {"cookies": {}}),
        ({}, {"cookies": {}}),
        ({}, {"headers": {"Sec-Fetch-Site": "cross-site"}}),
    ],
    ids=["another token", "no token and no cookie", "no cookie", "from another site"],
)  # fmt: skip
def test_a_form_of_another_site_is_refused(tmp_path: Path, form: dict[str, str], known: dict[str, Any]) -> None:
    with judging(tmp_path, ALLOWED) as found:
        response = judge(found, {"alert": "1", "relevant": "1", **form}, **known)
        assert response.status_code == 403
    assert stored(tmp_path) == {}


@pytest.mark.parametrize(
    "form",
    [{"alert": "1", "relevant": "2"}, {"alert": "x", "relevant": "1"}, {"alert": "999", "relevant": "1"}, {"alert": "1"}, {"relevant": "1"},
     {"alert": "9" * 40, "relevant": "1"}],
)  # fmt: skip
def test_an_invalid_form_is_a_bad_request(tmp_path: Path, form: dict[str, str]) -> None:
    with judging(tmp_path, ALLOWED) as found:
        response = judge(found, form)
        assert response.status_code == 400
        assert "alert" in response.text
    assert stored(tmp_path) == {}


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1", "/a\r\nSet-Cookie: x=1", ""]
)
def test_the_redirect_never_leads_to_another_server(tmp_path: Path, back: str) -> None:
    with judging(tmp_path, ALLOWED) as found:
        response = judge(found, {"alert": "1", "relevant": "1", "back": back})
        assert response.headers["location"] == "/alerts#alert-1"
        assert "x=1" not in response.headers.get("set-cookie", "")


def test_root_may_judge_by_default(tmp_path: Path) -> None:
    with judging(tmp_path, None) as found:
        actor = found.datasette.sign({"a": {"id": "root"}}, "actor")
        assert '<button name="relevant"' in found.get("/alerts", cookies={"ds_actor": actor}).text
        assert '<button name="relevant"' not in found.text("/alerts")
