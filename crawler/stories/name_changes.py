"""Whether two similar texts are about different places or people: "Odesa came under attack", "Kharkiv came under attack".

Pure. A word counts as a name if it is capitalised for no other reason (start of a sentence, German noun), if a word for a
kind of place is next to it, or if it occurs in the headline. Only the latter two work in scripts without capitals.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from crawler.text.substitutions import Substitution, substitution_tokens
from crawler.text.tokenizer import is_unspaced

MAX_NAME_WORDS = 6
"""Words of a name with its attributes, as in "the northern town of Amity"; longer exchanges are rewordings."""
MAX_CASELESS, MAX_UNSPACED = 3, 8
"""The same in scripts without capitals, in words and in characters."""
EARLY, EARLY_UNSPACED = 14, 36
"""Words, or characters, at the beginning of a text that name its subject. In 60 templates of 18 languages the subject is
among the first 12; capitalised words exchanged in Reuters reports that are no names begin at the 16th."""
FIRST, FIRST_UNSPACED = 2, 4
"""The same for a word that nothing marks as a name."""
SPELLING_SIMILARITY = 0.88
"""Similarity from which two words are spellings of one name (Zaporizhia). Austria and Australia have 0.875."""

_GEORGIAN = re.compile(r"[\u10d0-\u10ff]")
"""Georgian has capitals in Unicode, but newspapers do not use them."""
_VOWELS = re.compile(r"[aeiouyáàâãäéèêëíîïóôõöúûüąęаеєиіїоуюяёэыйь]")
_GERMAN = frozenset("der die das den dem des und ein eine einer einem wurde ist nicht auf sich".split())
_GERMAN_BEFORE_NAME = frozenset("in aus bei nahe nach von gegen um für".split())
"""Prepositions that precede a name without an article: "in Velden", but "in der Nacht"."""
_BEFORE_PLACE = frozenset(
    "مدينة بمدينة محافظة بمحافظة بلدة ببلدة قرية بقرية ولاية بولاية منطقة بمنطقة مخيم ريف بريف حي في وسط قرب شمال جنوب شرق"
    " غرب شهر استان شهرستان روستای در העיר בעיר ביישוב בקיבוץ במושב שכונת ქალაქ शहर जिला".split()
)
"""City, province, town, village, quarter, camp, in, near: Arabic, Persian, Hebrew, Georgian, Hindi."""
_BEFORE_PLACE_UNSPACED = tuple(unicodedata.normalize("NFKC", word) for word in "在 จังหวัด เมือง อำเภอ ตำบล".split())
_AFTER_PLACE = frozenset("市 省 县 縣 区 區 州 镇 鎮 村 町 県 郡 で में शहर जिले".split())
_BEGINS_PLACE = "ב"
_ARTICLE = "ال"
"""Arabic article: most nouns have it, few names do."""
_ENDS_PLACE = ("에서", "시", "군", "의", "ში")


class TextIndex:
    """Look-ups in one text and its headline."""

    def __init__(self, title: str, body: str) -> None:
        self._title = title
        self._body = body

    @cached_property
    def _written(self) -> list[str]:
        return substitution_tokens(self._body)

    @cached_property
    def _folded(self) -> str:
        return " ".join(word.casefold() for word in self._written)

    @cached_property
    def length(self) -> int:
        """Length in words; two characters of a script without spaces count as one word."""
        unspaced = sum(map(is_unspaced, self._written))
        return len(self._written) - unspaced // 2

    @cached_property
    def words(self) -> frozenset[str]:
        """All words in lower case."""
        return frozenset(self._folded.split())

    @cached_property
    def ordinary(self) -> frozenset[str]:
        """Words that occur in lower case somewhere in the text."""
        return frozenset(word for word in (*self._written, *substitution_tokens(self._title)) if word[0].islower())

    @cached_property
    def is_german(self) -> bool:
        """Whether the text is German, where all nouns are capitalised."""
        return len(self.words & _GERMAN) >= 3

    @cached_property
    def _headline(self) -> str:
        return " ".join(word.casefold() for word in substitution_tokens(self._title))

    def contains(self, words: str) -> bool:
        """Whether these lower-case words occur in the text."""
        return f" {words} " in f" {self._folded} "

    def is_titled(self, words: str) -> bool:
        """Whether these lower-case words occur in the headline."""
        return f" {words} " in f" {self._headline} "


NameChangeKind = Literal["name", "first word", "word"]
"""name: marked as a name; first word: perhaps capitalised as the start of the sentence; word: suggested by position only."""
CERTAIN_FIRST: tuple[NameChangeKind, ...] = get_args(NameChangeKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameChange:
    """Two names of the texts' subject, one replaced by the other."""

    before: str
    after: str
    kind: NameChangeKind


def name_change(
    exchange: Substitution, older: TextIndex, newer: TextIndex, *, in_first_sentence: bool
) -> NameChange | None:
    """The exchange as a change of names; None if it is none, or not at a place that names the subject."""
    before, after = _folded(exchange.before), _folded(exchange.after)
    if not before or not after:
        return None
    is_caseless = all(map(_is_caseless, (*exchange.before, *exchange.after)))
    kind = (_caseless if is_caseless else _cased)(exchange, older, newer)
    if kind is None:
        return None
    if _are_in_headlines(before, after, older, newer):
        kind = "name"
    elif not in_first_sentence or len(exchange.preceding) >= _reach(before, kind):
        return None
    return NameChange(before=_joined(exchange.before), after=_joined(exchange.after), kind=kind)


