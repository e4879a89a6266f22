"""The link classifier benchmark, and the weights that it fits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import link_classifier
from benchmarks.link_classifier import Labelled, fit, heldout, read_links, result, rounded
from spiders.listings.link_classifier import WEIGHTS, is_article_link
from tests.support.corpus import corpus_or_skip


def labelled(article: bool, *, outlet: str = "gazette") -> Labelled:
    return Labelled(text="x", url="/x", outlet=outlet, article=article)


def test_precision_and_recall_are_counted() -> None:
    found = result([True, True, False, False], [labelled(True), labelled(False), labelled(True), labelled(True)])
    assert found.precision == pytest.approx(1 / 2)
    assert found.recall == pytest.approx(1 / 3)
    assert found.f1 == pytest.approx(2 / 5)


def test_a_classifier_that_accepts_nothing_has_an_f1_of_zero() -> None:
    assert result([False], [labelled(True)]).f1 == 0


def test_all_links_of_an_outlet_are_in_the_same_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[set[str]] = []

    def spy(shown: list[Labelled]) -> dict[str, float]:
        trained.append({link.outlet for link in shown})
        return {"bias": 1.0}

    monkeypatch.setattr(link_classifier, "fit", spy)
    outlets = [f"outlet-{number}" for number in range(10)]
    heldout([labelled(True, outlet=outlet) for outlet in outlets for _ in range(3)])
    assert [len(seen) for seen in trained] == [8] * link_classifier.FOLDS
    assert set.intersection(*trained) == set(), "each outlet is held out once"


def test_the_weights_in_the_code_are_the_fitted_ones() -> None:
    data = read_links(corpus_or_skip("links/labeled.csv"))
    assert rounded(fit(data)) == pytest.approx(dict(WEIGHTS), abs=0.11)


def test_the_docs_state_the_measured_figures() -> None:
    data = read_links(corpus_or_skip("links/labeled.csv"))
    text = (Path(__file__).parents[2] / "docs" / "explanation" / "discovery.md").read_text(encoding="utf-8")
    shipped = result([is_article_link(link.url, link.text) for link in data], data)
    for row, found in (("weights fitted on other outlets", heldout(data)), ("shipped weights", shipped)):
        stated = re.search(rf"{row}.*\| ([\d.]+) \| ([\d.]+) \| \**([\d.]+)", text)
        assert stated is not None
        measured = (found.precision, found.recall, found.f1)
        assert [float(one) for one in stated.groups()] == pytest.approx(measured, abs=0.0015)


def test_the_fitted_weights_beat_the_rule_of_thumb_on_held_out_outlets() -> None:
    data = read_links(corpus_or_skip("links/labeled.csv"))
    assert heldout(data).f1 > result([link_classifier.slug_rule(link) for link in data], data).f1 + 0.05
