"""How well articles are laid to stories, and what it costs: recall, wrong merges, CPU and index size by archive size.

    python benchmarks/stories.py [--quick] [--sizes N,N,N] [--pages] [--corpus DIR] [--json FILE]

Truth: every pair of the corpus's 12,530 agency reports whose five-word shingles have a Jaccard of at least 0.5, by brute
force. `recall_08` and `recall_05` count every such pair, plainly. Some of these pairs are other news in the
same words (another company's dividend, another day's operation of the central bank); 111 of them were sorted out by
reading and stand in `stories_other_news.tsv`. `recall_08_same_news` and `recall_05_same_news` leave
these out. `known_*`: of all pairs, those in one story or of which the one's story shows the other, with what keeps it
apart. `index_recall_*`: how many of all pairs the index finds before their texts are compared.
`false_merges_per_1000`: pairs of one story with a Jaccard
below 0.3; `other_news_per_1000`: pairs of one story that are in the list. `cpu_ms_per_article` is sketch and placing at
the largest size, `growth` the same beside the smallest. `--pages` adds edited copies of real pages.
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
    sys.path.insert(0, str(ROOT))  # run as a file: the checkout is what is imported

from benchmarks.support.stories_archive import Archive, Told  # noqa: E402
from benchmarks.support.stories_baselines import by_hash, by_minhash, pairs_of  # noqa: E402
from benchmarks.support.stories_gold import Pair, Report, jaccard, read_reports, resemblances  # noqa: E402
from benchmarks.support.stories_synthetic import MEASURED, filling, pool_of, recombined  # noqa: E402
from crawler.archive.stories.lsh_index import FLOOR  # noqa: E402
from crawler.stories.minhash import MinHashSketch, resemblance, unpack_sketch  # noqa: E402
from pipelines.minhash import make_sketch  # noqa: E402

CORPUS = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
OTHER_NEWS = Path(__file__).parent / "support" / "stories_other_news.tsv"
SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 5_000, 20_000)
QUICK_REPORTS = 4_000
WINDOW = 2_000
"""Articles over which the cost is measured once the archive has a size."""
FALSE = 0.3
Figures = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is known of the reports' pairs."""

    high: frozenset[Pair]
    """Jaccard of at least 0.8."""
    middle: frozenset[Pair]
    """0.5 to 0.8."""
    other_news: frozenset[Pair]
    """Of both, other news in the same words."""


def truth_of(reports: Sequence[Report]) -> Truth:
    """By brute force, and by reading."""
    found = resemblances([report.body for report in reports], at_least=0.5)
    places = {report.id: place for place, report in enumerate(reports)}
    with OTHER_NEWS.open(encoding="utf-8", newline="") as file:
        rows = [(row["older"], row["newer"]) for row in csv.DictReader(file, delimiter="\t")]
    return Truth(
        high=frozenset(pair for pair, value in found.items() if value >= 0.8),
        middle=frozenset(pair for pair, value in found.items() if value < 0.8),
        other_news=frozenset((places[one], places[other]) for one, other in rows if one in places and other in places),
    )


def quality(reports: Sequence[Report]) -> Figures:
    """Recall and wrong merges, ours beside the baselines."""
    truth = truth_of(reports)
    measured: Figures = {
        "pairs_08": len(truth.high - truth.other_news),
        "pairs_05": len(truth.middle - truth.other_news),
        "pairs_other_news": len(truth.other_news),
    }
    with tempfile.TemporaryDirectory() as folder, Archive(Path(folder)) as archive:
        ids = archive.file(Told(text=report.body, title=report.title, at=report.at) for report in reports)
        stories = archive.stories()
        shown = _shown_near_misses(archive, ids, truth)
    texts = [report.body for report in reports]
    groups = [stories[article] for article in ids]
    measured |= _scores("", groups, truth, texts)
    known = set(pairs_of(groups)) | shown
    measured |= {"known_08": _share(truth.high, known), "known_05": _share(truth.middle, known)}
    measured |= _index_recall(reports, truth)
    measured |= _scores("baseline.minhash_lsh.", by_minhash(texts), truth, texts)
    measured |= _scores("baseline.equal_text.", by_hash(texts), truth, texts)
    return measured


