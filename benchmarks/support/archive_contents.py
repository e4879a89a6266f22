"""What an archive holds, without the numbers and times that depend on how it was filled: to compare two archives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.support.kill.tools import reading

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveContents:
    """Articles by their URL, with versions, texts and stories."""

    articles: Counter[Row]
    revisions: Counter[Row]
    texts: Counter[Row]
    pages: Counter[Row]
    stories: Counter[frozenset[str]]
    """The URLs of each story."""

    def differences(self, other: ArchiveContents) -> dict[str, tuple[list[object], list[object]]]:
        """Kind -> the rows that only this one and only the other one has; empty if both are equal."""
        found = {}
        for kind in ("articles", "revisions", "texts", "pages", "stories"):
            mine, theirs = getattr(self, kind), getattr(other, kind)
            if mine != theirs:
                found[kind] = (list((mine - theirs).elements()), list((theirs - mine).elements()))
        return found


def contents_of(folder: Path) -> ArchiveContents:
    """The contents of the archive in a data folder."""
    with reading(folder) as db:
        stories: dict[int, set[str]] = {}
        for story, url in db.execute("SELECT story_id, url FROM story_articles JOIN articles ON id = article_id"):
            stories.setdefault(story, set()).add(url)
        return ArchiveContents(
            articles=Counter(
                db.execute("SELECT source_id, url, revision_count FROM articles WHERE merged_into IS NULL")
            ),
            revisions=Counter(
                db.execute(
                    "SELECT a.url, r.number, r.seen_at, r.status, r.title, r.byline, r.published_at, r.fingerprint"
                    " FROM revisions r JOIN articles a ON a.id = r.article_id"
                )
            ),
            texts=Counter(db.execute("SELECT text_sha256, text FROM revisions")),
            pages=Counter(db.execute("SELECT url, fetched_at, sha256 FROM pages")),
            stories=Counter(frozenset(urls) for urls in stories.values()),
        )
