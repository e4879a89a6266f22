"""Measure how well articles are assigned to stories, and at what cost: recall, wrong merges, CPU time, index size.

    python benchmarks/stories.py [--quick] [--sizes N,N,N] [--pages] [--corpus DIR] [--json FILE]

The gold is every pair of the corpus's 12,530 agency reports whose five-word shingles have a Jaccard similarity of at least 0.5,
found by brute force. 111 of these pairs are other news in the same words (another company's dividend, another day's operation
of the central bank); they were found by reading and are listed in `support/stories/other_news.tsv`. Baselines: plain MinHash
LSH (`baseline.minhash_lsh.…`) and equal texts (`baseline.equal_text.…`). Figures:

- `recall_08`, `recall_05`: share of the pairs with a similarity of at least 0.8, and of 0.5 to 0.8, that are in one story;
  `recall_08_same_news`, `recall_05_same_news`: the same without the 111 pairs; `pairs_08`, `pairs_05`, `pairs_other_news`: how
  many;
- `known_08`, `known_05`: share of the pairs that are in one story or are shown as near misses of each other;
- `index_recall_08`, `index_recall_05`: share of the pairs that the index finds, before texts are compared;
- `false_merges_per_1000`: of 1,000 pairs in one story (`merged_pairs`), those with a similarity below 0.3;
  `other_news_per_1000`: those in the list of 111 pairs;
- `cpu_ms_per_article`: CPU milliseconds to sketch and assign an article at the largest size (`cpu_ms.sketch.SIZE`,
  `cpu_ms.place.SIZE`; `place_mean` is the mean, the others are medians); `growth`: this divided by the value at the smallest
  size;
- `index_bytes_per_article`, `index_bytes.SIZE`, `story_bytes.SIZE`: bytes per article of the index and of the story tables;
- `edited.…`, with --pages: share of edited copies of real pages that are assigned to the story of the original.
"""

from __future__ import annotations

import argparse
import csv
import functools
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.stories.archive import Archive, SampleArticle  # noqa: E402
from benchmarks.support.stories.baselines import by_hash, by_minhash, pairs_of  # noqa: E402
from benchmarks.support.stories.gold import Pair, Report, jaccard, read_reports, resemblances  # noqa: E402
from benchmarks.support.stories.synthetic import MEASURED, filling, pool_of, recombined  # noqa: E402
from crawler.archive.stories.lsh_index import FLOOR  # noqa: E402
from crawler.stories.minhash import MinHashSketch, resemblance, unpack_sketch  # noqa: E402
from pipelines.minhash import make_sketch  # noqa: E402

CORPUS = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
OTHER_NEWS = Path(__file__).parent / "support" / "stories" / "other_news.tsv"
SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 5_000, 20_000)
QUICK_REPORTS = 4_000
WINDOW = 2_000
"""Articles for which the cost is measured when the archive has reached a size."""
FALSE = 0.3
"""Similarity below which two articles of one story are a wrong merge."""
Figures = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """The pairs of similar reports."""

    high: frozenset[Pair]
    """Similarity of at least 0.8."""
    middle: frozenset[Pair]
    """0.5 to 0.8."""
    other_news: frozenset[Pair]
    """Pairs of both sets that are other news in the same words."""


def gold_pairs(reports: Sequence[Report]) -> Gold:
    """The pairs found by brute force, and the list of those that are other news."""
    found = resemblances([report.body for report in reports], at_least=0.5)
    places = {report.id: place for place, report in enumerate(reports)}
    with OTHER_NEWS.open(encoding="utf-8", newline="") as file:
        rows = [(row["older"], row["newer"]) for row in csv.DictReader(file, delimiter="\t")]
    return Gold(
        high=frozenset(pair for pair, value in found.items() if value >= 0.8),
        middle=frozenset(pair for pair, value in found.items() if value < 0.8),
        other_news=frozenset((places[one], places[other]) for one, other in rows if one in places and other in places),
    )


