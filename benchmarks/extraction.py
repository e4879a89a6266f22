"""Measure extraction against gold values, field by field, for Wirewatch and other extractors in one run, with CPU time.

    python benchmarks/extraction.py [--pages DIR]... [--peers none|NAME,NAME] [--quick] [--failures N] [--json FILE]

The three gold sets are in the corpus (`WIREWATCH_CORPUS`); `--pages` takes any directory with `gold.jsonl` and `pages/`.
Wirewatch is scored on lead and text together, because golds do not separate the lead. The baseline for CPU time is trafilatura
with its defaults: both take turns page by page after a warm-up, and the fastest of several rounds counts for each page.
`--peers none --quick` is the fastest run. Figures, of Wirewatch as `SET.FIELD`, of a peer as `peer.NAME.SET.FIELD`:

- `text_f1`: the measure of the text that is usual for the set, `shingle_f1` or `token_f1`; `must`, `must_not`: share of the
  required segments in the text, and of the forbidden ones not in it; `segment_f1`: F1 of both;
- `opening_kept`: share of the pages whose first three gold paragraphs are all in the text;
- `byline_f1`, `title`, `published_minute`, `published_day`: F1 of the names; shares of the pages with the right value;
- `cpu_ms.median`, `cpu_ms.p95`: CPU milliseconds per page; `cpu_ratio`: sum over all pages, divided by the baseline's;
- `second_opinion.rate`: share of the pages for which trafilatura was asked; `.changed`: share of those whose text was taken
  from it; `.right`: share of the changed pages that became better.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from benchmarks.support.extraction import peers as extraction_peers  # noqa: E402
from benchmarks.support.extraction import scores  # noqa: E402
from benchmarks.support.extraction.gold import read_gold  # noqa: E402
from benchmarks.support.extraction.peers import Extractor  # noqa: E402
from benchmarks.support.extraction.scores import ExtractorOutput  # noqa: E402
from crawler.models import Article, Block, ExtractionHints, Page  # noqa: E402
from pipelines.content import second_opinion  # noqa: E402
from pipelines.extract import extract  # noqa: E402
from pipelines.html.document import Document  # noqa: E402

CORPUS = Path(os.environ.get("WIREWATCH_CORPUS", ROOT.parent / "shared" / "corpus"))
SETS = ("fundus", "scrapinghub", "trafilatura")
ROUNDS = 3
"""Turns of Wirewatch and the baseline on each page; the fastest counts."""
QUICK_PAGES = 40
"""Pages of each set in a quick run, spread evenly over it."""
BASELINE = "trafilatura"
OURS = "wirewatch"
FIELDS = ("text_f1", "opening_kept", "shingle_f1", "token_f1", "must", "must_not", "segment_f1", "byline_f1", "title",
          "published_minute", "published_day")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A page and its gold values."""

    id: str
    url: str
    body: bytes
    fetched_at: datetime
    gold: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The output of one extractor for one page."""

    answer: ExtractorOutput
    seconds: float
    """CPU time."""


@extraction_peers.quiet()
def main() -> int:
    options = _options()
    folders = [Path(folder) for folder in options.pages] or [CORPUS / "articles" / name for name in SETS]
    sets = {folder.resolve().name: read_set(folder, QUICK_PAGES if options.quick else None) for folder in folders}
    peers, missing = extraction_peers.load(_peer_names(options.peers))
    if missing:
        print(f"not installed, left out: {', '.join(missing)} (pip install -e '.[peers]')\n")
    figures: dict[str, float] = {}
    took: dict[str, list[float]] = {}
    for name, samples in sets.items():
        results = _run(samples, peers, 1 if options.quick else ROUNDS)
        rows = {who: score(samples, found) for who, found in results.items()}
        _report(name, samples, rows, results)
        for who, row in rows.items():
            prefix = name if who == OURS else f"peer.{who}.{name}"
            figures.update({f"{prefix}.{field}": round(value, 4) for field, value in row.items()})
            took.setdefault(who, []).extend(result.seconds for result in found_seconds(results[who]))
        for line in failures(samples, results[OURS])[: options.failures]:
            print(f"  {line}")
    figures |= _opinion_figures([sample for samples in sets.values() for sample in samples])
    figures |= _cpu_figures(took)
    print(_cpu_table(took))
    if options.json:
        Path(options.json).write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pages", action="append", default=[], metavar="DIR", help="a directory of gold.jsonl and pages/"
    )
    parser.add_argument("--peers", default="all", metavar="none|all|NAMES", help=", ".join(extraction_peers.PEERS))
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_PAGES} pages of each set, one round")
    parser.add_argument(
        "--failures", type=int, default=0, metavar="N", help="print up to N errors of Wirewatch per set"
    )
    parser.add_argument("--json", metavar="FILE", help="also write the figures to FILE")
    return parser.parse_args()


def _peer_names(given: str) -> list[str]:
    if given == "none":
        return []
    if given == "all":
        return list(extraction_peers.PEERS)
    names = [name.strip() for name in given.split(",") if name.strip()]
    unknown = [name for name in names if name not in extraction_peers.PEERS]
    if unknown:
        raise SystemExit(f"--peers: no peer {unknown[0]!r}; known: none, all, {', '.join(extraction_peers.PEERS)}")
    return names


def read_set(folder: Path, most: int | None = None) -> list[Sample]:
    """The pages of a gold set; at most `most`, spread evenly."""
    rows = list(read_gold(folder))
    step = max(1, len(rows) // most) if most else 1
    return [
        Sample(id=row["id"], url=row.get("url") or "", body=body, gold=row, fetched_at=_aware(row.get("fetched")))
        for row, body in rows[::step]
    ]


def _aware(fetched: str | None) -> datetime:
    moment = datetime.fromisoformat(fetched) if fetched else datetime.now(timezone.utc)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def ours(sample: Sample) -> ExtractorOutput:
    """Wirewatch's output for a page, without any settings of a source."""
    article = _article(sample)
    published = article.published
    at = published.at if published else None
    if published and published.offset_minutes is not None:
        at = published.at.astimezone(timezone(timedelta(minutes=published.offset_minutes)))
    return ExtractorOutput(
        text=_text_of(article),
        title=article.title,
        authors=tuple(byline.name for byline in article.bylines),
        published=at,
        day_only=bool(published and published.precision == "day"),
    )


