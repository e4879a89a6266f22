"""Whether two articles tell one story in one wording: copies, edited copies, excerpts. Pure.

Resemblance is the share of five-word runs that two texts have in common (Jaccard), containment the share of the shorter
one's. Wording alone does not make a copy: what a template says again with other figures, names or outcomes is another
story (`contradictions.py`). The thresholds were measured, see docs/explanation/stories.md.
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
"""first: founded the story; excerpt: a part of a text that was there; fuller: holds such a text and more."""

NEAR_WORDS = 24
"""Words from which near-copies are looked for: below it a text is a notice, whose wording is its form."""
NEAR = 0.4
"""Resemblance from which a text is a copy unless its facts contradict: two sentences of five replaced leave 0.43."""
CONTAINED = 0.8
"""Share of the shorter text's runs from which it is an excerpt of the longer one."""
MIN_EXCERPT_WORDS = 0.32
"""Resemblance below which not even an excerpt joins; a third of a text has 0.33."""
NEAR_NOTICE = 0.5
"""The same for a text shorter than NOTICE_WORDS, whose wording is half form: banks that raise their rates on one day."""
NUMBERS_CHANGED = 1 / 3
"""Share of figures replaced from which it is another day's page."""
NAMES_CHANGED = 1 / 2
"""Share of names replaced from which it is another event's page; corrected notices of quarterly results reach 3 of 7."""
FACTS_CHANGED = 1 / 2
"""Sum of both shares from which it is another event's page: two companies' bonds of one bank reach 4/13 + 3/11."""
SAME_DAY = timedelta(hours=12)
"""Within it a single replaced figure is a correction, whatever its share, and so is another day of the week."""
LATER = timedelta(days=5)
"""From then on a like text is more often the next one of a series than a late copy: the limits are halved, two replaced
figures are enough (a table of prices in which four of 35 have moved), and what has fewer words than NOTICE_WORDS is no
copy even when it is equal (a bank that leaves its rates as they are says so in the same words each fortnight)."""
NOTICE_WORDS = 60
"""See LATER. The shortest real report among 12,530 that was repeated after more than two days has 148."""
REWORDED = 1
"""Other places that may differ where a name in mid-sentence was exchanged ("north of Velden", "south of Amity")."""
SHORT_WORDS = 120
"""Below it a text is about what its first sentence names, and another name is another event at any hour; in a longer one
it is a correction within SAME_DAY. Notices of attacks, fires and accidents in 18 languages have 40 to 90."""


class ComparableText:
    """One text of an article as it is compared."""

    def __init__(
        self, text: str, *, title: str | None = None, language: str | None = None, at: datetime | None = None
    ) -> None:
        """`text` is everything a reader sees below the title, `at` when it was published, else when it was seen."""
        self.title = title or ""
        self.language = language
        self.at = at
        self._text = text

    @cached_property
    def body(self) -> str:
        """Without credits."""
        return strip_boilerplate(self._text)

    @cached_property
    def words(self) -> tuple[str, ...]:
        return shingle_words(self.body)

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        return shingles(self.words)