def quality(reports: Sequence[Report]) -> Figures:
    """Recall and wrong merges of Wirewatch and the baselines."""
    gold = gold_pairs(reports)
    measured: Figures = {
        "pairs_08": len(gold.high - gold.other_news),
        "pairs_05": len(gold.middle - gold.other_news),
        "pairs_other_news": len(gold.other_news),
    }
    with tempfile.TemporaryDirectory() as folder, Archive(Path(folder)) as archive:
        ids = archive.store_articles(
            SampleArticle(text=report.body, title=report.title, at=report.at) for report in reports
        )
        stories = archive.stories()
        shown = _shown_near_misses(archive, ids, gold)
    texts = [report.body for report in reports]
    groups = [stories[article] for article in ids]
    measured |= _scores("", groups, gold, texts)
    known = set(pairs_of(groups)) | shown
    measured |= {"known_08": _share(gold.high, known), "known_05": _share(gold.middle, known)}
    measured |= _index_recall(reports, gold)
    measured |= _scores("baseline.minhash_lsh.", by_minhash(texts), gold, texts)
    measured |= _scores("baseline.equal_text.", by_hash(texts), gold, texts)
    return measured


def _shown_near_misses(archive: Archive, ids: Sequence[int], gold: Gold) -> set[Pair]:
    """The pairs of which one is shown as a near miss of the other's story."""
    from crawler.archive.stories.near_misses import near_misses

    shown = functools.cache(
        lambda story_id: {near.story_article.article_id for near in near_misses(archive.store.db, story_id)}
    )
    stories = archive.stories()

    def is_shown(pair: Pair) -> bool:
        one, other = ids[pair[0]], ids[pair[1]]
        return other in shown(stories[one]) or one in shown(stories[other])

    return set(filter(is_shown, gold.high | gold.middle))


def _scores(prefix: str, groups: Sequence[int], gold: Gold, texts: Sequence[str]) -> Figures:
    merged = set(pairs_of(groups))
    wrong = sum(jaccard(texts[one], texts[other]) < FALSE for one, other in merged)
    values = {
        "recall_08_same_news": _share(gold.high - gold.other_news, merged),
        "recall_05_same_news": _share(gold.middle - gold.other_news, merged),
        "recall_08": _share(gold.high, merged),
        "recall_05": _share(gold.middle, merged),
        "merged_pairs": float(len(merged)),
        "false_merges_per_1000": 1000 * wrong / max(len(merged), 1),
        "other_news_per_1000": 1000 * len(merged & gold.other_news) / max(len(merged), 1),
    }
    return {prefix + name: value for name, value in values.items()}


def _share(relevant: frozenset[Pair], found: set[Pair]) -> float:
    return len(relevant & found) / max(len(relevant), 1)


def _index_recall(reports: Sequence[Report], gold: Gold) -> Figures:
    sketches = [
        unpack_sketch(make_sketch(SampleArticle(text=report.body, title=report.title, at=report.at).article) or b"\0\0")
        for report in reports
    ]

    def is_found(pair: Pair) -> bool:
        one, other = sketches[pair[0]], sketches[pair[1]]
        return one is not None and other is not None and _index_finds(one, other)

    return {
        "index_recall_08": sum(map(is_found, gold.high)) / max(len(gold.high), 1),
        "index_recall_05": sum(map(is_found, gold.middle)) / max(len(gold.middle), 1),
    }


def _index_finds(one: MinHashSketch, other: MinHashSketch) -> bool:
    if not set(one.keys) & set(other.keys):
        return False
    return resemblance(one.marks, other.marks) >= FLOOR if one.marks and other.marks else True


def cost(pool: Sequence[str], sizes: Sequence[int]) -> Figures:
    """CPU milliseconds and bytes of the index per article, at each size."""
    measured: Figures = {}
    with tempfile.TemporaryDirectory() as folder, Archive(Path(folder)) as archive:
        filled = 0
        for size in sizes:
            began = time.perf_counter()
            archive.fill(filling(filled, size, pool))
            filled = size + WINDOW
            spent = archive.measure(recombined(number, pool, MEASURED) for number in range(size, filled))
            measured[f"cpu_ms.sketch.{size}"] = 1000 * spent.sketch
            measured[f"cpu_ms.place.{size}"] = 1000 * spent.place
            measured[f"cpu_ms.place_mean.{size}"] = 1000 * spent.place_mean
            measured[f"cpu_ms.{size}"] = 1000 * (spent.sketch + spent.place)
            measured[f"index_bytes.{size}"] = archive.size_of("story_keys", "story_sketches") / filled
            measured[f"story_bytes.{size}"] = archive.size_of("stories", "story_articles") / filled
            print(f"  {size:,} articles after {time.perf_counter() - began:.0f} s", file=sys.stderr)
    smallest, largest = sizes[0], sizes[-1]
    measured["cpu_ms_per_article"] = measured[f"cpu_ms.{largest}"]
    measured["growth"] = measured[f"cpu_ms.{largest}"] / measured[f"cpu_ms.{smallest}"]
    measured["index_bytes_per_article"] = measured[f"index_bytes.{largest}"]
    return measured


