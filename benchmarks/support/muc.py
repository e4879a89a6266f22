"""Measure topics against gold: precision and recall of each scope on 1,300 reports of armed conflict (MUC-3/4).

    python benchmarks/support/muc.py [--json FILE]

The topics are in benchmarks/support/muc_topics.toml and were written from the meaning of the words, without reading the
reports. Each topic runs with the scopes sentence, paragraph and article. A report is relevant if the gold lists the incident.
Baseline (`keywords`): only the first part of the query, anywhere in the article, as a keyword list would find it. It needs the
corpus (`WIREWATCH_CORPUS`) and takes some seconds. Figures: `TOPIC.SCOPE.precision` and `TOPIC.SCOPE.recall`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from crawler.config.topic_tables import Scope  # noqa: E402
from crawler.config.topics import Topic, load_topics  # noqa: E402
from crawler.search.query_ast import Operation, QueryNode  # noqa: E402
from crawler.topics.match import MatchableText  # noqa: E402
from crawler.topics.matcher import match  # noqa: E402

CORPUS = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
TOPICS = Path(__file__).with_name("muc_topics.toml")
SCOPES: tuple[Scope, ...] = ("sentence", "paragraph", "article")


@dataclass(frozen=True, slots=True)
class Score:
    """Relevant reports found, reports found and relevant reports, of one topic with one scope."""

    right: int
    found: int
    gold: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.gold) if self.found + self.gold else 0.0


def reports(path: Path) -> tuple[list[MatchableText], list[frozenset[str]]]:
    """(texts, the incidents of each). Four spaces separate paragraphs."""
    texts, gold = [], []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            report = json.loads(line)
            paragraphs = "\n\n".join(part.strip() for part in report["text"].split("    ") if part.strip())
            texts.append(MatchableText(id=number, language="en", text=paragraphs))
            gold.append(frozenset(report["incidents"]))
    return texts, gold


def score(topic: Topic, texts: Sequence[MatchableText], gold: Sequence[frozenset[str]]) -> Score:
    """Compare the matches of a topic with the reports that have the incident of the same name."""
    found = {text for _, text in match([topic], texts, found_by_pattern=lambda *_: True)}
    relevant = {number for number, incidents in enumerate(gold) if topic.id in incidents}
    return Score(len(found & relevant), len(found), len(relevant))


def first_idea(node: QueryNode) -> QueryNode:
    """The query without the second and later parts of AND and NOT."""
    while isinstance(node, Operation) and node.operator in ("AND", "NOT"):
        node = node.children[0]
    if isinstance(node, Operation):
        return replace(node, children=tuple(first_idea(child) for child in node.children))
    return node


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its results. Exit status 1 if there is no corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="no effect; accepted as in the other benchmarks")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    options = parser.parse_args(arguments)
    path = CORPUS / "topics" / "muc.jsonl.gz"
    if not path.exists():
        print(f"{path}: no such file; set WIREWATCH_CORPUS to the folder of the corpus")
        return 1
    texts, gold = reports(path)
    figures: dict[str, float] = {}
    print(f"{'':12}{'':5}" + "".join(f"{name:>24}" for name in (*SCOPES, "keywords")))
    print(f"{'topic':12}{'gold':>5}" + f"{'P':>10}{'R':>7}{'F1':>7}" * 4)
    for topic in load_topics(TOPICS).topics:
        variants = [replace(topic, scope=scope) for scope in SCOPES]
        variants.append(replace(topic, scope="article", node=first_idea(topic.node)))
        scores = [score(variant, texts, gold) for variant in variants]
        cells = "".join(f"{one.precision:10.2f}{one.recall:7.2f}{one.f1:7.2f}" for one in scores)
        print(f"{topic.id:12}{scores[0].gold:5}{cells}")
        for name, one in zip((*SCOPES, "keywords"), scores, strict=True):
            figures |= {f"{topic.id}.{name}.precision": one.precision, f"{topic.id}.{name}.recall": one.recall}
    if options.json:
        options.json.write_text(json.dumps({"figures": figures}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