def _shown_near_misses(archive: Archive, ids: Sequence[int], truth: Truth) -> set[Pair]:
    """The pairs of which the story of one shows the other, with what keeps it apart."""
    from crawler.archive.stories.near_misses import near_misses

    shown = functools.cache(
        lambda story_id: {near.story_article.article_id for near in near_misses(archive.store.db, story_id)}
    )
    stories = archive.stories()

    def is_shown(pair: Pair) -> bool:
        one, other = ids[pair[0]], ids[pair[1]]
        return other in shown(stories[one]) or one in shown(stories[other])

    return set(filter(is_shown, truth.high | truth.middle))


def _scores(prefix: str, groups: Sequence[int], truth: Truth, texts: Sequence[str]) -> Figures:
    merged = set(pairs_of(groups))
    wrong = sum(jaccard(texts[one], texts[other]) < FALSE for one, other in merged)
    values = {
        "recall_08_same_news": _share(truth.high - truth.other_news, merged),
        "recall_05_same_news": _share(truth.middle - truth.other_news, merged),
        "recall_08": _share(truth.high, merged),
        "recall_05": _share(truth.middle, merged),
        "merged_pairs": float(len(merged)),
        "false_merges_per_1000": 1000 * wrong / max(len(merged), 1),
        "other_news_per_1000": 1000 * len(merged & truth.other_news) / max(len(merged), 1),
    }
    return {prefix + name: value for name, value in values.items()}


def _share(relevant: frozenset[Pair], found: set[Pair]) -> float:
    return len(relevant & found) / max(len(relevant), 1)


def _index_recall(reports: Sequence[Report], truth: Truth) -> Figures:
    sketches = [
        unpack_sketch(make_sketch(Told(text=report.body, title=report.title, at=report.at).article) or b"\0\0")
        for report in reports
    ]

    def is_found(pair: Pair) -> bool:
        one, other = sketches[pair[0]], sketches[pair[1]]
        return one is not None and other is not None and _meet(one, other)

    return {
        "index_recall_08": sum(map(is_found, truth.high)) / max(len(truth.high), 1),
        "index_recall_05": sum(map(is_found, truth.middle)) / max(len(truth.middle), 1),
    }


def _meet(one: MinHashSketch, other: MinHashSketch) -> bool:
    if not set(one.keys) & set(other.keys):
        return False
    return resemblance(one.marks, other.marks) >= FLOOR if one.marks and other.marks else True


def cost(pool: Sequence[str], sizes: Sequence[int]) -> Figures:
    """CPU for each article and bytes of the index, at each size."""
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
    """For people."""
    if "recall_08_same_news" in measured:
        yield (
            f"{measured['pairs_08']:.0f} pairs from 0.8 on and {measured['pairs_05']:.0f} from 0.5 on are the same news,"
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
        yield f"{'joined or shown apart':22}{measured['known_08']:9.3f}{measured['known_05']:9.3f}"
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
    """Without the corpus only the cost is measured, on generated sentences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_REPORTS:,} reports and small sizes")
    parser.add_argument("--sizes", help="comma-separated")
    parser.add_argument("--pages", action="store_true", help="edited copies of the corpus's pages too (two minutes)")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    measured: Figures = {}
    file = options.corpus / "near_duplicates" / "reuters.jsonl.gz"
    reports = read_reports(file) if file.exists() else []
    if reports:
        measured |= quality(reports[:QUICK_REPORTS] if options.quick else reports)
    else:
        print(
            f"no corpus at {options.corpus} (set WIREWATCH_CORPUS): the cost alone, on generated text", file=sys.stderr
        )
    sizes = (
        [int(size) for size in options.sizes.split(",")] if options.sizes else QUICK_SIZES if options.quick else SIZES
    )
    measured |= cost(pool_of([report.body for report in reports]), sizes)
    if options.pages:
        from benchmarks.support.stories_edited import edited_copies

        measured |= edited_copies(options.corpus, quick=options.quick)
    print("\n".join(table(measured)))
    if options.json:
        options.json.write_text(json.dumps({"figures": measured}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
