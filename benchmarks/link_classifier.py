"""How well story links are told from navigation by URL and text alone, beside simple rules and other packages.

    python benchmarks/link_classifier.py [--quick] [--corpus DIR] [--fit] [--json FILE]

Labels: 2,891 links from 405 news home pages. `links.heldout_f1` is the honest figure: the weights are fitted anew on
four fifths of the outlets and tried on the fifth that they have not seen, five times over. `links.f1` is that of the
shipped weights, which have seen all of them. `recall.*` counts addresses of stories that no weight was fitted on.
`--fit` prints a table of weights to paste into `spiders/listings/link_classifier.py`.
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: the checkout is what is imported

import numpy as np  # noqa: E402

from crawler.urls import path_segments  # noqa: E402
from spiders.listings.link_classifier import FIXED, features, is_article_link, slug_words  # noqa: E402

CORPUS = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
FOLDS = 5
L2 = 1.0
"""Ridge on the weights: a feature seen ten times cannot earn more than about 1."""
ALSO_WITHOUT_TEXT = 0.5
"""Each link is also shown without its text, with this weight, so that a link around an image is judged by its URL."""
QUICK_ROWS = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One hand-labelled link."""

    text: str
    url: str
    outlet: str
    story: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one judge did."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean; 0 where nothing was found."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def read_links(path: Path) -> list[Labelled]:
    """The labelled links; relative ones stand as they were found."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Labelled(text=row["text"], url=row["url"], outlet=row["handle"], story=row["is_story"].lower() == "true")
            for row in csv.DictReader(file)
        ]


def result(said: Sequence[bool], links: Sequence[Labelled]) -> Result:
    """Precision and recall of what a judge said."""
    right = sum(1 for yes, link in zip(said, links, strict=True) if yes and link.story)
    return Result(
        precision=right / sum(said) if any(said) else 0.0,
        recall=right / sum(link.story for link in links),
    )


def fit(links: Sequence[Labelled]) -> dict[str, float]:
    """Weights by ridge-regularised logistic regression (Newton's method); FIXED ones are not fitted."""
    shown = [(features(link.url, link.text), link.story, 1.0) for link in links]
    shown += [(features(link.url, ""), link.story, ALSO_WITHOUT_TEXT) for link in links]
    names = sorted({name for seen, _, _ in shown for name in seen if name not in FIXED})
    column = {name: index for index, name in enumerate(names)}
    matrix = np.zeros((len(shown), len(names)))
    for row, (seen, _, _) in enumerate(shown):
        matrix[row, [column[name] for name in seen if name in column]] = 1.0
    label = np.array([story for _, story, _ in shown], dtype=float)
    share = np.array([weight for _, _, weight in shown])
    fixed = np.array([sum(FIXED[name] for name in seen if name in FIXED) for seen, _, _ in shown])
    weights = np.zeros(len(names))
    for _ in range(25):
        chance = 1 / (1 + np.exp(-(matrix @ weights + fixed)))
        slope = matrix.T @ (share * (chance - label)) + L2 * weights
        curve = (matrix * (share * chance * (1 - chance))[:, None]).T @ matrix + L2 * np.eye(len(names))
        weights -= np.linalg.solve(curve, slope)
    return {name: float(weights[index]) for name, index in column.items()}


def heldout(links: Sequence[Labelled]) -> Result:
    """Each fifth of the outlets judged by weights that the other four fifths gave."""
    outlets = sorted({link.outlet for link in links})
    random.Random(20).shuffle(outlets)
    fold = {outlet: index % FOLDS for index, outlet in enumerate(outlets)}
    said = [False] * len(links)
    for number in range(FOLDS):
        weights = FIXED | rounded(fit([link for link in links if fold[link.outlet] != number]))
        for index, link in enumerate(links):
            if fold[link.outlet] == number:
                said[index] = fsum(weights.get(name, 0.0) for name in features(link.url, link.text)) > 0
    return result(said, links)


def rounded(weights: dict[str, float]) -> dict[str, float]:
    """As the shipped table has them: one decimal, nothing that rounds to 0."""
    return {name: round(weight, 1) for name, weight in weights.items() if round(weight, 1)}


def slug_rule(link: Labelled) -> bool:
    """The rule of thumb: a path of three parts, or a last part of four words and more."""
    segments = path_segments(urljoin("http://outlet.example/", link.url))
    return len(segments) >= 3 or bool(segments and slug_words(segments[-1]) >= 4)


def courlan_filter(link: Labelled) -> bool:
    """courlan's own filter of pages worth visiting."""
    from courlan import check_url

    return check_url(urljoin("http://outlet.example/", link.url), strict=True) is not None


def storysniffer() -> Callable[[Labelled], bool] | None:
    """The package whose authors labelled these links, and which was trained on them; None where not installed."""
    try:
        from storysniffer import StorySniffer
    except ImportError:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its model was saved by an older scikit-learn
        sniffer: Any = StorySniffer()
    return lambda link: bool(sniffer.guess(link.url, text=link.text))


def story_addresses(corpus: Path) -> dict[str, list[tuple[str, str]]]:
    """URL and title of pages that are known to be stories: nothing was fitted on these."""
    found: dict[str, list[tuple[str, str]]] = {}
    for part in ("fundus", "scrapinghub", "trafilatura"):
        with (corpus / "articles" / part / "gold.jsonl").open(encoding="utf-8") as file:
            pages = [json.loads(line) for line in file]
        found[part] = [(page["url"], page.get("title") or "") for page in pages]
    forms = (corpus / "links" / "kyiv_independent_url_forms.tsv").read_text(encoding="utf-8").split()
    found["kyiv_independent"] = [(url, "") for url in forms if url.startswith("http")]
    return found


def figures(corpus: Path, *, quick: bool) -> dict[str, float]:
    """All of them."""
    links = read_links(corpus / "links" / "labeled.csv")
    if quick:
        links = random.Random(7).sample(links, QUICK_ROWS)
    judges: dict[str, Callable[[Labelled], bool]] = {
        "links": lambda link: is_article_link(link.url, link.text),
        "peer.always_yes": lambda _: True,
        "peer.slug_rule": slug_rule,
        "peer.courlan": courlan_filter,
    }
    sniffer = storysniffer()
    if sniffer is not None:
        judges["peer.storysniffer"] = sniffer
    measured: dict[str, float] = {}
    for name, judge in judges.items():
        measured |= _named(name, result([judge(link) for link in links], links))
    held = heldout(links)
    measured |= {f"links.heldout_{key}": value for key, value in _values(held).items()}
    for name, pages in story_addresses(corpus).items():
        measured[f"recall.{name}"] = sum(is_article_link(url, title) for url, title in pages) / len(pages)
    return measured


def _values(found: Result) -> dict[str, float]:
    return {"precision": found.precision, "recall": found.recall, "f1": found.f1}


def _named(name: str, found: Result) -> dict[str, float]:
    return {f"{name}.{key}": value for key, value in _values(found).items()}


def table(measured: dict[str, float]) -> Iterable[str]:
    """For people."""
    yield f"{'':24}{'precision':>10}{'recall':>10}{'F1':>10}"
    for name in dict.fromkeys(key.rpartition(".")[0] for key in measured if key.endswith(".f1")):
        row = "".join(f"{measured[f'{name}.{key}']:10.3f}" for key in ("precision", "recall", "f1"))
        yield f"{name:24}{row}"
        if name == "links":
            row = "".join(f"{measured[f'links.heldout_{key}']:10.3f}" for key in ("precision", "recall", "f1"))
            yield f"{'  outlets held out':24}{row}"
    yield ""
    for name, value in measured.items():
        if name.startswith("recall."):
            yield f"known stories found, {name.removeprefix('recall.'):20}{value:7.3f}"


def main() -> int:
    """Exit status 2 where the corpus is absent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS} of the links")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--fit", action="store_true", help="print the weights that all links give")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # peers log what they cannot reach
    if not (options.corpus / "links").is_dir():
        print(f"no corpus at {options.corpus} (set WIREWATCH_CORPUS)", file=sys.stderr)
        return 2
    if options.fit:
        fitted = rounded(fit(read_links(options.corpus / "links" / "labeled.csv")))
        print("\n".join(f'    "{name}": {fitted[name]},' for name in sorted(fitted, key=lambda name: -fitted[name])))
        return 0
    measured = figures(options.corpus, quick=options.quick)
    print("\n".join(table(measured)))
    if options.json:
        options.json.write_text(json.dumps({"figures": measured}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
