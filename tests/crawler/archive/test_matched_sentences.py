"""The texts of judged articles, reduced to the sentences that a topic found in them."""

from __future__ import annotations

from pathlib import Path

from crawler.archive.topics.revision_texts import matched_sentences, texts_by_id
from tests.support.archives.flagged import EDITED, LEAD, flagged_archive


def test_a_text_is_reduced_to_its_sentences_that_the_version_of_the_topic_found(tmp_path: Path) -> None:
    with flagged_archive(tmp_path) as found:
        whole = texts_by_id(found.db, [1, 3])
        (version,) = {row[0] for row in found.db.execute("SELECT topic_version_id FROM matches")}
        first, edited = matched_sentences(found.db, version, whole)
        assert (first.text, edited.text) == (LEAD, EDITED), "without the sentence that the edit removed"
        assert (first.id, first.source, first.title) == (1, "gazette", "")
        assert matched_sentences(found.db, version + 1, whole) == whole, "another version did not match them"