def _article(sample: Sample, hints: ExtractionHints | None = None) -> Article:
    page = Page(
        source="gold", url=sample.url, final_url=sample.url, status=200, body=sample.body, fetched_at=sample.fetched_at
    )
    return extract(page, hints or ExtractionHints())


def _text_of(article: Article) -> str:
    return "\n".join(filter(None, (article.lead, article.text)))


def _run(samples: Sequence[Sample], peers: Mapping[str, Extractor], rounds: int) -> dict[str, list[Result]]:
    """Results of Wirewatch and the baseline, which take turns in several rounds, and of the other peers, once each."""
    turns: dict[str, Callable[[Sample], ExtractorOutput]] = {OURS: ours}
    if BASELINE in peers:
        turns[BASELINE] = _on_sample(peers[BASELINE])
    for sample in samples[:3]:
        for read in turns.values():
            read(sample)
    results: dict[str, list[Result]] = {who: [] for who in turns}
    for sample in samples:
        best: dict[str, Result] = {}
        for turn in range(rounds):
            for who in list(turns)[:: 1 if turn % 2 else -1]:
                result = _timed(turns[who], sample)
                best[who] = min(best.get(who, result), result, key=lambda found: found.seconds)
        for who, result in best.items():
            results[who].append(result)
    for who, extractor in peers.items():
        if who not in results:
            read = _on_sample(extractor)
            read(samples[0])
            results[who] = [_timed(read, sample) for sample in samples]
    return results


def _on_sample(extractor: Extractor) -> Callable[[Sample], ExtractorOutput]:
    def read(sample: Sample) -> ExtractorOutput:
        try:
            return extractor(sample.body, sample.url)
        except Exception:
            return ExtractorOutput(authors=())  # a peer that raises has no output

    return read


def _timed(read: Callable[[Sample], ExtractorOutput], sample: Sample) -> Result:
    began = time.process_time()
    answer = read(sample)
    return Result(answer=answer, seconds=time.process_time() - began)