def _are_in_headlines(before: str, after: str, older: TextIndex, newer: TextIndex) -> bool:
    """Whether each headline contains the name of its own text and not the other one."""
    return (
        older.is_titled(before) and newer.is_titled(after) and not (older.is_titled(after) or newer.is_titled(before))
    )


def _reach(words: str, kind: NameChangeKind) -> int:
    """Words from the beginning of the text within which a name is the subject's."""
    if kind == "word":
        return FIRST_UNSPACED if is_unspaced(words) else FIRST
    return EARLY_UNSPACED if is_unspaced(words) else EARLY


def _cased(exchange: Substitution, older: TextIndex, newer: TextIndex) -> NameChangeKind | None:
    """None if one side is no name."""
    if max(len(exchange.before), len(exchange.after)) > MAX_NAME_WORDS or _are_alike(exchange):
        return None
    # "Moscow's forces", "Russian troops": other words next to both names mean a rewording
    if all(any(word[0].islower() for word in side) for side in (exchange.before, exchange.after)):
        return None
    # "the town of Amity" is a name, "the Amity government" and "the island's second city" describe one
    if any(side[-1][0].islower() for side in (exchange.before, exchange.after)):
        return None
    ordinary = older.ordinary | newer.ordinary
    is_name = all(
        _has_name(side, exchange.preceding, ordinary | others.words, is_german=older.is_german)
        for side, others in ((exchange.before, newer), (exchange.after, older))
    )
    if not is_name:
        return None
    if exchange.preceding or min(len(exchange.before), len(exchange.after)) > 1:
        return "name"
    return "word" if older.is_german else "first word"


def _has_name(side: Sequence[str], preceding: Sequence[str], but: frozenset[str], *, is_german: bool) -> bool:
    previous = preceding[-1] if preceding else ""
    for word in side:
        if word[0].isupper() and len(word) > 1 and word.casefold() not in but:
            folded = previous.casefold()
            behind = folded in _GERMAN_BEFORE_NAME or (previous[:1].isupper() and folded not in _GERMAN)
            if not is_german or not previous or behind:
                return True
        previous = word
    return False


def _caseless(exchange: Substitution, older: TextIndex, newer: TextIndex) -> NameChangeKind | None:
    """None if they cannot be names."""
    before, after = _folded(exchange.before), _folded(exchange.after)
    unspaced = is_unspaced(before) and is_unspaced(after)
    if max(len(exchange.before), len(exchange.after)) > (MAX_UNSPACED if unspaced else MAX_CASELESS):
        return None
    # one character is part of many words: 南 of 南京 counts only together with its neighbour
    behind = f" {exchange.following}" if unspaced and exchange.following else ""
    if newer.contains(before + behind) or older.contains(after + behind) or (not unspaced and _are_alike(exchange)):
        return None
    if _is_next_to_place(exchange, before, after):
        return "name"
    return None if before.startswith(_ARTICLE) and after.startswith(_ARTICLE) else "word"


def _is_next_to_place(exchange: Substitution, before: str, after: str) -> bool:
    preceding = exchange.preceding[-1] if exchange.preceding else ""
    return (
        preceding in _BEFORE_PLACE
        or exchange.following in _AFTER_PLACE
        or "".join(exchange.preceding[-MAX_UNSPACED:]).endswith(_BEFORE_PLACE_UNSPACED)
        or (before.startswith(_BEGINS_PLACE) and after.startswith(_BEGINS_PLACE))
        or any(before.endswith(ending) and after.endswith(ending) for ending in _ENDS_PLACE)
    )


def _is_caseless(word: str) -> bool:
    return not any(sign.isdigit() or (_has_case(sign) and not _GEORGIAN.match(sign)) for sign in word)


def _has_case(sign: str) -> bool:
    return sign.isupper() or sign.islower()


def _are_alike(exchange: Substitution) -> bool:
    """Whether both sides contain one name in two spellings, or one word in two cases."""
    return any(
        is_spelling(one.casefold(), other.casefold())
        for one in exchange.before
        for other in exchange.after
        if len(one) > 1 and len(other) > 1
    )


def is_spelling(one: str, other: str) -> bool:
    """Whether two lower-case words are spellings of one name: Kiev and Kyiv, Müller and Mueller, grammatical cases."""
    if one[0] == other[0] and abs(len(one) - len(other)) <= 1 and _consonants(one) == _consonants(other):
        return True
    return difflib.SequenceMatcher(a=one, b=other, autojunk=False).ratio() >= SPELLING_SIMILARITY


def _consonants(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", _VOWELS.sub("", word))


def _folded(side: Sequence[str]) -> str:
    return " ".join(word.casefold() for word in side)


def _joined(side: Sequence[str]) -> str:
    return ("" if all(map(is_unspaced, side)) else " ").join(side)
