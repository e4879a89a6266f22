"""Measure the link classifier (URL and text only) and compare it with simple rules and other packages.

    python benchmarks/link_classifier.py [--quick] [--corpus DIR] [--fit] [--json FILE]

The labels are 2,891 links from 405 news home pages. The baselines are: every link is an article, a rule of thumb for slugs,
courlan and storysniffer. It takes some seconds. Figures:

- `links.heldout_f1` (with `_precision` and `_recall`): the figure to expect; the weights are fitted on four fifths of the
  outlets and tested on the others, five times;
- `links.f1`, `.precision`, `.recall`: the weights in the code, which were fitted on all links; `peer.NAME.…`: the baselines;
- `recall.SET`: recall on URLs of articles that were not used for fitting.

`--fit` prints a table of weights to paste into `spiders/listings/link_classifier.py`.
"""

from __future__ import annotations

import argparse
import csv
import json
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
    sys.path.insert(0, str(ROOT))  # import the checkout if run as a script

import numpy as np  # noqa: E402

from benchmarks.support.extraction.peers import quiet  # noqa: E402
from crawler.urls import path_segments  # noqa: E402
from spiders.listings.link_classifier import FIXED, features, is_article_link, slug_words  # noqa: E402

CORPUS = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
FOLDS = 5
L2 = 1.0
"""Ridge penalty: a feature that occurs ten times gets a weight of at most about 1."""
ALSO_WITHOUT_TEXT = 0.5
"""Weight of a second copy of each link without its text, for links that contain only an image."""
QUICK_ROWS = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One hand-labelled link."""

    text: str
    url: str
    outlet: str
    article: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Precision and recall of one classifier."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean; 0 if nothing was accepted."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def read_links(path: Path) -> list[Labelled]:
    """The labelled links; relative URLs stay relative."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Labelled(text=row["text"], url=row["url"], outlet=row["handle"], article=row["is_story"].lower() == "true")
            for row in csv.DictReader(file)
        ]


def result(accepted: Sequence[bool], links: Sequence[Labelled]) -> Result:
    """Precision and recall of a classifier's answers."""
    right = sum(1 for yes, link in zip(accepted, links, strict=True) if yes and link.article)
    return Result(
        precision=right / sum(accepted) if any(accepted) else 0.0,
        recall=right / sum(link.article for link in links),
    )


def fit(links: Sequence[Labelled]) -> dict[str, float]:
    """Weights by ridge-regularised logistic regression (Newton's method); FIXED ones are not fitted."""
    samples = [(features(link.url, link.text), link.article, 1.0) for link in links]
    samples += [(features(link.url, ""), link.article, ALSO_WITHOUT_TEXT) for link in links]
    names = sorted({name for observed, _, _ in samples for name in observed if name not in FIXED})
    column = {name: index for index, name in enumerate(names)}
    matrix = np.zeros((len(samples), len(names)))
    for row, (observed, _, _) in enumerate(samples):
        matrix[row, [column[name] for name in observed if name in column]] = 1.0
    label = np.array([article for _, article, _ in samples], dtype=float)
    share = np.array([weight for _, _, weight in samples])
    fixed = np.array([sum(FIXED[name] for name in observed if name in FIXED) for observed, _, _ in samples])
    weights = np.zeros(len(names))
    for _ in range(25):
        chance = 1 / (1 + np.exp(-(matrix @ weights + fixed)))
        slope = matrix.T @ (share * (chance - label)) + L2 * weights
        curve = (matrix * (share * chance * (1 - chance))[:, None]).T @ matrix + L2 * np.eye(len(names))
        weights -= np.linalg.solve(curve, slope)
    return {name: float(weights[index]) for name, index in column.items()}


def heldout(links: Sequence[Labelled]) -> Result:
    """Precision and recall on each fifth of the outlets, with weights fitted on the other four fifths."""
    outlets = sorted({link.outlet for link in links})
    random.Random(20).shuffle(outlets)
    fold = {outlet: index % FOLDS for index, outlet in enumerate(outlets)}
    accepted = [False] * len(links)
    for number in range(FOLDS):
        weights = FIXED | rounded(fit([link for link in links if fold[link.outlet] != number]))
        for index, link in enumerate(links):
            if fold[link.outlet] == number:
                accepted[index] = fsum(weights.get(name, 0.0) for name in features(link.url, link.text)) > 0
    return result(accepted, links)


