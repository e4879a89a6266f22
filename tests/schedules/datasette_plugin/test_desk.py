"""The desk in the browser: mute, star, annotate, save searches, what is unseen, and the reader's time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import html

from crawler.archive.delivery.recipients import (
    DigestSubscription,
    register_recipients,
    subscription,
    unsubscribed_recipients,
)
from crawler.sqlite.connection import connect
from schedules.datasette_plugin.reader import Reader, Visit
from tests.support.datasette_client import DatasetteClient, datasette_client, fill

ALLOWED: dict[str, Any] = {"plugins": {"wirewatch": {"judging": True}}}
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def found(tmp_path: Path) -> Iterator[DatasetteClient]:
    fill(tmp_path)
    with datasette_client(tmp_path, metadata=ALLOWED) as client:
        yield client


def send(found: DatasetteClient, action: str, form: dict[str, str], **known: Any) -> Any:
    """The response to a form sent from our page."""
    token = found.get("/alerts").cookies.get("ds_csrftoken", "")
    fields = {"csrftoken": token, "back": "/alerts", **form}
    return found.post(f"/desk/{action}", fields, cookies={"ds_csrftoken": token}, **known)


def test_a_topic_is_muted_and_unmuted_from_the_list_of_alerts(found: DatasetteClient) -> None:
    form = {"what": "topic:pier", "days": "3", "anchor": "alert-1"}
    assert send(found, "mute", form).headers["location"] == "/alerts#alert-1"
    for path in ("/alerts", "/topic/pier", "/article/1", "/desk"):
        text = found.text(path)
        assert "Unmute" in text, path
    assert "topic muted until" in found.text("/alerts")
    assert send(found, "mute", {"what": "topic:pier", "undo": "1"}).status_code == 303
    assert "muted until" not in found.text("/alerts")


def test_feeds_leave_out_what_is_muted(found: DatasetteClient) -> None:
    feeds = ("/alerts.atom", "/topic/pier.atom")
    assert all("<entry>" in found.text(path) for path in feeds)
    send(found, "mute", {"what": "topic:pier", "days": "3"})
    assert not any("<entry>" in found.text(path) for path in feeds)
    send(found, "mute", {"what": "topic:pier", "undo": "1"})
    assert all("<entry>" in found.text(path) for path in feeds)


def test_a_story_is_muted_on_its_page(found: DatasetteClient) -> None:
    assert "Mute story" in found.text("/story/1")
    send(found, "mute", {"what": "story:1", "days": "7"})
    assert "story muted until" in found.text("/story/1")


def test_an_article_is_starred_annotated_and_found_again(found: DatasetteClient) -> None:
    assert "No alerts with these filters" in found.text("/alerts?starred=1")
    send(found, "annotate", {"article": "1", "starred": "1"})
    send(found, "annotate", {"article": "1", "note": "Ask the <mayor>"})
    assert "Ask the &lt;mayor&gt;" in found.text("/alerts?starred=1")
    assert "Ask the &lt;mayor&gt;" in found.text("/desk")
    pressed = html.fromstring(found.text("/alerts")).xpath("//button[@aria-pressed='true']/text()")
    assert set(pressed) == {"Star"}


def test_a_filtered_list_is_saved_and_deleted(found: DatasetteClient) -> None:
    assert "Save this list as" not in found.text("/alerts")
    assert "Save this list as" in found.text("/alerts?topic=pier")
    back = "/alerts?topic=pier&before=9"
    send(found, "save-search", {"back": back, "name": " Pier  news "})
    for path in ("/", "/desk"):
        (link,) = html.fromstring(found.text(path)).xpath("//a[bdi='Pier news']/@href")
        assert link == "/alerts?topic=pier"
    send(found, "save-search", {"delete": "1"})
    assert "Pier news" not in found.text("/desk")


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("mute", {"what": "topic:pier", "days": "9999"}),
        ("mute", {"what": "topic:pier"}),
        ("mute", {"what": "article:1", "days": "1"}),
        ("mute", {"what": "story:99", "days": "1"}),
        ("annotate", {"article": "1"}),
        ("annotate", {"article": "x", "starred": "1"}),
        ("annotate", {"article": "99", "starred": "1"}),
        ("annotate", {"article": "1", "note": "x" * 4_001}),
        ("save-search", {"name": "x", "back": "/sources"}),
        ("save-search", {"name": "", "back": "/alerts"}),
    ],
)
def test_an_invalid_form_is_a_bad_request_and_changes_nothing(
    found: DatasetteClient, action: str, form: dict[str, str]
) -> None:
    before = found.text("/desk")
    assert send(found, action, form).status_code == 400
    assert html.fromstring(found.text("/desk")).xpath("string(//main)") == html.fromstring(before).xpath(
        "string(//main)"
    )


def test_nothing_of_the_desk_is_offered_to_visitors_who_may_not_judge(tmp_path: Path) -> None:
    fill(tmp_path)
    with datasette_client(tmp_path) as found:
        token = found.get("/alerts").cookies.get("ds_csrftoken", "")
        for action in ("mute", "annotate", "save-search"):
            form = {"csrftoken": token, "what": "topic:pier", "days": "1", "article": "1", "starred": "1", "name": "x"}
            assert found.post(f"/desk/{action}", form, cookies={"ds_csrftoken": token}).status_code == 403
        for path in ("/desk", "/alerts?topic=pier", "/story/1", "/topic/pier"):
            assert "/desk/mute" not in found.text(path)
            assert "/desk/save-search" not in found.text(path)


def test_the_reader_chooses_a_time_zone_without_a_permission(tmp_path: Path) -> None:
    fill(tmp_path)
    with datasette_client(tmp_path, metadata={"plugins": {"wirewatch": {"timezone": "Asia/Tokyo"}}}) as found:
        assert "+09:00" in found.text("/story/1")
        token = found.get("/desk").cookies.get("ds_csrftoken", "")
        cookies = {"ds_csrftoken": token}
        form = {"csrftoken": token, "timezone": "Europe/Kyiv", "back": "/desk"}
        sent = found.post("/desk/timezone", form, cookies=cookies)
        assert sent.headers["location"] == "/desk"
        zone = sent.cookies["wirewatch_timezone"]
        assert "Times are in Europe/Kyiv" in found.get("/alerts", cookies={"wirewatch_timezone": zone}).text
        for wrong in ("Mars/Olympus", "../../etc/passwd", ""):
            assert found.post("/desk/timezone", {**form, "timezone": wrong}, cookies=cookies).status_code == 400
        assert found.post("/desk/timezone", {**form, "csrftoken": "x"}, cookies=cookies).status_code == 403


def test_a_day_of_a_filter_is_a_day_in_the_readers_time_zone(found: DatasetteClient) -> None:
    """The alerts are of 1 March, 13:00 and 15:00 UTC: in Honolulu of the same day, in Auckland of the next."""
    for zone, day, expected in (
        ("UTC", "2026-03-01", 2),
        ("Pacific/Auckland", "2026-03-02", 2),
        ("Pacific/Auckland", "2026-03-01", 0),
    ):
        page = found.get(f"/alerts?since={day}&until={day}", cookies={"wirewatch_timezone": zone}).text
        assert len(html.fromstring(page).xpath("//*[@data-alert]")) == expected, (zone, day)


def test_alerts_are_unseen_from_the_end_of_the_last_visit_on() -> None:
    first = Reader.of({}, default_zone="UTC", now=NOW)
    assert first.seen is None
    visit = first.visit(10, NOW)
    same = Reader.of({"wirewatch_visit": str(visit)}, default_zone="UTC", now=NOW + timedelta(minutes=29))
    assert same.seen == 10
    visit = same.visit(15, NOW + timedelta(minutes=29))
    assert Visit.read(str(visit)) == visit
    still = Reader.of({"wirewatch_visit": str(visit)}, default_zone="UTC", now=NOW + timedelta(minutes=58))
    assert still.seen == 10, "alerts that came during the visit stay unseen until it ends"
    later = Reader.of({"wirewatch_visit": str(visit)}, default_zone="UTC", now=NOW + timedelta(days=1))
    assert later.seen == 15


@pytest.mark.parametrize("cookie", ["", "x", "1.2", "1.2.3.4", "9" * 40 + ".1.1", "-1.1.1"])
def test_a_damaged_cookie_is_a_first_visit(cookie: str) -> None:
    reader = Reader.of({"wirewatch_visit": cookie, "wirewatch_timezone": "\x00"}, default_zone="Nowhere", now=NOW)
    assert reader == Reader(zone=ZoneInfo("UTC"))


def test_the_home_page_counts_what_is_unseen_and_the_list_shows_it(found: DatasetteClient) -> None:
    day_ago = int((datetime.now(timezone.utc) - timedelta(days=1)).timestamp())
    cookies = {"wirewatch_visit": f"0.1.{day_ago}"}
    assert "1 alert since your last visit" in found.get("/", cookies=cookies).text
    shown = html.fromstring(found.get("/alerts?unseen=1", cookies=cookies).text)
    assert shown.xpath("//*[@data-alert]/@id") == ["alert-2"]
    assert shown.xpath("//span[contains(@class,'unseen')]/text()") == ["unseen"]
    assert found.get("/alerts", cookies=cookies).cookies["wirewatch_visit"].startswith("1.2.")


def test_a_recipient_unsubscribes_by_the_link_with_a_form_or_with_one_click(tmp_path: Path) -> None:
    fill(tmp_path)
    db = connect(tmp_path / "archive.db")
    register_recipients(db, "morning", ["desk@harbour.example", "night@harbour.example"], NOW)
    first, second = (row[0] for row in db.execute("SELECT token FROM digest_recipients ORDER BY recipient"))
    with datasette_client(tmp_path) as found:
        page = found.get(f"/unsubscribe/{first}")
        assert "Stop sending the digest" in page.text
        assert subscription(db, first) == DigestSubscription(
            digest="morning", recipient="desk@harbour.example", unsubscribed=False
        )
        token = page.cookies["ds_csrftoken"]
        sent = found.post(f"/unsubscribe/{first}", {"csrftoken": token}, cookies={"ds_csrftoken": token})
        assert "desk@harbour.example</bdi> no longer gets" in sent.text
        one_click = found.post(f"/unsubscribe/{second}", {"List-Unsubscribe": "One-Click"})
        assert one_click.status_code == 200
        assert found.get(f"/unsubscribe/{'0' * 32}").status_code == 404
    assert len(unsubscribed_recipients(db)) == 2
    db.close()


def test_an_immutable_copy_says_how_to_unsubscribe_instead(tmp_path: Path) -> None:
    fill(tmp_path)
    with datasette_client(tmp_path, immutable=True) as found:
        response = found.post(f"/unsubscribe/{'0' * 32}", {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 403
        assert "reply to the digest" in response.text
