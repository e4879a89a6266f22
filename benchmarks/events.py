"""How well stories are grouped to events, and what it costs.

    python benchmarks/events.py [--quick] [--events FILE] [--folds N] [--wrong N] [--sizes N,N] [--json FILE]

Quality, on the news texts of ECB+ (topics with two look-alike events each), stored one after another as a crawl stores
them, all at one time, from headline and text alone. The archive holds 3,000 agency reports of another month before, from
which it knows which words are rare. `recall` and `precision` count pairs of texts in one event, `b3_f1` is the B-cubed F1,
all at the limit that the product uses. `recall_at_p95` is the highest pair recall at a precision of at least 0.95 over
limits around it. Means over several orders of the texts. `no_titles.*`: without the headlines, which half of the texts
have; `empty.*`: in an empty archive; both at the limit of the product. `folds.*`: the limit chosen on some topics and
measured on others, mean and standard deviation over the parts.

Across languages, on invented reports of 48 events in 2 to 5 languages, in groups of three look-alikes
(`benchmarks/data/events_across.jsonl`): `across.recall` and `across.precision` count pairs of texts in different languages,
in `across.even.*` and `across.odd.*` for the groups by number.

Cost: CPU for each article, features and assignment with their commit, at each size of the archive: `cpu_ms_per_article`
at the largest, `growth` the same against the smallest. `cpu_ms.least.SIZE` is that of the group of articles that other
processes on the machine disturbed least.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import combinations, pairwise
from pathlib import Path
from statistics import fmean, pstdev
from unittest import mock

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]

from benchmarks.support.stories.archive import SampleArticle  # noqa: E402
from benchmarks.support.stories.events_archive import EventArchive, background  # noqa: E402
from benchmarks.support.stories.gold import Report, read_reports  # noqa: E402
from benchmarks.support.stories.synthetic import pool_of  # noqa: E402
from crawler.events import decision  # noqa: E402
from crawler.text.dictionaries import build_dictionaries  # noqa: E402

ACROSS = ROOT / "benchmarks" / "data" / "events_across.jsonl"
CORPUS = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
ORDERS = 3
LIMITS = tuple(round(decision.JOIN + 0.005 * step, 3) for step in range(-2, 3))
BACKGROUND = 3_000
"""Agency reports in the archive before the texts, from which it knows which words are rare: those of a few days."""
SIZES = (10_000, 100_000)
QUICK_SIZES = (1_000, 10_000)
WINDOW = 1_000
"""Articles over which the cost is measured once the archive has a size."""
AT = datetime(2026, 3, 1, tzinfo=timezone.utc)
Figures = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventText:
    """A text of the corpus."""

    id: str
    event: str
    title: str
    text: str
    language: str = "en"


def read_texts(path: Path) -> list[EventText]:
    """Without addresses and dates, which half of the texts have."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [EventText(id=row["id"], event=row["event"], title=row["title"], text=row["text"]) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Quality of a grouping."""

    precision: float
    recall: float
    b3_f1: float


