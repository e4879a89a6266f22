"""A page about troops is extracted, stored and flagged with the topics of the starter configuration."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from crawler.archive.topics.versions import active_topics, sync_topics
from crawler.config.topics import load_topics
from crawler.models import Article, ExtractionHints
from schedules.topics.flagger import flag
from tests.support.factories import Archive, article, page, record
from tests.support.news_pages import jsonld, meta, read

ROOT = Path(__file__).parents[2]
URL = "https://coast-independent.example/seven-hundred-casualties/"
NOW = datetime(2026, 3, 5, 12, 0, tzinfo=timezone.utc)
TITLE = "700 foreign casualties on the northern front, half of them dead, president says"
DEPLOYED = "Up to 3,000 of the ally's troops were deployed to the border province last autumn to help its defenders."
TRANSFERRED = "The president also said that 400 to 500 more troops are being transferred there by rail this month."
PARAGRAPHS = (
    "Troops of the northern ally fighting on the border have suffered 700 casualties, the president said on March 4.",
    'Speaking at the coast conference, she said that the losses had "broken" their spirit, a reporter heard at the event.',
    DEPLOYED,
    TRANSFERRED,
    "She added that such news belongs on the table when the parties meet again.",
)
CAPTION = (
    "Soldiers of the northern ally, sent to the capital for a rally, march on its main square. Photo for illustration."
)
TEASER = "Brigade deployed to the lighthouse after a drone strike, officials show video"


def news_page(deployed: str = DEPLOYED) -> str:
    texts = [f"<p>{deployed if text is DEPLOYED else text}</p>" for text in PARAGRAPHS]
    card = (
        '<figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="/other/"><div class="kg-bookmark-content">'
        f'<div class="kg-bookmark-title">{TEASER}</div><div class="kg-bookmark-description">The brigade was sent at night.</div>'
        '<div class="kg-bookmark-metadata"><span class="kg-bookmark-author">The Coast Independent</span></div></div></a></figure>'
    )
    head = f"<title>{TITLE}</title>" + meta("og:title", TITLE)
    head += jsonld(
        {
            "@context": "https://schema.org",
            "@type": "Article",
            "author": {"@type": "Person", "name": "The Coast Independent news desk"},
            "headline": TITLE,
            "datePublished": "2026-03-04T11:11:27.000Z",
        }
    )
    return f"""<!doctype html><html lang="en"><head>{head}</head><body><main><article class="post"><header><h1>{TITLE}</h1>
<p>by The Coast Independent news desk</p></header><figure class="feature"><img src="/a.jpg" alt=""><figcaption>{CAPTION}
</figcaption></figure><div class="audio">This audio is created with AI assistance</div>
<section class="gh-content">{texts[0]}{texts[1]}{texts[2]}{card}{texts[3]}{texts[4]}</section></article></main></body></html>"""


def read_page(html: str) -> Article:
    return read(html, ExtractionHints(timezone="Europe/Kyiv", language="en"), url=URL, fetched_at=NOW)


def alerts(archive: Archive, topic: str) -> list[tuple[str, list[tuple[str, str]]]]:
    rows = archive.rows(
        "SELECT a.id, a.kind, s.change, s.sentence FROM alerts a JOIN matches m ON m.alert_id = a.id AND m.revision_id = a.revision_id"
        " JOIN match_sentences s ON s.match_id = m.id WHERE a.topic_id = ? ORDER BY a.id, s.position",
        topic,
    )
    reported: dict[int, tuple[str, list[tuple[str, str]]]] = {}
    for number, kind, change, sentence in rows:
        reported.setdefault(number, (kind, []))[1].append((change, sentence))
    return list(reported.values())


def test_the_starter_topics_flag_the_matching_sentences_and_an_edit_and_ignore_a_parade(
    tmp_path: Path,
) -> None:
    topics = load_topics(ROOT / "data" / "starter" / "topics.toml").topics
    archive = Archive(tmp_path)
    db = archive.store.db

    def flag_at(now: datetime) -> None:
        sync_topics(db, topics, now=now)
        list(
            flag(
                db,
                lambda: active_topics(db, topics),
                now=lambda: now,
                found_by_pattern=lambda *_: True,
                queue_deliveries=lambda *_: None,
            )
        )

    received = page(URL, body=news_page().encode(), fetched_at=NOW)
    archive.record_fetch(record(read_page(news_page()), received, at=NOW))
    parade = article(
        "Thousands of soldiers and their bands marched through the capital at the parade, and the crowds cheered.",
        "The guards wore the uniforms of a hundred years ago.",
        title="Parade draws record crowds",
    )
    archive.record_fetch(record(parade, page("https://coast-independent.example/parade/", fetched_at=NOW), at=NOW))
    flag_at(NOW)
    assert alerts(archive, "troop-deployments") == [("new", [("added", DEPLOYED), ("added", TRANSFERRED)])]

    later = NOW + timedelta(hours=2)
    edited = DEPLOYED.replace("3,000", "4,000")
    changed = news_page(edited)
    archive.record_fetch(
        record(read_page(changed), replace(received, body=changed.encode(), fetched_at=later), at=later)
    )
    flag_at(later)
    assert alerts(archive, "troop-deployments")[1:] == [("edited", [("added", edited), ("unchanged", TRANSFERRED)])]
    assert archive.rows("SELECT replaces FROM match_sentences WHERE sentence = ?", edited) == [(DEPLOYED,)]
