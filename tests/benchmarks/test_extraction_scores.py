from __future__ import annotations

import json
from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from benchmarks import extraction
from benchmarks.support.extraction import scores
from benchmarks.support.extraction.scores import ExtractorOutput
from tests.support.news_pages import PARAGRAPHS, URL, article_page, jsonld, news


def test_shingle_f1_is_one_for_the_same_text_and_zero_for_another() -> None:
    assert scores.shingle_f1([scores.shingle_counts("a b c d e", "a b c d e")]) == 1
    assert scores.shingle_f1([scores.shingle_counts("a b c d e", "f g h i j")]) == 0


def test_shingle_counts_weigh_each_page_the_same() -> None:
    assert scores.shingle_counts("a b c d e", "a b c d x") == pytest.approx((1 / 3, 1 / 3, 1 / 3))


def test_a_text_shorter_than_a_shingle_is_one_shingle() -> None:
    assert scores.shingle_counts("a b", "a b") == (1, 0, 0)


def test_token_f1_counts_repeats_and_not_order() -> None:
    assert scores.token_f1("one two two", "two one two") == 1
    assert scores.token_f1("one two two", "one two") == pytest.approx(0.8)


def test_token_f1_counts_scripts_without_spaces_by_the_character() -> None:
    assert 0 < scores.token_f1("北桟橋を閉鎖", "北桟橋を閉じる") < 1


def test_bylines_are_scored_as_sets_of_names_over_all_pages() -> None:
    pages = [(["Jane Moor", "Piet Duin"], ["Jane Moor"]), (["Ilse Strand"], ["Ilse  Strand"])]
    assert scores.names_f1(pages) == pytest.approx(2 * 2 / 5)


@pytest.mark.parametrize("found", ["Pier closes", "Pier  closes | Gazette", "Gazette - Pier closes", "pier closes"])
def test_titles_are_equal_apart_from_white_space_and_the_sites_name(found: str) -> None:
    assert scores.same_title("Pier closes", found, ["gazette"])


def test_all_kinds_of_quotation_marks_are_equal() -> None:
    assert scores.same_title("“Pier” closes – now", '"Pier" closes - now', [])


def test_a_different_title_is_not_equal() -> None:
    assert not scores.same_title("Pier closes", "Pier shuts", [])


def test_a_time_is_right_within_sixty_seconds() -> None:
    gold = datetime(2026, 3, 4, 11, 11, tzinfo=timezone.utc)
    assert scores.same_minute(gold, ExtractorOutput(published=gold.replace(second=59)))
    assert not scores.same_minute(gold, ExtractorOutput(published=gold.replace(minute=13)))
    assert not scores.same_minute(gold, ExtractorOutput(published=gold, day_only=True))
    assert not scores.same_minute(gold, ExtractorOutput())


def test_a_day_is_right_in_the_publishers_time_or_in_utc() -> None:
    answer = ExtractorOutput(published=datetime.fromisoformat("2026-03-04T00:30:00+02:00"))
    assert scores.same_day(date(2026, 3, 4), answer)
    assert scores.same_day(date(2026, 3, 3), answer)
    assert not scores.same_day(date(2026, 3, 5), answer)


@pytest.fixture
def gold_set(tmp_path: Path) -> Path:
    folder = tmp_path / "heldout"
    (folder / "pages").mkdir(parents=True)
    head = jsonld(news(author="Jane Moor", datePublished="2026-03-04T10:00:00Z"))
    (folder / "pages" / "one.html").write_text(article_page(head=head))
    gold = {"id": "one", "url": URL, "title": "Northern pier closes in June", "authors": ["Jane Moor"],
            "published": "2026-03-04T10:00:00+00:00", "text": "\n".join(PARAGRAPHS), "must": [PARAGRAPHS[0]],
            "must_not": ["newsletter"]}  # fmt: skip
    (folder / "gold.jsonl").write_text(json.dumps(gold) + "\n")
    return folder


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["extraction.py", *arguments])
    return extraction.main()


def test_any_directory_of_gold_and_pages_is_measured(
    gold_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    assert run(monkeypatch, "--pages", str(gold_set), "--peers", "none", "--json", str(out)) == 0
    figures = json.loads(out.read_text())["figures"]
    fields = ("text_f1", "byline_f1", "title", "published_minute", "published_day", "must", "must_not")
    assert {field: figures[f"heldout.{field}"] for field in fields} == dict.fromkeys(fields, 1.0)
    assert "heldout: 1 pages" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("gold", "expected"),
    [
        (None, "no gold.jsonl; give a directory"),
        ('{"id": "a"}\n{"id": "b', r"gold\.jsonl, line 2: not JSON .*; each line is one object"),
        ('{"id": "a"}\n{"url": "https://x.example/"}', r"gold\.jsonl, line 2: no `id`"),
        ('{"id": "c"}', "pages/ has no page of gold.jsonl"),
    ],
)
def test_an_invalid_gold_set_is_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gold: str | None, expected: str
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_text("<p>a</p>")
    if gold is not None:
        (tmp_path / "gold.jsonl").write_text(gold)
    with pytest.raises(SystemExit, match=expected):
        run(monkeypatch, "--pages", str(tmp_path), "--peers", "none")


def test_the_error_for_an_unknown_peer_names_the_known_ones(gold_set: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="no peer 'boilerpipe'; known: none, all, trafilatura"):
        run(monkeypatch, "--pages", str(gold_set), "--peers", "boilerpipe")


def test_a_gold_time_of_midnight_to_the_second_counts_as_a_day(gold_set: Path) -> None:
    sample = extraction.read_set(gold_set)[0]
    gold = {**sample.gold, "published": "2026-03-04 00:00:00"}
    expected = extraction.Sample(id="one", url=URL, body=b"", fetched_at=sample.fetched_at, gold=gold)
    assert extraction.gold_time(expected) == date(2026, 3, 4)


def test_the_opening_is_kept_if_the_first_three_paragraphs_are_in_the_text() -> None:
    paragraphs = [f"This is paragraph number {number} of a text, with some more words." for number in range(5)]
    gold = "\n\n".join(["Subhead", *paragraphs])
    assert scores.opening_is_kept(gold, " ".join(paragraphs[:3]))
    assert not scores.opening_is_kept(gold, " ".join(paragraphs[1:]))
