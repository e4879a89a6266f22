"""What an article says about its event: names, figures and words of its headline, lead and beginning. Pure.

Names, figures and weekdays are compared across languages, words (as lemmas) within one language. So are pairs, a name or
figure with the next word ("23 pirates", "Mark Felt"): they distinguish events that share their single words.
"""

from __future__ import annotations

import functools
import math
import operator
import re
import zlib
from dataclasses import dataclass
from typing import Literal, NamedTuple

from crawler.events.name_keys import name_key
from crawler.text.date_names import weekday_of
from crawler.text.dictionaries import lemma_of
from crawler.text.numbers import numbers
from crawler.text.tokenizer import is_unspaced

_LISTS = {
    "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
    "it": "Italian", "ka": "Georgian", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian",
    "ms": "Malay", "nb": "Norwegian_Bokmal", "nl": "Dutch", "no": "Norwegian_Bokmal", "pl": "Polish", "pt": "Portuguese",
    "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish",
    "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
}  # fmt: skip
"""ISO 639-1 code -> name of the list."""


@functools.cache
def stop_words(language: str | None) -> frozenset[str]:
    """Return the frequent words of a language in lower case; empty if there is no list of it."""
    if language not in _LISTS:
        return frozenset()
    import justext

    return frozenset(word.lower() for word in justext.get_stoplist(_LISTS[language]))


Kind = Literal["name", "figure", "word", "pair"]

LEAD_WORDS = 45
"""Words of headline and beginning that make the lead: what happened, where, to whom."""
MAX_WORDS = 110
"""Words of headline, lead and text that are read. What follows is background, which other events share."""
MAX_TERMS = 80
"""Terms kept, those of the lead and the most frequent first."""
LEAD_FACTOR = 2.0
"""Weight of a word in the lead against one behind it."""
CHARACTERS_PER_WORD = 20
"""Characters that are searched for each word: more than words of any language have, with what is between them."""

MAX_CREDIT = 120
"""Characters of a line that is no sentence: "By Anna Roe · 30 November 2026, 10:41 GMT · 5 min read". Outlets begin all reports
with such lines, which would make them alike."""
_SENTENCE_ENDS = frozenset(".!?…。！？؟।\"”»'’")
_DATELINE_AGENCY = re.compile(r"^([^\n.(]{0,60})\([^)\n]{2,40}\)(?=\s*[-–—])", re.MULTILINE)

_TOKEN = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*|\d+(?:[.,]\d+)*|[.!?…]+|\n+")
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_MULTIPLIED = re.compile(
    r"(\d+(?:[.,]\d+)?)[ \u00a0\u202f-]*(?:(тис(?:яч\w*)?|тыс(?:яч\w*)?|thousand|tausend|tys(?:i\w+)?|mille|mil)"
    r"|(млн|мільйон\w*|миллион\w*|millions?|million(?:en|s)?|mln|mio|millones|milion\w*)"
    r"|(млрд|мільярд\w*|миллиард\w*|billions?|bn|mrd|milliarden?|mld|miliard\w*))\b",
    re.IGNORECASE,
)
_LEAD_AND_TIMES = operator.attrgetter("lead", "times")
_PAIR: tuple[Kind, str] = ("pair", "")
_PAIR_FACTOR, _MASK = 2_654_435_761, 0xFFFF_FFFF
"""The hash of a pair is made of those of its parts; the factor is Knuth's for 32-bit hashes."""
_POSSESSIVE = re.compile(r"['’ʼ](?:s)?$")


