"""Pages say what was pruned, and when."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from crawler.archive.retention.prune import prune
from crawler.config.retention import FOREVER, RetentionPolicy
from tests.support.datasette_client import datasette_client
from tests.support.factories import HOME, Archive, article, hour, page, record


def test_an_article_says_which_texts_and_raw_pages_were_pruned(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for version in range(2):
        body = f"<p>{version}</p>".encode()
        archive.record_fetch(record(article(f"Version {version}."), page(f"{HOME}/a", body), at=hour(24 * version)))
    day = timedelta(days=1)
    kept = RetentionPolicy(
        defaults={"pages": 3 * day, "texts": 2 * day, "polls": FOREVER, "fetches": FOREVER},
        job_runs=FOREVER,
        runs=FOREVER,
        by_source={},
        by_topic={},
    )
    prune(archive.store.db, archive.warc, kept, now=hour(24 * 3.5), least_share=0)
    archive.store.close()
    with datasette_client(tmp_path) as client:
        old = client.text("/article/1/1")
        assert "The text of this version was pruned on" in old
        assert "Council closes northern pier" in old
        assert "cannot be compared" in client.text("/article/1/2?compare")
        assert "pruned on" in client.text("/article/1/2")
        gone = client.get("/page/1")
        assert (gone.status_code, "Raw page 1 was pruned on 2026-03-05" in gone.text) == (404, True)
        assert client.get("/page/2").status_code == 200
