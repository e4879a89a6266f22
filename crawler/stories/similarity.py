"""Whether two articles are the same report: copies, edited copies, excerpts. Pure.

Resemblance is the Jaccard similarity of the texts' five-word shingles, containment the share of the shorter text's
shingles in the other. A text that repeats the wording with other figures, names or outcomes is another report
(`contradictions.py`). `docs/explanation/stories.md` has the measurements behind the thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from crawler.stories.contradictions import Contradictions, contradictions
from crawler.stories.name_changes import NameChange
from crawler.text.shingles import shingle_words, shingles, strip_boilerplate

Role = Literal["first", "copy", "excerpt", "extended"]
"""first: created the story; excerpt: part of an existing text; extended: an existing text and more."""

NEAR_WORDS = 24
"""Words from which near-copies are considered; shorter notices share their form, not their news."""
NEAR = 0.4
"""Resemblance from which a text is a copy unless facts contradict: two of five sentences replaced leave 0.43."""
CONTAINED = 0.8
"""Containment from which the shorter text is an excerpt of the longer one."""
MIN_EXCERPT_RESEMBLANCE = 0.32
"""Resemblance below which an excerpt is not assigned; a third of a text has 0.33."""
NEAR_NOTICE = 0.5
"""NEAR for a text shorter than NOTICE_WORDS, whose wording is half form: several banks raise rates on one day."""
NUMBERS_CHANGED = 1 / 3
"""Share of replaced figures from which a text is another day's page."""
NAMES_CHANGED = 1 / 2
"""Share of replaced names from which a text is about another event; corrected notices of quarterly results reach 3 of 7."""
FACTS_CHANGED = 1 / 2
"""Sum of both shares from which a text is about another event: bonds of two companies by one bank reach 4/13 + 3/11."""
SAME_DAY = timedelta(hours=12)
"""Within this time a single replaced figure or weekday is a correction."""
LATER = timedelta(days=5)
"""After this time a similar text is more often the next one of a series than a late copy: the limits are halved, two
replaced figures are enough (a table of prices in which four of 35 have moved), and a text with fewer words than
NOTICE_WORDS is no copy even if it is equal (a bank announces unchanged rates in the same words each fortnight)."""
NOTICE_WORDS = 60
"""See LATER. The shortest of 12,530 real reports that was repeated after more than two days has 148 words."""
REWORDED = 1
"""Other places that may differ if a name in mid-sentence was replaced ("north of Velden", "south of Amity")."""
SHORT_WORDS = 120
"""Below this length a text is about the subject of its first sentence, and another name is another event at any time; in
a longer text it is a correction within SAME_DAY. Notices of attacks, fires and accidents in 18 languages have 40 to 90."""


class ComparableText:
    """A text of an article with cached forms for comparison."""

    def __init__(
        self, text: str, *, title: str | None = None, language: str | None = None, at: datetime | None = None
    ) -> None:
        """`text` is everything below the title, `at` the time of publication, or else when the article was first seen."""
        self.title = title or ""
        self.language = language
        self.at = at
        self._text = text

    @cached_property
    def body(self) -> str:
        """The text without dateline and credits."""
        return strip_boilerplate(self._text)

    @cached_property
    def words(self) -> tuple[str, ...]:
        return shingle_words(self.body)

    @cached_property
    def shingles(self) -> frozenset[str]:
        return shingles(self.words)


