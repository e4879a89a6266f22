"""Measure how well exact words, prefixes and `~word` find the forms of a word, on treebanks.

    python benchmarks/word_forms.py [--words DIR] [--quick] [--json FILE]

For each noun, verb, adjective and name of a treebank: the tokens that a query for its lemma finds, compared with the tokens
that have this lemma. Figures, for each language (e.g. `uk.f1`):

- `f1`: micro F1 of `~word`; `f1_prefix`, `f1_exact`: the baselines, a query for the stem as a prefix and for the exact word;
- `expand_s`: CPU seconds to expand 200 words;
- `flag_ms_per_article`: CPU milliseconds to match an article of 25 sentences with 1,000 topics of two words with `~`;
  `flag_prefix_ms_per_article`: the baseline, the same topics with prefixes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]

from crawler.config.topics import Topic  # noqa: E402
from crawler.search.query_ast import expand_terms  # noqa: E402
from crawler.search.query_parser import parse_query  # noqa: E402
from crawler.text.tokenizer import normalize_token  # noqa: E402
from crawler.text.word_forms import word_forms  # noqa: E402
from crawler.topics.match import MatchableText  # noqa: E402
from crawler.topics.matcher import match  # noqa: E402

CORPUS = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
OPEN_CLASSES = {"NOUN", "VERB", "ADJ", "PROPN"}
TOPICS, ARTICLES, SENTENCES, ROUNDS = 1_000, 100, 25, 3
MIN_LEMMA = 4
"""Characters; shorter words are abbreviations for the most part."""


def score(found: dict[str, set[str]], gold: dict[str, Counter[str]], tokens: Counter[str]) -> float:
    """Micro F1 over all lemmas; all words are normalized as in the index."""
    right = sum(gold[lemma][form] for lemma, forms in found.items() for form in forms)
    claimed = sum(tokens[form] for forms in found.values() for form in forms)
    expected = sum(gold[lemma].total() for lemma in found)
    return 2 * right / (claimed + expected)


def prefix(lemma: str, vocabulary: Iterable[str]) -> set[str]:
    """The tokens that begin with the stem of the lemma."""
    stem = _stem(lemma)
    return {word for word in vocabulary if word.startswith(stem)}


def _stem(lemma: str) -> str:
    stem = normalize_token(lemma)
    return stem[:-1] if len(stem) <= 5 else stem[:-2]


def measure(path: Path) -> dict[str, float]:
    """The figures of one treebank."""
    language = path.name.split(".")[0]
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        sentences = [json.loads(line)["tokens"] for line in lines]
    gold: dict[str, Counter[str]] = defaultdict(Counter)
    lemmas: dict[str, str] = {}
    tokens: Counter[str] = Counter()
    for form, lemma, kind in (token for sentence in sentences for token in sentence):
        tokens[normalize_token(form)] += 1
        gold[normalize_token(lemma)][normalize_token(form)] += 1
        if kind in OPEN_CLASSES and len(lemma) >= MIN_LEMMA and lemma.replace("'", "").replace("’", "").isalpha():
            lemmas[normalize_token(lemma)] = lemma
    by_forms = {
        key: {normalize_token(form) for form in forms} | {key}
        for key, forms in zip(lemmas, word_forms(lemmas.values(), [language]).values(), strict=True)
    }
    started = time.process_time()
    word_forms(list(lemmas.values())[:200], [language])
    expand_s = time.process_time() - started
    flag_ms, flag_prefix_ms = flag_costs(
        sorted(lemma for lemma in lemmas.values() if lemma.isalpha()),
        language,
        [" ".join(token[0] for token in sentence) for sentence in sentences],
    )
    return {
        f"{language}.f1": score(by_forms, gold, tokens),
        f"{language}.f1_prefix": score({key: prefix(lemma, tokens) for key, lemma in lemmas.items()}, gold, tokens),
        f"{language}.f1_exact": score({key: {key} for key in lemmas}, gold, tokens),
        f"{language}.expand_s": expand_s,
        f"{language}.flag_ms_per_article": flag_ms,
        f"{language}.flag_prefix_ms_per_article": flag_prefix_ms,
    }


def flag_costs(lemmas: Sequence[str], language: str, sentences: Sequence[str]) -> tuple[float, float]:
    """CPU ms for each article with topics of word forms, and with topics of prefixes; both take turns."""
    rng = random.Random(1)
    forms = word_forms(lemmas, [language])
    pairs = [rng.sample(lemmas, 2) for _ in range(TOPICS)]
    queries = {
        "forms": [" AND ".join(f"~{word}" for word in pair) for pair in pairs],
        "prefix": [" AND ".join(f"{_stem(word)}*" for word in pair) for pair in pairs],
    }
    topics = {
        kind: [
            Topic(
                id=f"t{number}",
                title=str(number),
                query=query,
                node=expand_terms(parse_query(query), {}, lambda word: forms[word]),
            )
            for number, query in enumerate(written)
        ]
        for kind, written in queries.items()
    }
    best = dict.fromkeys(topics, float("inf"))
    for _ in range(ROUNDS):
        for kind, chosen in topics.items():
            texts = [
                MatchableText(id=number, language=language, text=" ".join(sentences[start : start + SENTENCES]))
                for number, start in enumerate(range(0, ARTICLES * SENTENCES, SENTENCES), start=1)
            ]
            started = time.process_time()
            match(chosen, texts, found_by_pattern=lambda *_: True)
            best[kind] = min(best[kind], 1000 * (time.process_time() - started) / ARTICLES)
    return best["forms"], best["prefix"]


def main() -> int:
    """Run the benchmark and print its results. Exit status 1 if there are no treebanks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--words", type=Path, default=CORPUS / "words", metavar="DIR", help="folder of LANGUAGE.jsonl.gz treebanks"
    )
    parser.add_argument("--quick", action="store_true", help="Ukrainian only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    options = parser.parse_args()
    paths = sorted(options.words.glob("*.jsonl.gz"))
    if not paths:
        print(f"{options.words}: no treebanks; set WIREWATCH_CORPUS or --words")
        return 1
    figures: dict[str, float] = {}
    print(f"{'language':<10}{'~word':>8}{'prefix':>8}{'exact':>8}{'expand s':>10}{'flag ms':>9}{'prefix ms':>11}")
    for path in [path for path in paths if not options.quick or path.name.startswith("uk.")]:
        found = measure(path)
        figures.update(found)
        name = path.name.split(".")[0]
        print(
            f"{name:<10}{found[f'{name}.f1']:>8.3f}{found[f'{name}.f1_prefix']:>8.3f}{found[f'{name}.f1_exact']:>8.3f}"
            f"{found[f'{name}.expand_s']:>10.2f}{found[f'{name}.flag_ms_per_article']:>9.2f}"
            f"{found[f'{name}.flag_prefix_ms_per_article']:>11.2f}"
        )
    if options.json:
        options.json.write_text(json.dumps({"figures": figures}, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