def score(groups: Sequence[object], gold: Sequence[str]) -> Scores:
    """Pairs and B-cubed."""
    both = Counter(zip(groups, gold, strict=True))
    ours, theirs = Counter(groups), Counter(gold)
    right, found, expected = _pairs(both.values()), _pairs(ours.values()), _pairs(theirs.values())
    count = len(gold)
    precision = sum(n * n / ours[group] for (group, _), n in both.items()) / count
    recall = sum(n * n / theirs[event] for (_, event), n in both.items()) / count
    return Scores(
        precision=right / found if found else 1.0,
        recall=right / expected,
        b3_f1=2 * precision * recall / (precision + recall),
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the texts are stored after and how."""

    before: Path
    """Folder of the archive that they are added to."""
    orders: int
    limits: Sequence[float]
    with_titles: bool = True


@contextmanager
def archive_after(before: Path) -> Iterator[EventArchive]:
    """A copy of an archive, to which texts are added."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(before, folder, dirs_exist_ok=True)
        with EventArchive(Path(folder)) as archive:
            yield archive


def grouped(texts: Sequence[EventText], limit: float, setting: Setting) -> list[str]:
    """The event of each text; a text that stands alone is a group of its own."""
    with archive_after(setting.before) as archive, mock.patch.object(decision, "JOIN", limit):
        ids = archive.store_articles(
            SampleArticle(text=one.text, title=one.title if setting.with_titles else "", at=AT, language=one.language)
            for one in texts
        )
        groups = archive.groups()
    return [groups[article_id] for article_id in ids]


def _mean_scores(texts: Sequence[EventText], limit: float, setting: Setting) -> Scores:
    scores = []
    for seed in range(setting.orders):
        order = random.Random(seed).sample(texts, len(texts))
        scores.append(score(grouped(order, limit, setting), [one.event for one in order]))
    return Scores(
        precision=fmean(one.precision for one in scores),
        recall=fmean(one.recall for one in scores),
        b3_f1=fmean(one.b3_f1 for one in scores),
    )


def quality(texts: Sequence[EventText], setting: Setting) -> Figures:
    """The figures at the limit of the product, and the best recall at a precision of 0.95."""
    found: dict[float, Scores] = {}
    for limit in sorted({*setting.limits, decision.JOIN}):
        found[limit] = _mean_scores(texts, limit, setting)
        print(
            f"  limit {limit:.3f}: precision {found[limit].precision:.3f}, recall {found[limit].recall:.3f},"
            f" B3 F1 {found[limit].b3_f1:.3f}{' (the product)' if limit == decision.JOIN else ''}",
            file=sys.stderr,
            flush=True,
        )
    ours = found[decision.JOIN]
    return {
        "precision": ours.precision,
        "recall": ours.recall,
        "b3_f1": ours.b3_f1,
        "recall_at_p95": max((one.recall for one in found.values() if one.precision >= 0.95), default=0.0),
    }


def cross_validation(texts: Sequence[EventText], setting: Setting, folds: int) -> Figures:
    """Choose the limit on all topics but those of a fold, and measure it on these, for each fold; means and the spread."""
    topics = sorted({_topic(one) for one in texts})
    parts = [[one for one in texts if topics.index(_topic(one)) % folds == fold] for fold in range(folds)]
    found = [{limit: _mean_scores(part, limit, setting) for limit in setting.limits} for part in parts]
    measured = []
    for fold, own in enumerate(found):
        others = [scores for number, scores in enumerate(found) if number != fold]
        precise = [limit for limit in own if fmean(one[limit].precision for one in others) >= 0.95] or [max(own)]
        limit = max(precise, key=lambda limit: fmean(one[limit].recall for one in others))
        measured.append(own[limit])
        print(
            f"  fold {fold + 1}, {len(parts[fold])} texts: limit {limit:.3f} chosen on the others, precision"
            f" {own[limit].precision:.3f}, recall {own[limit].recall:.3f}, B3 F1 {own[limit].b3_f1:.3f}",
            file=sys.stderr,
            flush=True,
        )
    names = ("precision", "recall", "b3_f1")
    values = {name: [getattr(one, name) for one in measured] for name in names}
    return {f"folds.{name}": fmean(values[name]) for name in names} | {
        f"folds.{name}_spread": pstdev(values[name]) for name in names
    }


def _topic(text: EventText) -> int:
    return int(text.event.split("_")[0])


def read_across() -> dict[str, list[EventText]]:
    """The reports in several languages of the events in even and in odd groups."""
    found: dict[str, list[EventText]] = {"even": [], "odd": []}
    for number, line in enumerate(ACROSS.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        is_odd = int(row["group"].removeprefix("G")) % 2
        found["odd" if is_odd else "even"].append(
            EventText(
                id=f"{row['event']}-{row['language']}-{number}", event=row["event"], title=row["title"],
                text=row["text"], language=row["language"],
            )
        )  # fmt: skip
    return found


def across_quality(before: Path, orders: int) -> Figures:
    """Precision and recall of pairs of texts in different languages, at the limits of the product."""
    figures: Figures = {}
    total: Counter[str] = Counter()
    for name, texts in read_across().items():
        counts: Counter[str] = Counter()
        for seed in range(orders):
            order = random.Random(seed).sample(texts, len(texts))
            groups = grouped(order, decision.JOIN, Setting(before=before, orders=1, limits=()))
            for (one, its), (other, their) in combinations(zip(order, groups, strict=True), 2):
                if one.language != other.language:
                    counts["expected"] += one.event == other.event
                    counts["found"] += its == their
                    counts["right"] += one.event == other.event and its == their
        total += counts
        figures |= _pair_figures(f"across.{name}", counts)
    return figures | _pair_figures("across", total)


def _pair_figures(name: str, counts: Counter[str]) -> Figures:
    return {
        f"{name}.precision": counts["right"] / counts["found"] if counts["found"] else 1.0,
        f"{name}.recall": counts["right"] / counts["expected"],
    }


def wrong_joins(texts: Sequence[EventText], before: Path, most: int) -> Iterable[str]:
    """Pairs of one group whose texts tell of different events, with the reason."""
    with archive_after(before) as archive:
        ids = archive.store_articles(
            SampleArticle(text=one.text, title=one.title, at=AT, language=one.language) for one in texts
        )
        by_id = dict(zip(ids, texts, strict=True))
        joins = [join for join in archive.joins() if join[0] in by_id and join[1] in by_id]  # without the background
        wrong = [join for join in joins if by_id[join[0]].event != by_id[join[1]].event]
    yield f"{len(wrong)} of {len(texts)} texts joined a group through a text of another event"
    for article_id, resembles, value, why in wrong[:most]:
        one, other = by_id[article_id], by_id[resembles]
        yield f"{value:.2f}  {one.id} / {other.id}: {why}"
        yield f"      {_beginning(one)}\n      {_beginning(other)}"


def _beginning(text: EventText) -> str:
    return f"{text.title} | {text.text}".replace("\n", " ")[:160]


def cost(pool: Sequence[str], sizes: Sequence[int]) -> Figures:
    """CPU for each article at each size, on background news of many days in which some articles report one event."""
    measured: Figures = {}
    with tempfile.TemporaryDirectory() as folder, EventArchive(Path(folder)) as archive:
        filled = 0
        for size in sizes:
            began = time.perf_counter()
            archive.index(background(filled, size, pool))
            spent = archive.index(background(size, size + WINDOW, pool))
            filled = size + WINDOW
            measured[f"cpu_ms.features.{size}"] = 1000 * spent.features
            measured[f"cpu_ms.assign.{size}"] = 1000 * spent.assign
            measured[f"cpu_ms.{size}"] = 1000 * (spent.features + spent.assign)
            measured[f"cpu_ms.least.{size}"] = 1000 * spent.least
            measured[f"index_bytes.{size}"] = archive.index_size() / filled
            print(
                f"  {size:,} articles after {time.perf_counter() - began:.0f} s: features"
                f" {1000 * spent.features:.2f} ms, assign {1000 * spent.assign:.2f} ms,"
                f" {measured[f'index_bytes.{size}']:.0f} bytes an article",
                file=sys.stderr,
            )
    measured["cpu_ms_per_article"] = measured[f"cpu_ms.{sizes[-1]}"]
    measured["growth"] = measured[f"cpu_ms.{sizes[-1]}"] / measured[f"cpu_ms.{sizes[0]}"]
    return measured


def _fill(folder: Path, reports: Sequence[Report]) -> None:
    """Make an archive of news of another month."""
    with EventArchive(folder) as archive:
        if reports:
            archive.index(
                SampleArticle(text=one.body, title=one.title.capitalize(), at=AT - timedelta(days=30))
                for one in reports[:BACKGROUND]
            )


def _measured_quality(texts: Sequence[EventText], reports: Sequence[Report], options: argparse.Namespace) -> Figures:
    """With news before the texts, without headlines, and in an empty archive; prints the wrong joins."""
    limits = (decision.JOIN - 0.02, decision.JOIN + 0.02) if options.quick else LIMITS
    orders = options.orders or (1 if options.quick else ORDERS)
    with tempfile.TemporaryDirectory() as known, tempfile.TemporaryDirectory() as empty:
        _fill(Path(known), reports)
        _fill(Path(empty), ())
        figures = quality(texts, Setting(before=Path(known), orders=orders, limits=limits))
        for name, setting in {
            "no_titles": Setting(before=Path(known), orders=1, limits=(), with_titles=False),
            "empty": Setting(before=Path(empty), orders=1, limits=()),
        }.items():
            figures |= {f"{name}.{key}": value for key, value in quality(texts, setting).items()}
        if options.folds:
            setting = Setting(before=Path(known), orders=1, limits=limits)
            figures |= cross_validation(texts, setting, options.folds)
        print("\n".join(wrong_joins(texts, Path(known), options.wrong)))
    return figures


def _sizes(given: str) -> tuple[int, ...]:
    sizes = tuple(map(int, given.split(",")))
    if any(after <= before + WINDOW for before, after in pairwise(sizes)):
        raise argparse.ArgumentTypeError(f"each size must exceed the one before by more than {WINDOW}")
    return sizes


def main() -> int:
    """Without the corpus, grouping across languages and the cost are measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one order, three limits, small sizes")
    parser.add_argument("--events", type=Path, default=CORPUS / "events" / "ecb.jsonl.gz", help="file of texts")
    parser.add_argument("--topics", help='only these topics, as a remainder: "4:0" for topics divisible by 4')
    parser.add_argument("--orders", type=int, help=f"orders of the texts (default: {ORDERS})")
    parser.add_argument("--folds", type=int, help="also cross-validate the limit over this many parts of the topics")
    parser.add_argument("--wrong", type=int, default=20, help="wrong joins that are listed")
    parser.add_argument("--sizes", type=_sizes, help="comma-separated, the smallest first")
    parser.add_argument("--no-cost", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    reuters = CORPUS / "near_duplicates" / "reuters.jsonl.gz"
    reports = read_reports(reuters) if reuters.exists() else []
    figures: Figures = {}
    if options.events.exists():
        texts = read_texts(options.events)
        if options.topics:
            divisor, rest = map(int, options.topics.split(":"))
            texts = [one for one in texts if _topic(one) % divisor == rest]
        build_dictionaries(["en"])
        figures |= _measured_quality(texts, reports, options)
    else:
        print(
            f"{options.events}: no such file (set WIREWATCH_CORPUS); grouping in English is not measured",
            file=sys.stderr,
        )
    build_dictionaries({one.language for texts in read_across().values() for one in texts})
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), reports)
        figures |= across_quality(Path(folder), options.orders or (1 if options.quick else ORDERS))
    if not options.no_cost:
        sizes = options.sizes or (QUICK_SIZES if options.quick else SIZES)
        figures |= cost(pool_of([one.body for one in reports]), sizes)
    for name, value in figures.items():
        print(f"{name:<28}{value:10.3f}")
    if options.json:
        options.json.write_text(json.dumps({"figures": figures}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