def table(measured: Figures) -> Iterable[str]:
    """The figures as lines of text."""
    if "recall_08_same_news" in measured:
        yield (
            f"{measured['pairs_08']:.0f} pairs of at least 0.8 and {measured['pairs_05']:.0f} of 0.5 to 0.8 are the same news,"
            f" {measured['pairs_other_news']:.0f} are other news in the same words"
        )
        yield f"{'':22}{'all pairs':>18}{'the same news':>18}"
        yield f"{'recall':22}{'>= 0.8':>9}{'0.5-0.8':>9}{'>= 0.8':>9}{'0.5-0.8':>9}{'false/1000':>12}{'other news/1000':>17}"
        for name, prefix in (
            ("ours", ""),
            ("plain MinHash LSH", "baseline.minhash_lsh."),
            ("equal text", "baseline.equal_text."),
        ):
            row = [
                measured[prefix + key]
                for key in (
                    "recall_08",
                    "recall_05",
                    "recall_08_same_news",
                    "recall_05_same_news",
                    "false_merges_per_1000",
                    "other_news_per_1000",
                )
            ]
            yield f"{name:22}" + "".join(f"{share:9.3f}" for share in row[:4]) + f"{row[4]:12.1f}{row[5]:17.1f}"
        yield f"{'joined or near miss':22}{measured['known_08']:9.3f}{measured['known_05']:9.3f}"
        yield f"{'found by the index':22}{measured['index_recall_08']:9.3f}{measured['index_recall_05']:9.3f}"
        yield ""
    sizes = [int(name.rpartition(".")[2]) for name in measured if name.startswith("index_bytes.")]
    yield f"{'articles':>12}{'sketch ms':>12}{'place ms':>12}{'index bytes':>13}{'story bytes':>13}"
    for size in sizes:
        row = [measured[f"{key}.{size}"] for key in ("cpu_ms.sketch", "cpu_ms.place", "index_bytes", "story_bytes")]
        yield f"{size:12,}{row[0]:12.3f}{row[1]:12.3f}{row[2]:13.0f}{row[3]:13.0f}"
    yield f"growth {measured['growth']:.2f}"
    edits = {name: value for name, value in measured.items() if name.startswith("edited.")}
    if edits:
        yield ""
        yield from (f"{name.removeprefix('edited.'):32}{value:8.3f}" for name, value in edits.items())


def main() -> int:
    """Run the benchmark and print its results. Without the corpus, only the cost is measured, on generated text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_REPORTS:,} reports and small sizes")
    parser.add_argument("--sizes", metavar="N,N,N", help="sizes of the archive, in articles")
    parser.add_argument("--pages", action="store_true", help="also measure edited copies of real pages (two minutes)")
    parser.add_argument("--corpus", type=Path, default=CORPUS, metavar="DIR", help="folder of the corpus")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    options = parser.parse_args()
    measured: Figures = {}
    file = options.corpus / "near_duplicates" / "reuters.jsonl.gz"
    reports = read_reports(file) if file.exists() else []
    if reports:
        measured |= quality(reports[:QUICK_REPORTS] if options.quick else reports)
    else:
        print(
            f"no corpus at {options.corpus} (set WIREWATCH_CORPUS): only the cost is measured, on generated text",
            file=sys.stderr,
        )
    sizes = (
        [int(size) for size in options.sizes.split(",")] if options.sizes else QUICK_SIZES if options.quick else SIZES
    )
    measured |= cost(pool_of([report.body for report in reports]), sizes)
    if options.pages:
        from benchmarks.support.stories.edited import edited_copies

        measured |= edited_copies(options.corpus, quick=options.quick)
    print("\n".join(table(measured)))
    if options.json:
        options.json.write_text(json.dumps({"figures": measured}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