def story_text(lead: str | None, text: str) -> str:
    """Lead and text: what is the lead at one outlet is the first paragraph at another."""
    return f"{lead}\n\n{text}" if lead else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of comparing two texts."""

    same: bool
    reason: str
    """One line for people."""
    jaccard: float
    role: Role = "copy"
    """Of the newer text."""
    alike: bool = True
    """Whether the wording alone is similar enough; if `same` is False then, the facts differ: a near miss."""


def compare_texts(older: ComparableText, newer: ComparableText) -> Verdict:
    """Whether `newer` is the same report as `older`."""
    if older.language and newer.language and older.language != newer.language:
        return Verdict(same=False, reason="another language", jaccard=0.0, alike=False)
    distance = _distance(older, newer)
    if _is_next_notice(older, newer, distance):
        jaccard = _overlap(older, newer)[0]
        return Verdict(same=False, reason="a short notice, days apart", jaccard=jaccard, alike=jaccard >= NEAR_NOTICE)
    if older.words == newer.words:
        return _equal(older, newer)
    if min(len(older.words), len(newer.words)) < NEAR_WORDS:
        return Verdict(same=False, reason="too short for a near-copy", jaccard=0.0, alike=False)
    jaccard, contained = _overlap(older, newer)
    near = NEAR if min(len(older.words), len(newer.words)) >= NOTICE_WORDS else NEAR_NOTICE
    if jaccard < near and (contained < CONTAINED or jaccard < MIN_EXCERPT_RESEMBLANCE):
        return Verdict(same=False, reason="another text", jaccard=jaccard, alike=False)
    found = contradictions(older.body, newer.body, titles=(older.title, newer.title))
    reason_apart = objection(found, distance=distance)
    if reason_apart:
        return Verdict(same=False, reason=reason_apart, jaccard=jaccard)
    role = _role(older, newer, contained)
    return Verdict(same=True, reason=_reason(role, jaccard, contained), jaccard=jaccard, role=role)


def _overlap(older: ComparableText, newer: ComparableText) -> tuple[float, float]:
    """(resemblance, containment)."""
    if older.words == newer.words:
        return 1.0, 1.0
    shared = len(older.shingles & newer.shingles)
    smaller = min(len(older.shingles), len(newer.shingles))
    return shared / max(len(older.shingles) + len(newer.shingles) - shared, 1), shared / max(smaller, 1)


def objection(found: Contradictions, *, distance: timedelta | None) -> str | None:
    """Why two similar texts are different reports; None if their facts agree. `distance` in time; None if unknown."""
    if found.outcome is not None:
        return f"same wording, other outcome: {found.outcome[0]} / {found.outcome[1]}"
    figures, names = f"{found.numbers_changed} of {found.numbers}", f"{found.names_changed} of {found.names}"
    is_later = distance is not None and distance >= LATER
    if _replaced(found.numbers_changed, found.numbers, NUMBERS_CHANGED, distance) or (
        is_later and found.numbers_changed > 1
    ):
        return f"same wording, other figures: {figures}"
    if _replaced(found.names_changed, found.names, NAMES_CHANGED, distance):
        return f"same wording, other names: {names}"
    both = found.numbers_changed / max(found.numbers, 1) + found.names_changed / max(found.names, 1)
    if found.numbers_changed > 1 and found.names_changed > 1 and both >= FACTS_CHANGED:
        return f"same wording, other figures and names: {figures}, {names}"
    if found.day is not None and (distance is None or distance > SAME_DAY):
        return f"same wording, another day: {found.day[0]} / {found.day[1]}"
    if found.name is not None and _is_other(found.name, found, distance):
        return f"same wording, another name: {found.name.before} / {found.name.after}"
    return None


def _is_other(name: NameChange, found: Contradictions, distance: timedelta | None) -> bool:
    """Whether a replaced name means another event: an editor would have reworded more than the name."""
    if found.reworded > (REWORDED if name.kind == "name" else 0):
        return False
    is_soon, is_short = distance is not None and distance <= SAME_DAY, found.words < SHORT_WORDS
    return (is_short and not is_soon) if name.kind == "word" else (is_short or not is_soon)


def _replaced(changed: int, of: int, limit: float, distance: timedelta | None) -> bool:
    if distance is not None and distance >= LATER:
        limit /= 2
    if changed == 0 or changed < limit * of:
        return False
    return changed > 1 or distance is None or distance > SAME_DAY


def _equal(older: ComparableText, newer: ComparableText) -> Verdict:
    """Equal words: a copy, unless the text is a short form under another title."""
    if len(newer.words) < NEAR_WORDS and shingle_words(older.title) != shingle_words(newer.title):
        return Verdict(same=False, reason="the same short text under another title", jaccard=1.0)
    return Verdict(same=bool(newer.words), reason="the same text", jaccard=1.0)


def _is_next_notice(older: ComparableText, newer: ComparableText, distance: timedelta | None) -> bool:
    return distance is not None and distance >= LATER and max(len(older.words), len(newer.words)) < NOTICE_WORDS


def _distance(older: ComparableText, newer: ComparableText) -> timedelta | None:
    return abs(older.at - newer.at) if older.at and newer.at else None


def _role(older: ComparableText, newer: ComparableText, contained: float) -> Role:
    if contained < CONTAINED or 0.75 * max(len(older.shingles), len(newer.shingles)) <= min(
        len(older.shingles), len(newer.shingles)
    ):
        return "copy"
    return "excerpt" if len(newer.shingles) < len(older.shingles) else "extended"


def _reason(role: Role, jaccard: float, contained: float) -> str:
    if role == "copy":
        return f"{jaccard:.0%} of the wording"
    return f"{contained:.0%} of the {'text is' if role == 'excerpt' else 'earlier text is'} in the other"
