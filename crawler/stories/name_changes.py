"""Whether two texts in like words tell of two places or people: "Odesa came under attack", "Kharkiv came under attack".

Pure. A name is known by what is written: a capital letter that is not there because a sentence or a German noun begins, a
word for a kind of place beside it, or both headlines. Scripts without capitals have only the latter two.
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
"""Words that stand in a name's place, as in "the northern town of Amity"; more is a sentence told in other words."""
MAX_CASELESS, MAX_UNSPACED = 3, 8
"""The same without capitals, in words and in characters."""
EARLY, EARLY_UNSPACED = 14, 36
"""Words, or characters, at the beginning of a text in which stands what it is about. In 60 templates of 18 languages
it is among the first 12; what Reuters exchanged in capitals and was no name begins at the 16th ("sales", "note", "per")."""
FIRST, FIRST_UNSPACED = 2, 4
"""The same for a word of which nothing says that it is a name."""
SPELLING_SIMILARITY = 0.88
"""Share of letters in common from which two words are one name, misspelled: Zaporizhia. Austria and Australia have 0.875."""

_GEORGIAN = re.compile(r"[\u10d0-\u10ff]")
"""It has capitals in Unicode and none in a newspaper."""
_VOWELS = re.compile(r"[aeiouyáàâãäéèêëíîïóôõöúûüąęаеєиіїоуюяёэыйь]")
_GERMAN = frozenset("der die das den dem des und ein eine einer einem wurde ist nicht auf sich".split())
_GERMAN_BEFORE_NAME = frozenset("in aus bei nahe nach von gegen um für".split())
"""Without an article: "in Velden", but "in der Nacht"."""
_BEFORE_PLACE = frozenset(
    "مدينة بمدينة محافظة بمحافظة بلدة ببلدة قرية بقرية ولاية بولاية منطقة بمنطقة مخيم ريف بريف حي في وسط قرب شمال جنوب شرق"
    " غرب شهر استان شهرستان روستای در העיר בעיר ביישוב בקיבוץ במושב שכונת ქალაქ शहर जिला".split()
)
"""City, province, town, village, quarter, camp, in, near: Arabic, Persian, Hebrew, Georgian, Hindi."""
_BEFORE_PLACE_UNSPACED = tuple(unicodedata.normalize("NFKC", word) for word in "在 จังหวัด เมือง อำเภอ ตำบล".split())
_AFTER_PLACE = frozenset("市 省 县 縣 区 區 州 镇 鎮 村 町 県 郡 で में शहर जिले".split())
_BEGINS_PLACE = "ב"
_ARTICLE = "ال"
"""Arabic: most nouns have it and few names."""
_ENDS_PLACE = ("에서", "시", "군", "의", "ში")


class TextIndex:
    """One text, with what is asked of it as a whole."""

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
        """In words; a word of a script without spaces has two characters."""
        unspaced = sum(map(is_unspaced, self._written))
        return len(self._written) - unspaced // 2

    @cached_property
    def words(self) -> frozenset[str]:
        """In lower case."""
        return frozenset(self._folded.split())

    @cached_property
    def ordinary(self) -> frozenset[str]:
        """What it writes with a small letter somewhere."""
        return frozenset(word for word in (*self._written, *substitution_tokens(self._title)) if word[0].islower())

    @cached_property
    def is_german(self) -> bool:
        """Whether nouns have capitals."""
        return len(self.words & _GERMAN) >= 3

    @cached_property
    def _headline(self) -> str:
        return " ".join(word.casefold() for word in substitution_tokens(self._title))

    def says(self, words: str) -> bool:
        """Whether these words, in lower case, stand in the text."""
        return f" {words} " in f" {self._folded} "

    def is_titled(self, words: str) -> bool:
        """The same of the headline."""
        return f" {words} " in f" {self._headline} "