def rounded(weights: dict[str, float]) -> dict[str, float]:
    """The weights as in the code: one decimal, without those that round to 0."""
    return {name: round(weight, 1) for name, weight in weights.items() if round(weight, 1)}


def slug_rule(link: Labelled) -> bool:
    """A rule of thumb: a path of three or more segments, or a last segment of four or more words."""
    segments = path_segments(urljoin("http://outlet.example/", link.url))
    return len(segments) >= 3 or bool(segments and slug_words(segments[-1]) >= 4)


def courlan_filter(link: Labelled) -> bool:
    """courlan's filter of useful pages. trafilatura installs courlan."""
    from courlan import check_url

    return check_url(urljoin("http://outlet.example/", link.url), strict=True) is not None


def storysniffer() -> Callable[[Labelled], bool] | None:
    """The package whose authors labelled these links and trained it on them; None if it is not installed."""
    try:
        from storysniffer import StorySniffer
    except ImportError:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its model was saved by an older scikit-learn
        sniffer: Any = StorySniffer()
    return lambda link: bool(sniffer.guess(link.url, text=link.text))


def article_urls(corpus: Path) -> dict[str, list[tuple[str, str]]]:
    """URLs and titles of known articles that were not used for fitting, by corpus."""
    found: dict[str, list[tuple[str, str]]] = {}
    for part in ("fundus", "scrapinghub", "trafilatura"):
        with (corpus / "articles" / part / "gold.jsonl").open(encoding="utf-8") as file:
            pages = [json.loads(line) for line in file]
        found[part] = [(page["url"], page.get("title") or "") for page in pages]
    forms = (corpus / "links" / "kyiv_independent_url_forms.tsv").read_text(encoding="utf-8").split()
    found["kyiv_independent"] = [(url, "") for url in forms if url.startswith("http")]
    return found


def figures(corpus: Path, *, quick: bool) -> dict[str, float]:
    """All figures, by name."""
    links = read_links(corpus / "links" / "labeled.csv")
    if quick:
        links = random.Random(7).sample(links, QUICK_ROWS)
    classifiers: dict[str, Callable[[Labelled], bool]] = {
        "links": lambda link: is_article_link(link.url, link.text),
        "peer.always_yes": lambda _: True,
        "peer.slug_rule": slug_rule,
        "peer.courlan": courlan_filter,
    }
    sniffer = storysniffer()
    if sniffer is not None:
        classifiers["peer.storysniffer"] = sniffer
    measured: dict[str, float] = {}
    for name, classify in classifiers.items():
        measured |= _named(name, result([classify(link) for link in links], links))
    held = heldout(links)
    measured |= {f"links.heldout_{key}": value for key, value in _values(held).items()}
    for name, pages in article_urls(corpus).items():
        measured[f"recall.{name}"] = sum(is_article_link(url, title) for url, title in pages) / len(pages)
    return measured


def _values(measured: Result) -> dict[str, float]:
    return {"precision": measured.precision, "recall": measured.recall, "f1": measured.f1}


def _named(name: str, measured: Result) -> dict[str, float]:
    return {f"{name}.{key}": value for key, value in _values(measured).items()}


def table(measured: dict[str, float]) -> Iterable[str]:
    """The figures as lines of text."""
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
            yield f"known articles found, {name.removeprefix('recall.'):20}{value:7.3f}"


@quiet()
def main() -> int:
    """Run the benchmark. Exit status 2 if the corpus is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"only {QUICK_ROWS} of the links")
    parser.add_argument("--corpus", type=Path, default=CORPUS, metavar="DIR", help="folder of the corpus")
    parser.add_argument("--fit", action="store_true", help="print the weights fitted on all links")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    options = parser.parse_args()
    if not (options.corpus / "links").is_dir():
        print(f"no corpus at {options.corpus}; set WIREWATCH_CORPUS", file=sys.stderr)
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
