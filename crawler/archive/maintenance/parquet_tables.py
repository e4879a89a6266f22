"""The tables of a Parquet export: columns with their types and descriptions, and the queries that fill them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ParquetType = Literal["text", "integer", "real", "time", "truth"]


@dataclass(frozen=True, slots=True)
class ParquetColumn:
    """A column of the export."""

    name: str
    type: ParquetType
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetTable:
    """A table of the export: a folder with a folder for each month."""

    name: str
    description: str
    columns: tuple[ParquetColumn, ...]
    select: str
    """Gives the columns in this order."""
    month_of: str
    """The column whose month chooses the folder; never null."""


def _columns(text: str) -> tuple[ParquetColumn, ...]:
    columns = []
    for line in text.strip().splitlines():
        name, kind, description = line.strip().split(maxsplit=2)
        columns.append(ParquetColumn(name, kind, description))  # type: ignore[arg-type]  # the type is checked by a test
    return tuple(columns)


PARQUET_TABLES = (
    ParquetTable(
        name="articles",
        description="Articles with the text of their current version, by the month in which they were first seen.",
        columns=_columns("""
            article_id integer articles.id.
            source_id text Source in sources.toml.
            url text For readers.
            title text Null if the page has none; the same holds for the columns down to text.
            lead text Standfirst.
            byline text Authors in one line.
            published_at time As the page gives it.
            language text ISO 639-1 code.
            section text As the page names it.
            status text ok, teaser or empty.
            words integer Of title, lead and text.
            text text Paragraphs, separated by empty lines.
            revision_count integer Number of versions.
            first_seen_at time When its first page was fetched.
            gone_at time When the URL first returned 404 or 410; null while it is available.
            story_id integer stories.id; null if it has no story.
            story_role text first, copy, excerpt or extended; null like story_id.
        """),
        select=(
            "SELECT a.id, a.source_id, a.url, r.title, r.lead, r.byline, r.published_at, r.language, r.section, r.status,"
            " r.words, r.text, a.revision_count, a.first_seen_at, a.gone_at, s.story_id, s.role FROM articles a"
            " LEFT JOIN revisions r ON r.id = a.latest_revision_id LEFT JOIN story_articles s ON s.article_id = a.id"
            " WHERE a.merged_into IS NULL ORDER BY a.id"
        ),
        month_of="first_seen_at",
    ),
    ParquetTable(
        name="revisions",
        description="All versions of all articles, by the month in which they were fetched.",
        columns=_columns("""
            revision_id integer revisions.id.
            article_id integer articles.id.
            number integer 1, 2, 3 ... within the article.
            source_id text Source in sources.toml.
            url text Of the article.
            seen_at time When the page was fetched.
            status text ok, teaser or empty.
            title text Null if the page has none; the same holds for the columns down to tags.
            lead text Standfirst.
            text text Paragraphs, separated by empty lines.
            byline text Authors in one line.
            published_at time As the page gives it.
            published_offset integer Minutes from UTC, as the page gives it.
            published_source text Part of the page that the time was taken from.
            modified_at time As the page gives it.
            language text ISO 639-1 code.
            section text As the page names it.
            tags text JSON list.
            words integer Of title, lead and text.
            text_sha256 text Of title, lead, byline and text.
            page_sha256 text Of the raw page; null if the text is from a feed.
            extractor text Version of the extractor.
        """),
        select=(
            "SELECT r.id, r.article_id, r.number, a.source_id, a.url, r.seen_at, r.status, r.title, r.lead, r.text, r.byline,"
            " r.published_at, r.published_offset, r.published_source, r.modified_at, r.language, r.section, r.tags, r.words,"
            " r.text_sha256, p.sha256, r.extractor FROM revisions r JOIN articles a ON a.id = r.article_id"
            " LEFT JOIN pages p ON p.id = r.page_id ORDER BY r.id"
        ),
        month_of="seen_at",
    ),
    ParquetTable(
        name="alerts",
        description="Alerts, by the month in which they were created.",
        columns=_columns("""
            alert_id integer alerts.id.
            topic_id text Topic in topics.toml.
            topic text Its title.
            kind text new, edited, removed or addition.
            article_id integer articles.id.
            revision_id integer revisions.id.
            previous_revision_id integer revisions.id of the version before the edit; null for new and addition.
            story_id integer stories.id; null if the article has no story.
            is_old truth Published long before it was found.
            created_at time When the flag job created it.
            sentences text JSON list of the matching sentences.
            relevant truth A person's judgement; null if there is none.
        """),
        select=(
            "SELECT a.id, a.topic_id, t.title, a.kind, a.article_id, a.revision_id, a.previous_revision_id, a.story_id,"
            " a.is_old, a.created_at, (SELECT json_group_array(s.sentence) FROM matches m JOIN match_sentences s ON"
            " s.match_id = m.id WHERE m.alert_id = a.id AND m.revision_id = a.revision_id), j.relevant FROM alerts a"
            " JOIN topics t ON t.id = a.topic_id LEFT JOIN judgements j ON j.topic_id = a.topic_id AND"
            " j.article_id = a.article_id ORDER BY a.id"
        ),
        month_of="created_at",
    ),
    ParquetTable(
        name="stories",
        description="Stories, by the month in which they began. Their articles are in articles.story_id.",
        columns=_columns("""
            story_id integer stories.id.
            first_article_id integer articles.id of the article stored first.
            title text Of that article.
            article_count integer Articles in it.
            created_at time When its first article was stored.
            latest_at time When the latest article joined it.
        """),
        select=(
            "SELECT s.id, s.first_article_id, a.title, s.article_count, s.created_at, s.latest_at FROM stories s"
            " LEFT JOIN articles a ON a.id = s.first_article_id WHERE s.merged_into IS NULL AND s.article_count > 0"
            " ORDER BY s.id"
        ),
        month_of="created_at",
    ),
    ParquetTable(
        name="polls",
        description="Polls of feeds, sitemaps and listings, by their month.",
        columns=_columns("""
            poll_id integer polls.id.
            source_id text Source in sources.toml.
            seed_url text As in sources.toml.
            kind text feed, sitemap or listing.
            url text Document reached from the seed; null: the seed itself.
            at time When the response arrived.
            outcome text new, known, not_modified, failed or refused.
            reason_code text Why it failed or was refused, or what is noteworthy; null otherwise.
            http_status integer Null if there was no response.
            items integer Links found.
            known integer Of these, already known.
            entries integer Entries in the document; null without a document.
            oldest_at time Published time of the oldest link; null if no link had one.
            newest_at time Published time of the newest link; null if no link had one.
            milliseconds integer From the request to the parsed document; null if no request was sent.
        """),
        select=(
            "SELECT p.id, s.source_id, s.url, s.kind, p.url, p.at, p.outcome, p.reason_code, p.http_status, p.items, p.known,"
            " p.entries, p.oldest_at, p.newest_at, p.milliseconds FROM polls p JOIN seeds s ON s.id = p.seed_id ORDER BY p.id"
        ),
        month_of="at",
    ),
)


def parquet_reference() -> str:
    """The schema of the export as Markdown, for docs/reference/parquet.md."""
    parts = [
        "# Parquet export\n\nGenerated from `crawler/archive/maintenance/parquet_tables.py`."
        " `scrapy archive export --parquet DIR` writes one folder a table, in it `month=YYYY-MM` folders (Hive partitioning)."
        " Texts are UTF-8 strings, integers have 64 bits, times are `timestamp[s, tz=UTC]`."
    ]
    for table in PARQUET_TABLES:
        rows = "\n".join(f"| `{one.name}` | {one.type} | {one.description} |" for one in table.columns)
        parts.append(f"## {table.name}\n\n{table.description}\n\n| column | type | |\n|---|---|---|\n{rows}")
    return "\n\n".join(parts) + "\n"
