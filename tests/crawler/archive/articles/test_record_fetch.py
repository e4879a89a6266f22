"""Recording a fetch: which article a page belongs to, and whether its text is a new revision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.archive.articles.record_fetch import FetchRecord
from crawler.archive.crawl.queue import recheck_of
from crawler.archive.maintenance.integrity import check_archive
from crawler.archive.storage.warc_records import read_stored_page
from crawler.models import Article, Block, Byline, Status
from crawler.reasons import ReasonCode
from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.values import parse_utc
from crawler.text.tokenizer import segment
from tests.support.factories import (
    HOME,
    NOW,
    SOURCE,
    TEXT,
    Archive,
    article,
    configured,
    feed_text,
    hour,
    link,
    page,
    poll,
    record,
)

GROWING = (
    "articles",
    "article_urls",
    "fetches",
    "links",
    "pages",
    "queue",
    "revisions",
    "story_articles",
    "story_keys",
)


def plan(db: Connection, sql: str) -> list[Row]:
    return list(db.execute(f"EXPLAIN QUERY PLAN {sql}"))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def test_the_first_page_creates_an_article_with_its_first_revision(archive: Archive) -> None:
    recorded = archive.record_fetch(record(article()))
    assert (recorded.outcome, recorded.number) == ("new", 1)
    assert archive.rows("SELECT title, byline, language, words, published_offset FROM revisions") == [
        ("Council closes northern pier", "Mara Voss", "en", 31, 120)
    ]
    assert archive.rows("SELECT text FROM revisions") == [("\n\n".join(TEXT),)]
    assert archive.rows("SELECT name, kind FROM bylines") == [("Mara Voss", "person")]


def test_the_same_text_again_creates_no_revision_and_stores_no_second_page(archive: Archive) -> None:
    archive.record_fetch(record(article()))
    again = archive.record_fetch(record(article(), page(body=b"<html>another advertisement</html>"), at=hour(1)))
    assert again.outcome == "unchanged"
    assert archive.value("SELECT count(*) FROM revisions") == 1
    assert archive.value("SELECT count(*) FROM pages") == 1
    assert archive.rows("SELECT outcome, at FROM fetches ORDER BY id")[1] == ("unchanged", "2026-03-01T13:00:00Z")


def test_a_new_title_creates_a_revision_and_not_a_new_article(archive: Archive) -> None:
    first = archive.record_fetch(record(article()))
    second = archive.record_fetch(
        record(article(title="Council closes pier after long debate"), page(body=b"2"), at=hour(2))
    )
    assert (second.outcome, second.article_id, second.number) == ("revised", first.article_id, 2)
    assert archive.value("SELECT count(DISTINCT page_id) FROM revisions") == 2


def test_a_changed_byline_creates_a_revision(archive: Archive) -> None:
    archive.record_fetch(record(article()))
    recorded = archive.record_fetch(record(article(bylines=(Byline(name="Iven Hald"),)), page(body=b"2"), at=hour(2)))
    assert recorded.outcome == "revised"


def test_a_cosmetic_change_creates_no_revision(archive: Archive) -> None:
    archive.record_fetch(record(article("The mayor said “no” – twice.", title="It’s closed")))
    recorded = archive.record_fetch(
        record(article('The mayor  said "no" - twice.', title="It's closed"), page(body=b"2"))
    )
    assert recorded.outcome == "unchanged"


def test_a_text_that_returns_to_an_earlier_one_creates_a_third_revision(archive: Archive) -> None:
    for number, text in enumerate(("Nine died.", "Ten died.", "Nine died."), start=1):
        recorded = archive.record_fetch(record(article(text), page(body=b"%d" % number), at=hour(number)))
        assert recorded.number == number
    assert archive.value("SELECT revision_count FROM articles") == 3


def test_all_url_forms_of_an_article_are_one_article(archive: Archive) -> None:
    forms = [
        f"{HOME}/news/pier-closes",
        f"{HOME}/news/pier-closes/?utm_source=rss",
        "http://www.harbour-gazette.example/news/pier-closes",
        f"{HOME}/news/pier-closes/amp/",
    ]
    for number, url in enumerate(forms):
        archive.record_fetch(record(article(), page(url, b"%d" % number), at=hour(number)))
    assert archive.value("SELECT count(*) FROM articles") == 1
    assert {url for (url,) in archive.rows("SELECT url FROM article_urls")} == set(forms)


def test_a_trusted_canonical_url_joins_two_urls_but_the_home_page_as_canonical_url_does_not(archive: Archive) -> None:
    canonical = f"{HOME}/news/northern-pier-closes-in-june"
    linked = f"{HOME}/harbour/northern-pier-closes-in-june-2231"
    one = archive.record_fetch(record(article(canonical_url=canonical), page(linked)))
    two = archive.record_fetch(record(article(), page(canonical), at=hour(1)))
    home = [
        archive.record_fetch(record(article(name, canonical_url=f"{HOME}/"), page(f"{HOME}/news/{name}")))
        for name in ("ferry-strike-ends", "market-hall-reopens")
    ]
    assert (two.outcome, two.article_id) == ("unchanged", one.article_id)
    assert home[0].article_id != home[1].article_id


def test_an_edited_headline_below_the_number_of_an_article_creates_a_revision_and_not_a_second_article(
    archive: Archive,
) -> None:
    first = archive.record_fetch(record(article(), page(f"{HOME}/g/4821193/council-closes-northern-pier")))
    renamed = article(title="Ships must leave the harbour by June")
    second = archive.record_fetch(record(renamed, page(f"{HOME}/g/4821193/ships-must-leave-by-june"), at=hour(1)))
    short = [
        archive.record_fetch(record(article("Two hurt.", title=title), page(f"{HOME}/g/4821194/{title}"), at=hour(2)))
        for title in ("blast-in-velden", "explosion-in-a-mill")
    ]
    assert (second.outcome, second.article_id, second.number) == ("revised", first.article_id, 2)
    assert short[0].article_id == short[1].article_id
    assert archive.value("SELECT count(*) FROM articles WHERE merged_into IS NULL") == 2


def test_another_text_below_the_same_number_is_another_article(archive: Archive) -> None:
    author = f"{HOME}/author/voss-204417"
    first = archive.record_fetch(record(article(), page(f"{author}/council-closes-northern-pier")))
    other = archive.record_fetch(
        record(article("The market hall opens again after three years of works."), page(f"{author}/market-hall-opens"))
    )
    copy = archive.record_fetch(record(article(), page(f"{author}/pier-closes-in-june"), at=hour(1)))
    part = archive.record_fetch(record(article(), page(f"{author}/council-closes-northern-pier/print/2"), at=hour(1)))
    assert len({first.article_id, other.article_id, copy.article_id, part.article_id}) == 4


def test_a_number_below_a_number_is_a_page_of_it_and_not_a_headline(archive: Archive) -> None:
    first = archive.record_fetch(record(article(), page(f"{HOME}/g/4821193/pier-closes")))
    second = archive.record_fetch(record(article(), page(f"{HOME}/g/4821193/2")))
    assert first.article_id != second.article_id


def test_a_canonical_url_with_another_headline_below_the_same_number_is_trusted(archive: Archive) -> None:
    canonical = f"{HOME}/g/4821193/council-closes-northern-pier"
    first = archive.record_fetch(record(article(), page(canonical)))
    updated = article("Ships leave the port.", title="Ships leave", canonical_url=canonical)
    second = archive.record_fetch(record(updated, page(f"{HOME}/g/4821193/all-ships-leave-port"), at=hour(1)))
    assert (second.outcome, second.article_id) == ("revised", first.article_id)


def test_two_articles_that_turn_out_to_be_one_are_merged_into_the_older(archive: Archive) -> None:
    old = archive.record_fetch(record(article(), page(f"{HOME}/news/pier-closes")))
    young = archive.record_fetch(record(article("Text."), page(f"{HOME}/news/pier-closes-permanently"), at=hour(1)))
    assert old.article_id != young.article_id
    joined = article("Text, more of it.", canonical_url=f"{HOME}/news/pier-closes")
    recorded = archive.record_fetch(record(joined, page(f"{HOME}/news/pier-closes-permanently", b"2"), at=hour(2)))
    assert recorded.article_id == old.article_id
    assert archive.rows("SELECT id FROM articles WHERE merged_into IS NULL") == [(old.article_id,)]
    assert archive.rows("SELECT DISTINCT article_id FROM article_urls") == [(old.article_id,)]
    assert archive.value("SELECT count(*) FROM revisions WHERE article_id = ?", young.article_id) == 1


def test_two_articles_are_merged_if_the_same_bytes_are_fetched_from_the_other_url(archive: Archive) -> None:
    old, new = f"{HOME}/news/pier-closes", f"{HOME}/2026/pier-closes"
    first = archive.record_fetch(record(article(), page(old)))
    assert archive.record_fetch(record(article(), page(new), at=hour(1))).article_id != first.article_id
    moved = record(url=old, final_url=new, status="unchanged", http_status=200, at=hour(2))
    assert archive.record_fetch(moved).article_id == first.article_id
    assert archive.rows("SELECT id FROM articles WHERE merged_into IS NULL") == [(first.article_id,)]


def test_a_blocked_page_is_stored_and_creates_no_revision(archive: Archive) -> None:
    archive.poll(poll(link()))
    wall = article(title="Are you human?", status=Status.BLOCKED, reason="bot wall")
    recorded = archive.record_fetch(record(wall, page(status=403), link=link(), queue_key=_key(archive)))
    assert (recorded.outcome, recorded.article_id) == ("blocked", None)
    assert archive.rows("SELECT http_status, article_id FROM pages") == [(403, None)]
    assert archive.rows("SELECT state, attempts, reason FROM queue") == [("waiting", 1, "bot wall")]


def test_a_wall_in_front_of_a_known_article_does_not_change_its_text(archive: Archive) -> None:
    first = archive.record_fetch(record(article()))
    wall = article("Please subscribe.", status=Status.BLOCKED, reason="consent wall")
    recorded = archive.record_fetch(record(wall, page(body=b"wall"), at=hour(1)))
    assert (recorded.outcome, recorded.article_id, recorded.revision_id) == ("blocked", first.article_id, None)
    assert archive.value("SELECT latest_revision_id FROM articles") == first.revision_id


def test_a_teaser_never_replaces_a_full_text_but_a_full_text_replaces_a_teaser(archive: Archive) -> None:
    teaser = article(TEXT[0], status=Status.TEASER, reason="paywalled")
    assert archive.record_fetch(record(teaser)).outcome == "new"
    assert archive.record_fetch(record(article(), page(body=b"full"), at=hour(1))).outcome == "revised"
    back = archive.record_fetch(record(teaser, page(body=b"cut"), at=hour(2)))
    assert (back.outcome, back.reason and back.reason.code) == ("unchanged", ReasonCode.ONLY_TEASER)


def test_the_title_of_a_page_without_a_text_is_stored_and_found_by_search(archive: Archive) -> None:
    gallery = Article(
        title="In pictures: the pier", status=Status.EMPTY, reason="no article text", reason_code=ReasonCode.NO_TEXT
    )
    recorded = archive.record_fetch(record(gallery))
    assert recorded.outcome == "new"
    assert archive.rows("SELECT status, title, text FROM revisions") == [("empty", "In pictures: the pier", "")]
    assert archive.rows("SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH 'pictures'") == [(1,)]


def test_a_page_without_title_and_text_is_stored_with_a_reason_and_creates_no_article(archive: Archive) -> None:
    recorded = archive.record_fetch(record(Article(status=Status.EMPTY)))
    assert (recorded.outcome, recorded.reason and recorded.reason.code, recorded.article_id) == (
        "empty",
        ReasonCode.NO_TEXT,
        None,
    )
    assert archive.value("SELECT count(*) FROM pages") == 1


NOT_THERE = article(title=None, status=Status.FAILED, reason="HTTP 404")


def not_there(at: float, status: int = 404, **known: object) -> FetchRecord:
    return record(NOT_THERE, page(status=status, body=b"not here"), at=hour(at), **known)


def test_the_article_of_a_gone_page_is_kept_and_rechecked_as_before(archive: Archive) -> None:
    first = archive.record_fetch(record(article()))
    for at in (5, 9):
        recorded = archive.record_fetch(not_there(at))
        assert (recorded.outcome, recorded.article_id) == ("gone", first.article_id)
    assert archive.rows("SELECT gone_at, next_check_at FROM articles") == [
        ("2026-03-01T17:00:00Z", "2026-03-02T12:00:00Z")
    ]


def test_an_article_whose_page_returns_is_no_longer_gone(archive: Archive) -> None:
    archive.record_fetch(record(article()))
    archive.record_fetch(not_there(5))
    broken = article(title=None, status=Status.FAILED, reason="HTTP 502")
    archive.record_fetch(record(broken, page(status=502, body=b"bad gateway"), at=hour(6)))
    assert archive.value("SELECT gone_at FROM articles") is not None, (
        "an error of the server does not mean that the page is back"
    )
    back = archive.record_fetch(record(article("Ten members voted."), page(body=b"2"), at=hour(8)))
    assert back.outcome == "revised"
    assert archive.value("SELECT gone_at FROM articles") is None


@pytest.mark.parametrize(("status", "hours"), [(404, [0, 0.2, 1.5, 8, 33]), (410, [0, 0.2, 1.5])])
def test_a_link_to_a_missing_page_is_tried_several_times(archive: Archive, status: int, hours: list[float]) -> None:
    archive.poll(poll(link()))
    key = _key(archive)
    states = []
    for at in hours:
        archive.record_fetch(not_there(at, status, link=link(), queue_key=key))
        states.append(archive.value("SELECT state FROM queue"))
        assert (archive.value("SELECT next_try_at FROM queue") or "2027") > hour(at).isoformat()
    assert states == ["waiting"] * (len(hours) - 1) + ["dropped"]
    assert archive.rows("SELECT reason, attempts FROM unfetched") == [(f"HTTP {status}", len(hours))]


def test_a_changed_feed_entry_restores_a_gone_article(archive: Archive) -> None:
    archive.poll(poll(link(title="Pier closes")))
    key = _key(archive)
    for at in range(5):
        archive.record_fetch(not_there(at, link=link(), queue_key=key))
    archive.poll(poll(link(title="Pier closes"), at=hour(30)))
    assert archive.value("SELECT state FROM queue") == "dropped", "an unchanged entry does not restore it"
    archive.poll(poll(link(title="Pier closes at last"), at=hour(31)))
    assert archive.rows("SELECT state, next_try_at FROM queue") == [("waiting", None)]
    archive.record_fetch(not_there(32, link=link(), queue_key=key))
    assert archive.value("SELECT state FROM queue") == "dropped", "one attempt per change"


def test_a_changed_feed_entry_causes_a_recheck_of_a_gone_article(archive: Archive) -> None:
    archive.poll(poll(link(title="Pier closes")))
    known = archive.record_fetch(record(article(), link=link(), queue_key=_key(archive)))
    archive.record_fetch(not_there(300))
    assert archive.value("SELECT next_check_at FROM articles") is None
    polled = archive.poll(poll(link(title="Pier closes at last"), at=hour(301)))
    assert polled.changed == (known.article_id,)
    assert recheck_of(archive.store.db, polled.changed[0]) is not None


def test_an_article_is_rechecked_at_growing_intervals_and_then_no_more(archive: Archive) -> None:
    archive.record_fetch(record(article()))
    seen = []
    while (due := archive.value("SELECT next_check_at FROM articles")) is not None:
        seen.append(due)
        at = hour((parse_utc(due) - NOW).total_seconds() / 3600)
        archive.record_fetch(record(article(), page(body=due.encode()), at=at))
    hours = [(parse_utc(due) - NOW).total_seconds() / 3600 for due in seen]
    assert hours == [1, 3, 8, 24, 72, 168]


def test_a_link_that_fails_waits_longer_each_time_and_is_dropped_with_its_reason(archive: Archive) -> None:
    archive.poll(poll(link()))
    key = _key(archive)
    states_and_times = []
    for attempt in range(6):
        archive.record_fetch(
            record(
                link=link(),
                queue_key=key,
                status="failed",
                reason="no response in time",
                code=ReasonCode.TIMEOUT,
                at=hour(attempt),
            )
        )
        states_and_times.append(archive.rows("SELECT state, next_try_at FROM queue")[0])
    assert [state for state, _ in states_and_times] == ["waiting"] * 5 + ["dropped"]
    assert states_and_times[0][1] == "2026-03-01T12:10:00Z"
    assert archive.rows("SELECT reason_code, reason, state FROM unfetched") == [
        ("timeout", "no response in time", "dropped")
    ]


def test_a_refused_request_does_not_count_as_an_attempt(archive: Archive) -> None:
    archive.poll(poll(link()))
    archive.record_fetch(
        record(link=link(), queue_key=_key(archive), status="refused", reason="robots.txt disallows it")
    )
    assert archive.rows("SELECT state, attempts, reason FROM queue") == [("waiting", 0, "robots.txt disallows it")]


def test_the_text_of_the_feed_is_used_until_the_page_is_fetched(archive: Archive) -> None:
    archive.poll(poll(link(content_html="<p>Long text</p>")))
    key = _key(archive)
    archive.record_fetch(record(link=link(), queue_key=key, status="failed", reason="no response in time"))
    feed = archive.record_fetch(_from_feed(article("The feed's text."), key))
    assert feed.outcome == "new"
    assert archive.rows("SELECT page_id, link_id FROM revisions") == [(None, 1)]
    assert archive.value("SELECT state FROM queue") == "waiting"
    whole = archive.record_fetch(record(article(), link=link(), queue_key=key, at=hour(1)))
    assert (whole.outcome, whole.number) == ("revised", 2)
    assert archive.value("SELECT state FROM queue") == "done"


def test_a_raw_page_is_returned_as_it_was_received(archive: Archive) -> None:
    body = "<html><title>Olá, Ωmega 🚢</title></html>".encode()
    fetched = page(body=body, headers=(("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("X-One", "a")))
    archive.record_fetch(record(article(), fetched))
    back = read_stored_page(archive.store.db, archive.warc, 1)
    assert (back.body, back.url, back.status, back.header("content-encoding")) == (body, fetched.url, 200, "gzip")
    assert back.fetched_at == NOW


def test_the_guid_identifies_the_article_if_the_source_is_configured_so(tmp_path: Path) -> None:
    archive = Archive(tmp_path, [SOURCE.model_copy(update={"identity": "guid"})])
    ours = configured(identity="guid")
    for number, guid in enumerate(("ticker-1", "ticker-2")):
        item = link("/ticker", guid=guid)
        archive.record_fetch(
            record(article(guid), page(f"{HOME}/ticker", guid.encode()), link=item, source=ours, at=hour(number))
        )
    assert archive.value("SELECT count(*) FROM articles") == 2


def test_full_text_search_finds_words_in_scripts_without_spaces(archive: Archive) -> None:
    archive.record_fetch(record(article("北朝鮮の兵士が配備された。", title="配備", language="ja")))
    found = archive.rows("SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH ?", f'"{segment("兵士")}"')
    assert found == [(1,)]
    assert archive.value("SELECT text FROM revisions") == "北朝鮮の兵士が配備された。"


def test_kinds_of_paragraphs_are_kept(archive: Archive) -> None:
    blocks = (Block(text="First."), Block(text="A subhead", kind="h"), Block(text="He said so.", kind="quote"))
    archive.record_fetch(record(Article(title="Council closes northern pier", status=Status.OK, blocks=blocks)))
    assert archive.value("SELECT blocks FROM revisions") == "p h quote"


def _key(archive: Archive) -> str:
    return str(archive.value("SELECT key FROM queue"))


def _from_feed(read: Article, key: str) -> FetchRecord:
    return feed_text(read, queue_key=key, link=link(), link_id=1)


@pytest.mark.parametrize("again", [False, True])
def test_storing_a_page_scans_no_growing_table(archive: Archive, again: bool) -> None:
    if again:
        archive.record_fetch(record(article()))
    asked: list[str] = []
    db = archive.store.db
    db.set_trace_callback(asked.append)
    archive.record_fetch(record(article(title="Council closes pier after long debate"), page(body=b"2"), at=hour(2)))
    db.set_trace_callback(None)
    plans = [row["detail"] for sql in asked if sql.startswith(("SELECT", "UPDATE")) for row in plan(db, sql)]
    assert plans
    assert [step for step in plans if step.split(" USING ")[0] in {f"SCAN {table}" for table in GROWING}] == []


def test_an_unexpected_304_for_a_new_link_is_a_failed_attempt(archive: Archive) -> None:
    archive.poll(poll(link()))
    recorded = archive.record_fetch(
        record(link=link(), queue_key=_key(archive), status="not_modified", http_status=304)
    )
    assert (recorded.outcome, recorded.reason and recorded.reason.code) == ("failed", ReasonCode.HTTP_304_UNEXPECTED)
    assert archive.rows("SELECT state, attempts FROM queue") == [("waiting", 1)]
    assert [str(finding) for finding in check_archive(archive.store.db, archive.warc)] == []


def test_a_moved_article_that_its_guid_identifies_is_rechecked_at_its_new_url(tmp_path: Path) -> None:
    source = configured(identity="guid")
    archive = Archive(tmp_path, [source])
    old, new = link("/news/pier-closes", guid="post-7"), link("/news/pier-shut", guid="post-7", title="Pier shut")
    archive.poll(poll(old, source=source))
    key = _key(archive)
    first = archive.record_fetch(record(article(), page(old.url), source=source, link=old, queue_key=key))
    assert first.article_id is not None
    outcome = archive.poll(poll(new, source=source, at=hour(1)))
    assert outcome.changed == (first.article_id,)
    assert archive.rows("SELECT url, next_check_at FROM articles") == [(new.url, "2026-03-01T13:00:00Z")]

    recheck = recheck_of(archive.store.db, first.article_id)
    assert recheck is not None
    gone = record(None, page(old.url, status=404), source=source, recheck=replace(recheck, url=old.url), at=hour(1))
    archive.record_fetch(gone)
    assert archive.value("SELECT gone_at FROM articles") is None, "the request was sent before the article moved"
    edited = record(article(title="Pier shut"), page(new.url), source=source, recheck=recheck, at=hour(1))
    assert archive.record_fetch(edited).number == 2
    assert archive.poll(poll(replace(old, title="Back"), source=source, at=hour(2))).changed == (first.article_id,)
    assert archive.rows("SELECT url FROM articles") == [(old.url,)], "the feed lists its first URL again"


def test_the_newest_url_of_an_entry_that_its_guid_identifies_is_fetched(tmp_path: Path) -> None:
    source = configured(identity="guid")
    archive = Archive(tmp_path, [source])
    for number, path in enumerate(("/news/pier-closes", "/news/pier-shut")):
        fresh = archive.poll(poll(link(path, guid="post-7"), source=source, at=hour(number))).fresh
        assert [entry.url for entry in fresh] == [HOME + path]
    assert archive.value("SELECT count(*) FROM queue") == 1


def test_a_query_of_articles_by_publication_time_shows_headlines(archive: Archive) -> None:
    archive.record_fetch(record(article(), page(f"{HOME}/news/a")))
    archive.record_fetch(record(article("Other text.", title="Market opens late"), page(f"{HOME}/news/b")))
    rows = archive.rows("SELECT title, byline, published_at, url FROM articles ORDER BY published_at DESC")
    assert {(row[0], row[1]) for row in rows} == {
        ("Council closes northern pier", "Mara Voss"),
        ("Market opens late", "Mara Voss"),
    }