NameChangeKind = Literal["name", "first word", "word"]
"""name: something says so; first word: its capital may be the sentence's; word: nothing says so but its place."""
CERTAIN_FIRST: tuple[NameChangeKind, ...] = get_args(NameChangeKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameChange:
    """What stands in each other's place where the texts say what they are about."""

    before: str
    after: str
    kind: NameChangeKind


def name_change(exchange: Substitution, older: TextIndex, newer: TextIndex, *, begins: bool) -> NameChange | None:
    """The names that were exchanged for one another; `begins`: in the first sentence."""
    before, after = _folded(exchange.before), _folded(exchange.after)
    if not before or not after:
        return None
    is_caseless = all(map(_is_caseless, (*exchange.before, *exchange.after)))
    kind = (_caseless if is_caseless else _cased)(exchange, older, newer)
    if kind is None:
        return None
    if _are_in_headlines(before, after, older, newer):
        kind = "name"
    elif not begins or len(exchange.preceding) >= _reach(before, kind):
        return None
    return NameChange(before=_shown(exchange.before), after=_shown(exchange.after), kind=kind)


def _are_in_headlines(before: str, after: str, older: TextIndex, newer: TextIndex) -> bool:
    """Whether each headline has its own text's and not the other's."""
    return (
        older.is_titled(before) and newer.is_titled(after) and not (older.is_titled(after) or newer.is_titled(before))
    )


def _reach(words: str, kind: NameChangeKind) -> int:
    """Words from the beginning of the text within which a name is that of what the text is about."""
    if kind == "word":
        return FIRST_UNSPACED if is_unspaced(words) else FIRST
    return EARLY_UNSPACED if is_unspaced(words) else EARLY


def _cased(exchange: Substitution, older: TextIndex, newer: TextIndex) -> NameChangeKind | None:
    """None where one side is no name."""
    if max(len(exchange.before), len(exchange.after)) > MAX_NAME_WORDS or _are_alike(exchange):
        return None
    # "Moscow's forces", "Russian troops": words beside the names on either side are one thing told in two ways
    if all(any(word[0].islower() for word in side) for side in (exchange.before, exchange.after)):
        return None
    # "the town of Amity" is a name, "the Amity government" and "the island's second city" stand for one
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
    """None where they can be no names."""
    before, after = _folded(exchange.before), _folded(exchange.after)
    unspaced = is_unspaced(before) and is_unspaced(after)
    if max(len(exchange.before), len(exchange.after)) > (MAX_UNSPACED if unspaced else MAX_CASELESS):
        return None
    # one character is in many words: 南 of 南京 counts as said only with its neighbour
    behind = f" {exchange.following}" if unspaced and exchange.following else ""
    if newer.says(before + behind) or older.says(after + behind) or (not unspaced and _are_alike(exchange)):
        return None
    if _is_beside_place(exchange, before, after):
        return "name"
    return None if before.startswith(_ARTICLE) and after.startswith(_ARTICLE) else "word"


def _is_beside_place(exchange: Substitution, before: str, after: str) -> bool:
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
    """Whether they hold one name in two spellings, or one word in two cases."""
    return any(
        is_spelling(one.casefold(), other.casefold())
        for one in exchange.before
        for other in exchange.after
        if len(one) > 1 and len(other) > 1
    )


def is_spelling(one: str, other: str) -> bool:
    """Whether two words in lower case are one name: Kiev and Kyiv, Müller and Mueller, and cases."""
    if one[0] == other[0] and abs(len(one) - len(other)) <= 1 and _consonants(one) == _consonants(other):
        return True
    return difflib.SequenceMatcher(a=one, b=other, autojunk=False).ratio() >= SPELLING_SIMILARITY


def _consonants(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", _VOWELS.sub("", word))


def _folded(side: Sequence[str]) -> str:
    return " ".join(word.casefold() for word in side)


def _shown(side: Sequence[str]) -> str:
    return ("" if all(map(is_unspaced, side)) else " ").join(side)