def score(samples: Sequence[Sample], results: Sequence[Result]) -> dict[str, float]:
    """field -> figure, for the fields that both the gold and the extractor have."""
    pairs = [(sample, result.answer) for sample, result in zip(samples, results, strict=True)]
    found: dict[str, float] = {}
    texts = [(sample.gold["text"], answer.text) for sample, answer in pairs if sample.gold.get("text")]
    if texts:
        found["shingle_f1"] = scores.shingle_f1(scores.shingle_counts(gold, text) for gold, text in texts)
        found["opening_kept"] = statistics.mean(scores.opening_is_kept(gold, text) for gold, text in texts)
        found["token_f1"] = statistics.mean(scores.token_f1(gold, text) for gold, text in texts)
        # Sets with texts alone are like the article-extraction-benchmark and use its measure.
        only_texts = not any("title" in sample.gold for sample, _ in pairs)
        found["text_f1"] = found["shingle_f1"] if only_texts else found["token_f1"]
    found |= _segments([(sample.gold, answer.text) for sample, answer in pairs if "must" in sample.gold])
    named = [
        (sample.gold["authors"], answer.authors) for sample, answer in pairs if sample.gold.get("authors") is not None
    ]
    if named and all(authors is not None for _, authors in named):
        found["byline_f1"] = scores.names_f1((gold, authors or ()) for gold, authors in named)
    titled = [(sample, answer) for sample, answer in pairs if sample.gold.get("title")]
    if titled and any(answer.title for _, answer in titled):
        found["title"] = statistics.mean(title_is_right(sample, answer) for sample, answer in titled)
    dated = [(published, answer) for sample, answer in pairs if (published := gold_time(sample)) is not None]
    if dated and all(answer.dated for _, answer in dated):
        exact = [(gold, answer) for gold, answer in dated if isinstance(gold, datetime)]
        if exact:
            found["published_minute"] = statistics.mean(scores.same_minute(gold, answer) for gold, answer in exact)
        found["published_day"] = statistics.mean(scores.same_day(gold, answer) for gold, answer in dated)
    return found


def title_is_right(sample: Sample, answer: ExtractorOutput) -> bool:
    """Whether the title is the gold's, except for the site's name."""
    return scores.same_title(sample.gold["title"], answer.title, site_names(sample))


def site_names(sample: Sample) -> list[str]:
    """Names of the site in a title: labels of the host, and og:site_name."""
    host = (urlsplit(sample.url).hostname or "").removeprefix("www.")
    return [host, *host.split("."), *_site_meta(sample.body)]


def _site_meta(body: bytes) -> list[str]:
    import re

    text = body[:200_000].decode("utf-8", "replace")
    tags = re.findall(r"<meta[^>]{0,300}og:site_name[^>]{0,300}>", text)
    return [name for tag in tags for name in re.findall(r'content\s*=\s*"([^"]*)"', tag)]


def gold_time(sample: Sample) -> datetime | date | None:
    """The gold's instant, or its day if it has no time: a day is written as midnight to the second."""
    written = sample.gold.get("published")
    if not written:
        return None
    if len(written) == 10:
        return date.fromisoformat(written)
    moment = datetime.fromisoformat(written)
    return moment.date() if moment.time() == time_of_day() else moment


def _segments(pairs: Sequence[tuple[Mapping[str, Any], str]]) -> dict[str, float]:
    """Share of the required segments in the text, of the forbidden ones not in it, and their F1."""
    if not pairs:
        return {}
    must = [segment in text for gold, text in pairs for segment in gold["must"]]
    must_not = [segment in text for gold, text in pairs for segment in gold.get("must_not", ())]
    right, wrong, missed = sum(must), sum(must_not), len(must) - sum(must)
    return {
        "must": right / max(1, len(must)),
        "must_not": 1 - wrong / max(1, len(must_not)),
        "segment_f1": 2 * right / max(1, 2 * right + wrong + missed),
    }


def failures(samples: Sequence[Sample], results: Sequence[Result]) -> list[str]:
    """One line for each wrong field of Wirewatch, with the gold."""
    lines = []
    for sample, result in zip(samples, results, strict=True):
        answer, gold, published = result.answer, sample.gold, gold_time(sample)
        if gold.get("text") and (f1 := scores.token_f1(gold["text"], answer.text)) < 0.9:
            lines.append(f"{sample.id} text: F1 {f1:.2f}")
        if gold.get("title") and not title_is_right(sample, answer):
            lines.append(f"{sample.id} title: {answer.title!r}, gold {gold['title']!r}")
        if gold.get("authors") is not None and scores.names_f1([(gold["authors"], answer.authors or ())]) < 1:
            lines.append(f"{sample.id} byline: {list(answer.authors or ())}, gold {gold['authors']}")
        if published is not None and not (
            scores.same_minute(published, answer)
            if isinstance(published, datetime)
            else scores.same_day(published, answer)
        ):
            lines.append(f"{sample.id} published: {answer.published}, gold {published}")
    return lines