def story_text(lead: str | None, text: str) -> str:
    """What a reader sees below the title: the standfirst, which is the first paragraph elsewhere, and the text."""
    return f"{lead}\n\n{text}" if lead else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How two texts stand to each other."""

    same: bool
    why: str
    """One line, for people."""
    jaccard: float
    role: Role = "copy"
    """Of the newer text."""
    alike: bool = True
    """Whether the wording alone would make them one story; it is other news then where `same` is not."""


def compare_texts(older: ComparableText, newer: ComparableText) -> Verdict:
    """Whether `newer` tells the story of `older` in its words."""
    if older.language and newer.language and older.language != newer.language:
        return Verdict(same=False, why="another language", jaccard=0.0, alike=False)
    near_misses = _apart(older, newer)
    if _is_next_notice(older, newer, near_misses):
        jaccard = _overlap(older, newer)[0]
        return Verdict(same=False, why="a short notice, days apart", jaccard=jaccard, alike=jaccard >= NEAR_NOTICE)
    if older.words == newer.words:
        return _equal(older, newer)
    if min(len(older.words), len(newer.words)) < NEAR_WORDS:
        return Verdict(same=False, why="too short for a near-copy", jaccard=0.0, alike=False)
    jaccard, contained = _overlap(older, newer)
    near = NEAR if min(len(older.words), len(newer.words)) >= NOTICE_WORDS else NEAR_NOTICE
    if jaccard < near and (contained < CONTAINED or jaccard < MIN_EXCERPT_WORDS):
        return Verdict(same=False, why="another text", jaccard=jaccard, alike=False)
    against = objection(
        contradictions(older.body, newer.body, titles=(older.title, newer.title)), near_misses=near_misses
    )
    if against:
        return Verdict(same=False, why=against, jaccard=jaccard)
    role = _role(older, newer, contained)
    return Verdict(same=True, why=_reason(role, jaccard, contained), jaccard=jaccard, role=role)


def _overlap(older: ComparableText, newer: ComparableText) -> tuple[float, float]:
    """(resemblance, containment)."""
    if older.words == newer.words:
        return 1.0, 1.0
    shared = len(older.runs & newer.runs)
    smaller = min(len(older.runs), len(newer.runs))
    return shared / max(len(older.runs) + len(newer.runs) - shared, 1), shared / max(smaller, 1)


def objection(found: Contradictions, *, near_misses: timedelta | None) -> str | None:
    """Why two texts in like words are no copies; None where nothing speaks against it."""
    if found.outcome is not None:
        return f"same wording, other outcome: {found.outcome[0]} / {found.outcome[1]}"
    figures, names = f"{found.numbers_changed} of {found.numbers}", f"{found.names_changed} of {found.names}"
    is_later = near_misses is not None and near_misses >= LATER
    if _replaced(found.numbers_changed, found.numbers, NUMBERS_CHANGED, near_misses) or (
        is_later and found.numbers_changed > 1
    ):
        return f"same wording, other figures: {figures}"
    if _replaced(found.names_changed, found.names, NAMES_CHANGED, near_misses):
        return f"same wording, other names: {names}"
    both = found.numbers_changed / max(found.numbers, 1) + found.names_changed / max(found.names, 1)
    if found.numbers_changed > 1 and found.names_changed > 1 and both >= FACTS_CHANGED:
        return f"same wording, other figures and names: {figures}, {names}"
    if found.day is not None and (near_misses is None or near_misses > SAME_DAY):
        return f"same wording, another day: {found.day[0]} / {found.day[1]}"
    if found.name is not None and _is_other(found.name, found, near_misses):
        return f"same wording, another name: {found.name.before} / {found.name.after}"
    return None


def _is_other(name: NameChange, found: Contradictions, near_misses: timedelta | None) -> bool:
    """Whether names that were exchanged make another event's page: what else an editor would have reworded is as it was."""
    if found.reworded > (REWORDED if name.kind == "name" else 0):
        return False
    is_soon, is_short = near_misses is not None and near_misses <= SAME_DAY, found.words < SHORT_WORDS
    return (is_short and not is_soon) if name.kind == "word" else (is_short or not is_soon)


def _replaced(changed: int, of: int, limit: float, near_misses: timedelta | None) -> bool:
    if near_misses is not None and near_misses >= LATER:
        limit /= 2
    if changed == 0 or changed < limit * of:
        return False
    return changed > 1 or near_misses is None or near_misses > SAME_DAY


def _equal(older: ComparableText, newer: ComparableText) -> Verdict:
    """The same words: a copy, unless they are a form that the title fills in."""
    if len(newer.words) < NEAR_WORDS and shingle_words(older.title) != shingle_words(newer.title):
        return Verdict(same=False, why="the same short text under another title", jaccard=1.0)
    return Verdict(same=bool(newer.words), why="the same text", jaccard=1.0)


def _is_next_notice(older: ComparableText, newer: ComparableText, near_misses: timedelta | None) -> bool:
    return near_misses is not None and near_misses >= LATER and max(len(older.words), len(newer.words)) < NOTICE_WORDS


def _apart(older: ComparableText, newer: ComparableText) -> timedelta | None:
    return abs(older.at - newer.at) if older.at and newer.at else None


def _role(older: ComparableText, newer: ComparableText, contained: float) -> Role:
    if contained < CONTAINED or 0.75 * max(len(older.runs), len(newer.runs)) <= min(len(older.runs), len(newer.runs)):
        return "copy"
    return "excerpt" if len(newer.runs) < len(older.runs) else "extended"


def _reason(role: Role, jaccard: float, contained: float) -> str:
    if role == "copy":
        return f"{jaccard:.0%} of the wording"
    return f"{contained:.0%} of the {'text is' if role == 'excerpt' else 'earlier text is'} in the other"
