"""Compare the output of an extractor with the gold: one measure for each field, the same for all extractors.

Text has two measures. `shingle_counts` is the article-extraction-benchmark's own measure (multisets of four-word shingles, each
page normalised to weigh the same; F1 of the mean precision and the mean recall). `token_f1` is the F1 of the multisets of
words, the mean over pages; scripts written without spaces count by the character.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from statistics import mean

SHINGLE = 4
"""Words in a shingle, as in the article-extraction-benchmark."""
MINUTE = timedelta(seconds=60)
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")
_SEPARATED = re.compile(r"\s+[|–—•·»:-]\s+|\s*[|｜]\s*")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
"""White space of no width, which golds have at the end of titles."""
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»‹›‘’‚‛'`´\"「」『』", '"') | dict.fromkeys("‐‑‒–—―−", "-"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractorOutput:
    """The output of one extractor for one page. None if it does not give the field."""

    text: str = ""
    title: str | None = None
    authors: tuple[str, ...] | None = None
    published: datetime | None = None
    """Aware or naive, as the extractor returns it."""
    day_only: bool = False
    dated: bool = True
    """Whether the extractor returns dates."""


def shingle_counts(gold: str, found: str) -> tuple[float, float, float]:
    """(true positives, false positives, false negatives) as shares of all shingles of the page."""
    relevant, given = _shingles(gold), _shingles(found)
    right = sum((relevant & given).values())
    wrong, missed = sum((given - relevant).values()), sum((relevant - given).values())
    total = right + wrong + missed or 1
    return right / total, wrong / total, missed / total


def shingle_f1(pages: Iterable[tuple[float, float, float]]) -> float:
    """F1 of the mean precision and the mean recall over pages."""
    counts = list(pages)
    precision = mean([right / (right + wrong) for right, wrong, _ in counts if right + wrong] or [0.0])
    recall = mean([right / (right + missed) for right, _, missed in counts if right + missed] or [0.0])
    return 2 * precision * recall / (precision + recall or 1)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    starts = range(max(1, len(words) - SHINGLE + 1))
    return Counter(shingle for start in starts if (shingle := tuple(words[start : start + SHINGLE])))


def token_f1(gold: str, found: str) -> float:
    """F1 of the two multisets of words; 1 if both are empty."""
    relevant, given = Counter(_TOKEN.findall(gold.lower())), Counter(_TOKEN.findall(found.lower()))
    total = relevant.total() + given.total()
    return 2 * (relevant & given).total() / total if total else 1.0


OPENING = 3
"""Paragraphs of the opening."""
SHORTEST_PARAGRAPH = 40
"""Characters; shorter lines of a gold text are subheads and labels."""


def opening_is_kept(gold: str, found: str) -> bool:
    """Whether the first paragraphs of the gold text are all in the text, punctuation and white space apart."""
    paragraphs = [line for line in re.split(r"\n+", gold) if len(line.strip()) >= SHORTEST_PARAGRAPH]
    whole = _letters(found)
    return all(_letters(paragraph) in whole for paragraph in paragraphs[:OPENING])


def names_f1(pages: Iterable[tuple[Sequence[str], Sequence[str]]]) -> float:
    """F1 of the sets of (page, name) over all pages. Names must be equal except for white space."""
    right = total = 0
    for gold, found in pages:
        relevant, given = ({_name(name) for name in names} - {""} for names in (gold, found))
        right += len(relevant & given)
        total += len(relevant) + len(given)
    return 2 * right / total if total else 1.0


def same_title(gold: str, found: str | None, site_names: Iterable[str]) -> bool:
    """Whether titles are equal except for white space (also of no width), quotes, dashes, case and the site's name."""
    sites = {_letters(name) for name in site_names} - {""}
    return _title(gold, sites) == _title(found or "", sites)


def same_minute(gold: datetime, answer: ExtractorOutput) -> bool:
    """Whether the times differ by up to a minute. A gold without an offset may be the publisher's time or UTC."""
    if answer.published is None or answer.day_only:
        return False
    return any(abs(one - other) <= MINUTE for one in _clocks(gold) for other in _clocks(answer.published, gold))


def same_day(gold: datetime | date, answer: ExtractorOutput) -> bool:
    """Whether the day is the gold's, in the publisher's time or in UTC: golds do not say which."""
    if answer.published is None:
        return False
    relevant = {clock.date() for clock in _clocks(gold)} if isinstance(gold, datetime) else {gold}
    if answer.day_only:
        return answer.published.date() in relevant
    return bool(relevant & {clock.date() for clock in _clocks(answer.published)})


def _clocks(moment: datetime, other: datetime | None = None) -> list[datetime]:
    """The naive times of a moment: in UTC and in its own offset. Two aware moments are compared in UTC."""
    if moment.tzinfo is None:
        return [moment]
    universal = moment.astimezone(timezone.utc).replace(tzinfo=None)
    if other is not None and other.tzinfo is not None:
        return [universal]
    return [universal, moment.replace(tzinfo=None)]


def _name(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", text).casefold())


def _title(title: str, sites: set[str]) -> str:
    text = " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", title)).casefold().split())
    for _ in range(2):
        cuts = list(_SEPARATED.finditer(text))
        if cuts and _letters(text[cuts[-1].end() :]) in sites:
            text = text[: cuts[-1].start()]
        elif cuts and _letters(text[: cuts[0].start()]) in sites:
            text = text[cuts[0].end() :]
    return "".join(text.translate(_QUOTES).replace('"', "").split())
