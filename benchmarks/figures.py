"""Measure how well the claims of figures are extracted from labelled sentences.

    python benchmarks/figures.py [--part PART] [--errors] [--json FILE]

The labels are in `benchmarks/data/figures.jsonl`; its sentences of MUC-3 and MUC-4 are looked up in the corpus by document
and hash. Rules were tuned on the parts `tune` and, later, `others` and `others_2`. The sentences of these two and `unseen`
were written and labelled without knowledge of the rules; `unseen` is for measuring only. Figures:

- `number`: share of the labelled claims whose number or range was found; `number_precision`: of the claims found;
- `unit`, `outcome`, `modifier`: share of these with the right unit, outcome or modifier;
- `speaker_precision`, `speaker_recall`: of the speakers found, and of the labelled ones;
- `ms`: milliseconds of CPU for a sentence.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]

from crawler.figures.claim import FigureClaim  # noqa: E402
from crawler.figures.extract import figures_in  # noqa: E402
from crawler.figures.vocabulary import FIGURE_LANGUAGES, FigureVocabulary, load_vocabulary  # noqa: E402
from crawler.text.sentences import split_sentences  # noqa: E402

CORPUS = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
LABELS = ROOT / "benchmarks" / "data" / "figures.jsonl"
TUNED = ("tune", "others", "others_2")
SHARE_TOLERANCE = 0.01


def labelled(part: str) -> Iterator[dict[str, Any]]:
    """The labelled sentences of a part, with their texts."""
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    texts = _corpus_texts({row["document"] for row in rows if "document" in row})
    for row in rows:
        if part not in (row["part"], "all"):
            continue
        if "document" in row:
            if row["document"] not in texts:
                continue  # the corpus is not available
            row["text"] = texts[row["document"]][row["sentence_sha256"]]
        yield row


def _corpus_texts(documents: set[str]) -> dict[str, dict[str, str]]:
    path = CORPUS / "topics" / "muc.jsonl.gz"
    if not path.exists():
        print(f"no corpus at {path}: only the other sentences are measured", file=sys.stderr)
        return {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = {row["id"]: row["text"] for row in map(json.loads, lines) if row["id"] in documents}
    return {
        document: {
            hashlib.sha256(sentence.encode()).hexdigest()[:12]: sentence for _, sentence in split_sentences(text, "en")
        }
        for document, text in found.items()
    }


def _is_same_number(claim: FigureClaim, label: Mapping[str, Any]) -> bool:
    if "share" in label:
        return claim.share is not None and abs(claim.share - label["share"]) < SHARE_TOLERANCE
    return claim.share is None and (claim.low, claim.high) == (label["low"], label["high"])


def score(row: Mapping[str, Any], claims: list[FigureClaim]) -> tuple[Counter[str], list[str]]:
    """The counts of one sentence, and its mistakes."""
    counts: Counter[str] = Counter(claims=len(row["claims"]), found=len(claims))
    mistakes = []
    left = list(claims)
    for label in row["claims"]:
        claim = next((one for one in left if _is_same_number(one, label) and one.unit == label["unit"]), None)
        claim = claim or next((one for one in left if _is_same_number(one, label)), None)
        counts["labelled_speakers"] += "speaker" in label
        if claim is None:
            mistakes.append(f"missed {label}")
            continue
        left.remove(claim)
        counts["number"] += 1
        for key in ("unit", "outcome", "modifier"):
            right = getattr(claim, key) == label.get(key)
            counts[key] += right
            if not right:
                mistakes.append(f"{claim.written}: {key} {getattr(claim, key)}, labelled {label.get(key)}")
        given = claim.speaker.written if claim.speaker else None
        counts["speakers"] += given is not None
        right = given is not None and "speaker" in label and label["speaker"].casefold() in given.casefold()
        counts["right_speakers"] += right
        if not right and (given is not None or "speaker" in label):
            mistakes.append(f"{claim.written}: speaker {given}, labelled {label.get('speaker')}")
    mistakes += [f"not labelled: {one.written} {one.unit} {one.outcome}" for one in left]
    return counts, mistakes


def measure(part: str, vocabularies: Mapping[str, FigureVocabulary], *, errors: bool = False) -> dict[str, float]:
    """The figures of a part of the labelled sentences."""
    total: Counter[str] = Counter()
    sentences, seconds = 0, 0.0
    for row in labelled(part):
        start = time.process_time()
        claims = list(figures_in(row["text"], vocabularies[row["language"]]).claims)
        seconds += time.process_time() - start
        sentences += 1
        counts, mistakes = score(row, claims)
        total += counts
        if errors and mistakes:
            print(f"{row['id']}  {row['text']}", *mistakes, sep="\n    ")
    return {
        "sentences": sentences,
        "claims": total["claims"],
        "number": total["number"] / total["claims"],
        "number_precision": total["number"] / total["found"],
        "unit": total["unit"] / total["number"],
        "outcome": total["outcome"] / total["number"],
        "modifier": total["modifier"] / total["number"],
        "speaker_precision": total["right_speakers"] / total["speakers"],
        "speaker_recall": total["right_speakers"] / total["labelled_speakers"],
        "ms": seconds / sentences * 1000,
    }


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--part", choices=("tune", "held_back", "others", "others_2", "unseen", "all"), default="unseen"
    )
    parser.add_argument("--errors", action="store_true", help="print each mistake; only for a part that is tuned on")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    if options.errors and options.part not in TUNED:
        parser.error(f"--errors shows only the parts that are tuned on: add --part {' or '.join(TUNED)}")
    vocabularies = {language: load_vocabulary(language) for language in FIGURE_LANGUAGES}
    figures = measure(options.part, vocabularies, errors=options.errors)
    for name, value in figures.items():
        print(f"{name:>18}  {value:.3f}" if isinstance(value, float) else f"{name:>18}  {value}")
    if options.json:
        options.json.write_text(json.dumps({"figures": figures}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