def _report(
    name: str,
    samples: Sequence[Sample],
    rows: Mapping[str, Mapping[str, float]],
    results: Mapping[str, Sequence[Result]],
) -> None:
    fields = [field for field in FIELDS if any(field in row for row in rows.values())]
    print(f"{name}: {len(samples)} pages")
    print(f"{'':18}" + "".join(f"{field.replace('published_', ''):>13}" for field in fields) + f"{'ms':>8}{'p95':>8}")
    for who, row in rows.items():
        cells = "".join(f"{row[field]:13.4f}" if field in row else f"{'-':>13}" for field in fields)
        middle, high = _quantiles(found_seconds(results[who]))
        print(f"{who:18}{cells}{middle:8.1f}{high:8.1f}")
    print()


def found_seconds(results: Iterable[Result]) -> list[Result]:
    """Results with a measured time."""
    return [result for result in results if result.seconds > 0]


def _opinion_figures(samples: Sequence[Sample]) -> dict[str, float]:
    """How often trafilatura is asked for a second opinion on the text, its text is taken, and that is right."""
    asked = changed = right = 0
    extractor = second_opinion.trafilatura_blocks

    def counted(document: Document, without: Any = ()) -> Iterator[Block]:
        nonlocal asked
        asked += 1
        return extractor(document, without)

    second_opinion.trafilatura_blocks = counted
    try:
        for sample in samples:
            article = _article(sample)
            if article.field_sources.get("text") == "trafilatura":
                changed += 1
                own = _article(sample, ExtractionHints(extractor="wirewatch"))
                right += _text_quality(sample, article) > _text_quality(sample, own)
    finally:
        second_opinion.trafilatura_blocks = extractor
    return {
        "second_opinion.rate": round(asked / len(samples), 4),
        "second_opinion.changed": round(changed / max(1, asked), 4),
        "second_opinion.right": round(right / max(1, changed), 4),
    }


def _text_quality(sample: Sample, article: Article) -> float:
    """F1 of the words, or the number of right segments minus wrong ones."""
    text = _text_of(article)
    if sample.gold.get("text"):
        return scores.token_f1(sample.gold["text"], text)
    wrong = sum(segment in text for segment in sample.gold.get("must_not", ()))
    return sum(segment in text for segment in sample.gold.get("must", ())) - wrong


def _quantiles(results: Sequence[Result]) -> tuple[float, float]:
    return _median_p95([result.seconds for result in results])


def _median_p95(seconds: Sequence[float]) -> tuple[float, float]:
    """Milliseconds."""
    ordered = sorted(seconds) or [0.0]
    return 1000 * statistics.median(ordered), 1000 * ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def _cpu_figures(took: Mapping[str, Sequence[float]]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for who, seconds in took.items():
        prefix = "cpu_ms" if who == OURS else f"peer.{who}.cpu_ms"
        middle, high = _median_p95(seconds)
        figures |= {f"{prefix}.median": round(middle, 2), f"{prefix}.p95": round(high, 2)}
    if BASELINE in took:
        figures["cpu_ratio"] = round(sum(took[OURS]) / sum(took[BASELINE]), 4)
        figures["cpu_ratio.median"] = round(statistics.median(took[OURS]) / statistics.median(took[BASELINE]), 4)
    return figures


def _cpu_table(took: Mapping[str, Sequence[float]]) -> str:
    lines = [f"{'CPU ms per page':18}{'median':>9}{'p95':>9}{'mean':>9}{'ratio':>9}"]
    base = took.get(BASELINE)
    for who, seconds in took.items():
        middle, high = _median_p95(seconds)
        ratio = f"{sum(seconds) / sum(base):9.2f}" if base else f"{'-':>9}"
        lines.append(f"{who:18}{middle:9.1f}{high:9.1f}{1000 * statistics.mean(seconds):9.1f}{ratio}")
    return "\n".join(lines) + ("\nratio: of the sums over all pages, to trafilatura's default" if base else "")


if __name__ == "__main__":
    raise SystemExit(main())