class EventTerm(NamedTuple):
    """A name, figure or word of an article."""

    key: int
    """32-bit hash by which terms are compared."""
    kind: Kind
    text: str
    """As written, for people; a word as its lemma; empty for a pair."""
    times: float
    """Occurrences; those in the lead count LEAD_FACTOR."""
    lead: float
    """Occurrences in the lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFeatures:
    """The terms of one article."""

    language: str | None
    terms: tuple[EventTerm, ...]
    weekdays: int = 0
    """Bit 0 for Monday to bit 6 for Sunday: the days that are named."""


class _Word(NamedTuple):
    """What is known of a word wherever it stands."""

    written: str
    lower: str
    is_figure: bool
    is_capitalised: bool
    is_frequent: bool
    is_known: bool
    """The dictionary has it."""
    has_frequent_lemma: bool
    weekday: int
    """As in EventFeatures."""
    name: int
    """Hash as a name or figure."""
    word: int
    """Hash as a word."""
    lemma: str


def event_features(
    title: str | None, text: str, language: str | None, *, max_words: int = MAX_WORDS, max_terms: int = MAX_TERMS
) -> EventFeatures:
    """Return the features of an article; `text` is lead and text. Without words and figures, `terms` is empty."""
    beginning = _sentences_only(text[: CHARACTERS_PER_WORD * max_words])
    whole = f"{title}\n{beginning}" if title else beginning
    found: dict[int, tuple[Kind, str]] = {}
    times: dict[int, float] = {}
    lead: dict[int, float] = {}
    words = _words(whole, language, max_words)
    lower = {word.lower for word, _, _ in words if not word.is_capitalised}
    certain = {word.written for word, starts_sentence, _ in words if word.is_capitalised and not starts_sentence}
    lead_end, end = (words[place][2] if len(words) > place else len(whole) for place in (LEAD_WORDS - 1, max_words - 1))
    weekdays = before = 0
    before_is_fact = False
    for place, (word, starts_sentence, _) in enumerate(words):
        if starts_sentence:
            before = 0
        if word.weekday:  # compared by itself: in a short text it would be the only name
            weekdays |= word.weekday
            continue
        if word.is_frequent and word.written not in certain:
            continue
        # Capitalised, and not only because it begins a sentence or stands in a headline.
        is_fact = word.is_figure or (
            word.is_capitalised
            and word.lower not in lower
            and (not starts_sentence or not word.is_known or word.written in certain)
        )
        if not is_fact and word.has_frequent_lemma:
            continue
        key = word.name if is_fact else word.word
        if not word.is_figure:
            if key not in found:
                found[key] = ("name", word.written) if is_fact else ("word", word.lemma)
            times[key] = times.get(key, 0.0) + (LEAD_FACTOR if place < LEAD_WORDS else 1.0)
            if place < LEAD_WORDS:
                lead[key] = lead.get(key, 0.0) + 1.0
        if before and (is_fact or before_is_fact):
            pair = (before * _PAIR_FACTOR + key) & _MASK
            times[pair] = times.get(pair, 0.0) + 1.0
        before, before_is_fact = key, is_fact
    for part, in_lead in ((whole[:lead_end], True), (whole[lead_end:end], False)):
        for figure, count in figures(part).items():
            key = _hash("figure", figure)
            found.setdefault(key, ("figure", figure))
            times[key] = times.get(key, 0.0) + count * (LEAD_FACTOR if in_lead else 1.0)
            if in_lead:
                lead[key] = lead.get(key, 0.0) + count
    terms = [EventTerm(key, *found.get(key, _PAIR), count, lead.get(key, 0.0)) for key, count in times.items()]
    terms.sort(key=_LEAD_AND_TIMES, reverse=True)
    return EventFeatures(language=language, terms=tuple(terms[:max_terms]), weekdays=weekdays)


def shown_term(kind: Kind, text: str) -> str:
    """Return a term for people: "90,000", "Kupiansk"."""
    return f"{int(text):,}" if kind == "figure" and text.isdigit() and len(text) > 4 else text


def figures(text: str) -> dict[str, int]:
    """Return the figures of a text with their number; "90,000", "90 000", "90 thousand" and «90 тисяч» are one figure."""
    plain = _MULTIPLIED.sub(_multiplied, _THOUSANDS.sub("", text))
    return dict(numbers(plain))


@functools.lru_cache(maxsize=50_000)
def _word(written: str, language: str | None) -> _Word:
    lower, frequent = written.lower(), stop_words(language)
    is_figure = lower[0].isdigit()
    is_capitalised = written[0].isupper()
    day = None if is_figure else weekday_of(lower)
    lemma = None if is_figure else lemma_of(lower, language)
    return _Word(
        written=written,
        lower=lower,
        is_figure=is_figure,
        is_capitalised=is_capitalised,
        is_frequent=lower in frequent,
        is_known=lemma is not None,
        has_frequent_lemma=lemma in frequent,
        weekday=0 if day is None else 1 << day,
        name=_hash("name", lower.replace(",", "") if is_figure else name_key(written))
        if is_figure or is_capitalised
        else 0,
        word=_hash("word", lemma or lower),
        lemma=lemma or lower,
    )


def _words(text: str, language: str | None, max_words: int) -> list[tuple[_Word, bool, int]]:
    """The first words, each with whether it begins a sentence and with its end in the text."""
    words: list[tuple[_Word, bool, int]] = []
    starts_sentence = True
    has_unspaced = is_unspaced(text)
    for match in _TOKEN.finditer(text):
        token = match[0]
        if not token[0].isalnum():
            starts_sentence = True
            continue
        if has_unspaced and is_unspaced(token):  # no spaces between words: each pair of characters
            parts = (token[place : place + 2] for place in range(max(len(token) - 1, 1)))
            words += [(_word(part, language), False, match.end()) for part in parts]
        else:
            word = _POSSESSIVE.sub("", token) if token[-1] in "sS'’ʼ" else token
            if len(word) > 1 or word.isdigit():
                words.append((_word(word, language), starts_sentence, match.end()))
        starts_sentence = False
        if len(words) >= max_words:
            break
    return words


def _sentences_only(text: str) -> str:
    """The text without short lines that are no sentences, and without the agency in "AARHUS (Agency) -"."""
    lines = [line for line in text.split("\n") if len(line) > MAX_CREDIT or line.rstrip()[-1:] in _SENTENCE_ENDS]
    return _DATELINE_AGENCY.sub(r"\1", "\n".join(lines)) if any(lines) else text


def _multiplied(match: re.Match[str]) -> str:
    factor = 1_000 if match[2] else 1_000_000 if match[3] else 1_000_000_000
    value = float(match[1].replace(",", ".")) * factor
    return f"{value:.0f}" if math.isfinite(value) else match[1]


def _hash(kind: Kind, key: str) -> int:
    return zlib.crc32(f"{kind}:{key}".encode("utf-8", "replace"))
