"""Stories in the archive: which articles join, which stay, in the transaction that records the fetch."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.archive.articles.record_fetch import record_fetch
from crawler.archive.events.membership import current_story
from crawler.archive.maintenance.integrity import check_archive
from crawler.archive.stories.assignment import join, split
from crawler.archive.stories.lsh_index import COMPARE_AT_MOST, PER_KEY
from crawler.archive.stories.near_misses import MAX_NEAR_MISSES, near_misses
from crawler.archive.stories.queries import earlier_texts, latest_stories, story_articles, story_of
from crawler.config.sources import Source
from crawler.exceptions import ArchiveError
from crawler.models import Article, Status
from crawler.stories.minhash import VERSION
from crawler.stories.sentence_novelty import novel_sentences
from crawler.stories.similarity import ComparableText, Verdict, compare_texts
from pipelines.minhash import sketch_of
from schedules.crawl.backfill import rebuild
from tests.support.factories import HOME, NOW, SOURCE, Archive, article, hour, page, record

LANTERN = Source.model_validate(
    {
        "id": "lantern",
        "name": "Lantern Review",
        "home": "https://lantern.example/",
        "feeds": ["https://lantern.example/f"],
    }
)
REPORT = (
    "The dredger that ran aground off Skerry Point on Sunday was pulled free at high water early on Monday.",
    "Two tugs from Grauport and a fishing boat took part, watched by several hundred people on the mole.",
    "Its captain, Per Aske, said that a buoy had been moved by the storm of the week before.",
    "The harbour office denied this and announced an inquiry into the charts that were in use on board.",
    "Nobody was hurt. Divers found a dent of four metres in the hull but no leak, and the ship may sail on.",
)
NEW = "Fishermen asked who will pay for the nets that the tugs tore on their way out."
FORECAST = (
    "{} will be dry along the coast with temperatures between {} and {} degrees and winds of {} knots from the west."
    " The chance of rain is {} per cent. High water at Grauport is at {}:10, low water at {}:55 and the sea has {} degrees."
    " Please check the harbour office's notices before you sail, and mind the sandbanks off the mouth of the river."
)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path, [SOURCE, LANTERN])


def put(archive: Archive, slug: str, read: Article, *, hours: float = 0, site: str = HOME, body: bytes = b"") -> int:
    """Store an article of the gazette or of another site. Returns its ID."""
    fetched = page(f"{site}/news/{slug}", body or slug.encode())
    known = {} if site == HOME else {"source": LANTERN}
    recorded = archive.record_fetch(record(replace(read, published=None), fetched, at=hour(hours), **known))
    assert recorded.article_id is not None
    return recorded.article_id


def put_elsewhere(archive: Archive, slug: str, read: Article, *, hours: float = 0) -> int:
    return put(archive, slug, read, hours=hours, site="https://lantern.example")


def story(archive: Archive, article_id: int) -> int:
    found = story_of(archive.store.db, article_id)
    assert found is not None
    return found


def findings(archive: Archive) -> list[str]:
    return [str(finding) for finding in check_archive(archive.store.db, archive.warc, pages=False)]


def test_an_edited_copy_at_another_outlet_joins_the_story_of_the_first(archive: Archive) -> None:
    first = put(archive, "dredger-free", article(*REPORT))
    other = put(archive, "council-closes-pier", article())
    copy = put_elsewhere(archive, "ship-afloat", article(*REPORT[:4], NEW, title="Ship afloat again"), hours=2)
    assert story(archive, copy) == story(archive, first) != story(archive, other)
    reported = story_articles(archive.store.db, story(archive, first))
    assert [(story_article.article_id, story_article.source, story_article.role) for story_article in reported] == [
        (first, "The Harbour Gazette", "first"),
        (copy, "Lantern Review", "copy"),
    ]
    assert novel_sentences(
        "\n\n".join([*REPORT[:4], NEW]), earlier_texts(archive.store.db, story(archive, first), copy)
    ) == (NEW,)
    assert findings(archive) == []


def test_the_same_text_under_another_url_of_the_same_site_joins(archive: Archive) -> None:
    first = put(archive, "dredger-free", article(*REPORT))
    assert story(archive, put(archive, "dredger-free-2", article(*REPORT, title="Free!"), hours=1)) == story(
        archive, first
    )


def test_every_article_with_a_text_is_in_a_story_and_a_gallery_has_its_own(archive: Archive) -> None:
    one = put(archive, "pictures", Article(status=Status.EMPTY, title="The regatta in pictures"))
    two = put(archive, "more-pictures", Article(status=Status.EMPTY, title="The regatta in pictures"))
    assert story(archive, one) != story(archive, two)
    assert findings(archive) == []


def test_a_late_arrival_joins_and_is_listed_in_time_order(archive: Archive) -> None:
    first = put(archive, "dredger-free", article(*REPORT), hours=5)
    late = put_elsewhere(archive, "dredger", article(*REPORT), hours=1)
    reported = story_articles(archive.store.db, story(archive, first))
    assert [story_article.article_id for story_article in reported] == [late, first]
    assert [story_article.role for story_article in reported] == ["copy", "first"]


def test_the_index_survives_a_restart(tmp_path: Path) -> None:
    archive = Archive(tmp_path, [SOURCE, LANTERN])
    first = put(archive, "dredger-free", article(*REPORT))
    archive.store.close()
    again = Archive(tmp_path, [SOURCE, LANTERN])
    assert story(again, put_elsewhere(again, "ship-afloat", article(*REPORT[:4]), hours=1)) == story(again, first)


def test_an_excerpt_and_an_extended_text_join_with_their_roles(archive: Archive) -> None:
    short = put(archive, "dredger-free", article(*REPORT[:3]))
    full = put_elsewhere(archive, "ship-afloat", article(*REPORT), hours=1)
    head = put(archive, "dredger-news", article(*REPORT[:2]), hours=2)
    roles = {c.article_id: c.role for c in story_articles(archive.store.db, story(archive, short))}
    assert roles == {short: "first", full: "extended", head: "copy"} or roles[head] == "excerpt"


def test_pages_of_a_template_have_their_own_stories_at_constant_cost(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [
        FORECAST.format(f"Day {n}", n % 9, n % 9 + n % 5 + 2, 8 + n % 17, n % 80, n % 12, (n + 6) % 12, n % 7)
        for n in range(1, 3 * PER_KEY)
    ]
    read: list[ComparableText] = []

    def noted(older: ComparableText, newer: ComparableText) -> Verdict:
        read.append(older)
        return compare_texts(older, newer)

    monkeypatch.setattr("crawler.archive.stories.assignment.compare_texts", noted)
    for number, text in enumerate(days):
        before = len(read)
        put(archive, f"forecast-{number}", article(text, title="Forecast"), hours=24 * number)
        assert len(read) - before <= COMPARE_AT_MOST
    assert archive.value("SELECT count(*) FROM stories WHERE article_count > 1") == 0
    assert archive.value("SELECT count(*) FROM stories") == len(days)


def test_an_exact_copy_is_found_after_many_pages_of_the_same_template(archive: Archive) -> None:
    days = [
        FORECAST.format(f"Day {n}", n % 9, n % 9 + n % 5 + 2, 8 + n % 17, n % 80, n % 12, (n + 6) % 12, n % 7)
        for n in range(1, 3 * PER_KEY)
    ]
    ids = [put(archive, f"f-{n}", article(text, title="Forecast"), hours=24 + n / 99) for n, text in enumerate(days)]
    copy = put_elsewhere(archive, "forecast", article(days[0], title="Forecast"), hours=26)
    assert story(archive, copy) == story(archive, ids[0])


def test_the_same_words_in_another_language_create_another_story(archive: Archive) -> None:
    first = put(archive, "dredger-free", article(*REPORT))
    other = put_elsewhere(archive, "ship-afloat", article(*REPORT, language="da"))
    assert story(archive, first) != story(archive, other)


def test_a_story_that_was_split_by_hand_stays_split(archive: Archive) -> None:
    first = put(archive, "dredger-free", article(*REPORT))
    copy = put_elsewhere(archive, "ship-afloat", article(*REPORT[:4], NEW), hours=1)
    with archive.store.transaction():
        near_misses = split(archive.store.db, copy, at=hour(2))
    revised = put_elsewhere(archive, "ship-afloat", article(*REPORT, NEW), hours=3)
    assert revised == copy
    assert story(archive, copy) == near_misses != story(archive, first)
    third = put(archive, "dredger-again", article(*REPORT), hours=4)
    assert story(archive, third) == story(archive, first)
    with pytest.raises(ArchiveError, match="alone in story"), archive.store.transaction():
        split(archive.store.db, copy, at=hour(5))
    assert rebuild(archive.store.db, sketch_of, at=hour(6))[0] == 0
    assert story(archive, copy) == near_misses
    assert findings(archive) == []


def test_splitting_the_first_article_makes_the_next_one_first(archive: Archive) -> None:
    first = put(archive, "dredger-free", article(*REPORT))
    copy = put_elsewhere(archive, "ship-afloat", article(*REPORT[:4]), hours=1)
    number = story(archive, first)
    with archive.store.transaction():
        split(archive.store.db, first, at=hour(2))
    assert [(c.article_id, c.role) for c in story_articles(archive.store.db, number)] == [(copy, "first")]
    assert findings(archive) == []


def test_a_story_emptied_by_a_join_is_merged_into_the_other(archive: Archive) -> None:
    first, other = put(archive, "dredger-free", article(*REPORT)), put(archive, "council-closes-pier", article())
    emptied, kept = story(archive, other), story(archive, first)
    with archive.store.transaction():
        join(archive.store.db, other, kept, at=hour(1))
    assert current_story(archive.store.db, emptied) == kept == story(archive, other)
    assert archive.rows("SELECT article_count, merged_into FROM stories WHERE id = ?", emptied) == [(0, kept)]
    assert archive.rows("SELECT reason, decided_by FROM story_articles WHERE article_id = ?", other) == [
        ("joined by hand", "manual")
    ]
    for unknown in ((other, 99), (99, kept)):
        with pytest.raises(ArchiveError), archive.store.transaction():
            join(archive.store.db, *unknown, at=hour(2))
    assert findings(archive) == []


def test_a_short_text_that_becomes_an_agency_report_joins_its_story_without_its_old_index_keys(
    archive: Archive,
) -> None:
    first = put(archive, "dredger-free", article(*REPORT))
    stub = put_elsewhere(archive, "ship-afloat", article("A ship is afloat again. More to follow soon."), hours=1)
    alone = story(archive, stub)
    put_elsewhere(archive, "ship-afloat", article(*REPORT), hours=2)
    assert story(archive, stub) == story(archive, first)
    assert current_story(archive.store.db, alone) == story(archive, first)
    assert findings(archive) == []


def test_a_later_version_does_not_remove_an_article_from_a_story_of_several(archive: Archive) -> None:
    first = put(archive, "dredger-free", article(*REPORT))
    copy = put_elsewhere(archive, "ship-afloat", article(*REPORT), hours=1)
    put_elsewhere(
        archive, "ship-afloat", article(*(f"{n} boats raced today, and a dog won." for n in range(40))), hours=2
    )
    assert story(archive, copy) == story(archive, first)
    assert findings(archive) == []


def test_a_merged_article_is_no_longer_in_its_story(archive: Archive) -> None:
    older = put(archive, "dredger-free", article(*REPORT))
    younger = put(archive, "dredger-is-free-at-last", article(*REPORT[:4]), hours=1)
    story_article = put_elsewhere(archive, "ship-afloat", article(*REPORT), hours=1)
    number = story(archive, older)
    put(
        archive,
        "dredger-is-free-at-last",
        article(*REPORT, canonical_url=f"{HOME}/news/dredger-free"),
        hours=2,
        body=b"2",
    )
    assert archive.value("SELECT merged_into FROM articles WHERE id = ?", younger) == older
    assert [c.article_id for c in story_articles(archive.store.db, number)] == [older, story_article]
    assert story(archive, younger) == number
    assert findings(archive) == []


def test_earlier_texts_are_selected_by_revision(archive: Archive) -> None:
    first = put(archive, "dredger-free", article(*REPORT))
    copy = put_elsewhere(archive, "ship-afloat", article(*REPORT, NEW), hours=1)
    put(archive, "dredger-free", article(*REPORT, NEW), hours=2, body=b"2")
    db, number = archive.store.db, story(archive, first)
    text = "\n\n".join([*REPORT, NEW])
    assert earlier_texts(db, number, first) == ["Council closes northern pier", text]
    assert earlier_texts(db, number, copy) == ["Council closes northern pier", "\n\n".join(REPORT)]
    assert earlier_texts(db, number, first, before=1) == []


def test_the_list_has_stories_with_several_articles_latest_first(archive: Archive) -> None:
    put(archive, "council-closes-pier", article())
    put(archive, "dredger-free", article(*REPORT, title="Dredger free"))
    put_elsewhere(archive, "ship-afloat", article(*REPORT), hours=3)
    put_elsewhere(archive, "pier-to-close", article(), hours=1)
    found = latest_stories(archive.store.db)
    assert [(story.title, story.article_count, story.sources) for story in found] == [
        ("Dredger free", 2, 2),
        ("Council closes northern pier", 2, 2),
    ]
    assert [story.title for story in latest_stories(archive.store.db, since=hour(2))] == ["Dredger free"]
    assert latest_stories(archive.store.db, min_articles=3) == []
    assert archive.rows("SELECT title, article_count, sources FROM story_list ORDER BY latest_at DESC LIMIT 1") == [
        ("Dredger free", 2, 2)
    ]


def test_a_failed_fetch_record_changes_no_story(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    put(archive, "dredger-free", article(*REPORT))
    before = archive.rows("SELECT * FROM story_keys"), archive.rows("SELECT * FROM stories")

    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("the disk is on fire")

    monkeypatch.setattr("crawler.archive.articles.record_fetch._update_queue", fail)
    with pytest.raises(sqlite3.OperationalError), archive.store.transaction():
        record_fetch(archive.store, record(article(*REPORT), page(f"{HOME}/news/dredger-free-2"), at=hour(1)))
    assert (archive.rows("SELECT * FROM story_keys"), archive.rows("SELECT * FROM stories")) == before
    assert archive.rows("SELECT article_count FROM stories") == [(1,)]


def test_rebuild_assigns_articles_without_a_story_once(archive: Archive) -> None:
    first = put(archive, "dredger-free", article(*REPORT))
    copy = put_elsewhere(archive, "ship-afloat", article(*REPORT[:4]), hours=1)
    for table in ("story_articles", "story_keys", "story_sketches", "stories"):
        archive.store.db.execute(f"DELETE FROM {table}")
    assert any("scrapy stories --rebuild" in line for line in findings(archive))
    done = rebuild(archive.store.db, sketch_of, at=NOW)
    assert done == (2, 0)
    assert story(archive, copy) == story(archive, first)
    assert findings(archive) == []
    assert rebuild(archive.store.db, sketch_of, at=NOW)[0] == 0


def test_rebuild_computes_sketches_of_an_old_version_again(archive: Archive) -> None:
    put(archive, "dredger-free", article(*REPORT))
    packed = archive.value("SELECT sketch FROM story_sketches")
    archive.store.db.execute("UPDATE story_sketches SET sketch = ?", (bytes([VERSION - 1]) + packed[1:],))
    assert any("old version" in line for line in findings(archive))
    assert rebuild(archive.store.db, sketch_of, at=NOW)[1] == 1
    assert archive.value("SELECT sketch FROM story_sketches") == packed
    assert findings(archive) == []


@pytest.mark.parametrize(
    ("damage", "reported"),
    [
        ("DELETE FROM story_keys WHERE key = (SELECT min(key) FROM story_keys)", "1 of its keys are not in story_keys"),
        ("INSERT INTO story_keys VALUES (7, 1)", "keys belong to no sketch"),
        ("UPDATE stories SET article_count = 4", "article_count is 4, but it has 1 articles"),
        ("DELETE FROM story_articles", "is in no story"),
        ("UPDATE stories SET merged_into = id, article_count = 0", "was merged, but has articles"),
        ("UPDATE articles SET merged_into = 1", "belongs to an article that was merged into another"),
    ],
)
def test_check_finds_inconsistent_stories(archive: Archive, damage: str, reported: str) -> None:
    put(archive, "dredger-free", article(*REPORT))
    archive.store.db.execute(damage)
    assert any(reported in line for line in findings(archive))


def test_a_similar_article_with_other_facts_is_a_near_miss_with_the_reason(archive: Archive) -> None:
    db = archive.store.db
    monday = put(archive, "monday", article(FORECAST.format("Monday", 8, 14, 12, 30, 6, 12, 9)))
    tuesday = put(archive, "tuesday", article(FORECAST.format("Tuesday", 3, 9, 12, 80, 6, 12, 9)), hours=24)
    put(archive, "dredger-free", article(*REPORT), hours=25)
    (shown,) = near_misses(db, story(archive, monday))
    assert (shown.story_article.article_id, shown.story_id) == (tuesday, story(archive, tuesday))
    assert shown.reason.startswith("same wording, other figures: ")
    assert shown.resemblance >= 0.5
    assert [one.story_article.article_id for one in near_misses(db, shown.story_id)] == [monday]


def test_an_article_split_by_hand_is_a_near_miss_and_can_be_joined_again(archive: Archive) -> None:
    db = archive.store.db
    first = put(archive, "dredger-free", article(*REPORT))
    copy = put_elsewhere(archive, "ship-afloat", article(*REPORT), hours=2)
    assert near_misses(db, story(archive, first)) == []
    split(db, copy, at=NOW)
    (shown,) = near_misses(db, story(archive, first))
    assert (shown.story_article.article_id, shown.reason, shown.resemblance) == (copy, "split by hand", 1.0)
    (back,) = near_misses(db, story(archive, copy))
    assert (back.story_article.article_id, back.reason) == (first, "split by hand"), (
        "and the same seen from the other side"
    )
    join(db, copy, story(archive, first), at=NOW)
    assert near_misses(db, story(archive, first)) == []


def test_a_series_has_a_limited_number_of_near_misses_the_most_similar_first(archive: Archive) -> None:
    for day in range(40):
        put(
            archive,
            f"day-{day}",
            article(FORECAST.format("Today", day, day + 5, day + 7, day + 11, 6, 12, 9)),
            hours=day,
        )
    found = near_misses(archive.store.db, 1)
    assert 1 <= len(found) <= MAX_NEAR_MISSES
    assert [one.resemblance for one in found] == sorted((one.resemblance for one in found), reverse=True)
