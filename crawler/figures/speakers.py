"""Find who makes the claims of a sentence: "X said", "according to X", "X's estimate". Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.figures.claim import FigureSpeaker
from crawler.figures.speaker_names import normalized_name
from crawler.figures.tokens import FigureToken
from crawler.figures.vocabulary import FigureVocabulary

_LONGEST_NAME = 9
"""Tokens of a speaker's name; a longer one is a clause."""
_QUOTES = frozenset('"«»“”„‘’')
_BREAKS = frozenset(",;:—–()") | _QUOTES
_BEFORE_NAMES = frozenset(("from", "but", "by", "than"))
_DASHES = frozenset("—–-")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerMention:
    """A speaker with the place of the words that name it."""

    speaker: FigureSpeaker
    first: int
    last: int
    """Tokens of the cue."""


def find_speakers(
    sentence: str,
    tokens: Sequence[FigureToken],
    keys: Sequence[str],
    number_places: frozenset[int],
    words: FigureVocabulary,
    before: FigureSpeaker | None,
) -> list[SpeakerMention]:
    """The speakers of a sentence. `before`: the speaker of the sentence before, for "he said"."""
    found: list[SpeakerMention] = []
    named_until = 0
    for place in range(len(keys)):
        if place < named_until:
            continue
        for cue_length, first, last in _names_at(tokens, keys, place, number_places, words):
            speaker = _speaker(sentence, tokens, keys, first, last, place, cue_length, words, before)
            if speaker is not None:
                found.append(SpeakerMention(speaker=speaker, first=place, last=place + cue_length - 1))
                named_until = last
                break
    return found


def _names_at(
    tokens: Sequence[FigureToken],
    keys: Sequence[str],
    place: int,
    numbers: frozenset[int],
    words: FigureVocabulary,
) -> Iterator[tuple[int, int, int]]:
    """(tokens of the cue, first and end token of the name) of possible speakers at a place, the most likely first."""
    prefix = words.speech["prefixes"].at(keys, place)
    if prefix is not None:
        yield prefix[0], *_name_after(tokens, keys, place + prefix[0], numbers, words)
        return
    if place and tokens[place - 1].is_possessive and keys[place] in words.speech["nouns"]:
        yield 1, *_name_before(tokens, keys, place, numbers, words)
        return
    verb = words.speech["verbs"].at(keys, place)
    if words.speech["not_speech"].ending_at(keys, place + 1) is not None:
        return
    if verb is None or (place and keys[place - 1] in words.grammar["articles"]):
        return
    end = place + verb[0]
    if any(key in words.grammar["passive"] for key in keys[max(0, place - 2) : place]) and not words.inflects:
        if end < len(keys) and keys[end] == "by":
            yield verb[0], *_name_after(tokens, keys, end + 1, numbers, words)
        return
    left = _name_before(tokens, keys, place, numbers, words)
    right = _name_after(tokens, keys, end, numbers, words)
    if _is_inverted(tokens, keys, place, words):
        yield verb[0], *right
        yield verb[0], *left
    elif place and keys[place - 1] == ",":  # Umerov, the minister, said
        yield verb[0], *_before_apposition(tokens, keys, place - 1, numbers, words)
    else:
        yield verb[0], *left


def _is_inverted(tokens: Sequence[FigureToken], keys: Sequence[str], place: int, words: FigureVocabulary) -> bool:
    """Whether the subject follows the verb: `…," said X`; ", повідомив X"; "як сообщил X"."""
    if place + 1 >= len(keys):
        return False
    previous = keys[place - 1] if place else ","
    if previous in words.speech["invert"]:
        return True
    if previous not in _BREAKS and previous not in _DASHES:
        return False
    if words.inflects:
        return keys[place + 1] not in words.grammar["boundary"] or tokens[place + 1].text[0].isupper()
    return previous in _QUOTES or (
        keys[place + 1] not in words.grammar["end"]
        and tokens[place + 1].kind == "word"
        and tokens[place + 1].text[0].isupper()
    )


def _name_before(
    tokens: Sequence[FigureToken], keys: Sequence[str], end: int, numbers: frozenset[int], words: FigureVocabulary
) -> tuple[int, int]:
    """(first, end) tokens of the noun phrase that ends before a verb."""
    while end and tokens[end - 1].kind == "word" and keys[end - 1] in words.grammar["skip"]:
        end -= 1
    if end and keys[end - 1] in words.grammar["relative"]:
        end -= 1
        while end and keys[end - 1] == ",":
            end -= 1
    if end and tokens[end - 1].text in _QUOTES:
        end -= 1
        first = end
        while first and tokens[first - 1].text not in _QUOTES and end - first < _LONGEST_NAME:
            first -= 1
        if first and end - first < _LONGEST_NAME and tokens[first - 1].text not in ("»", "”"):
            start = _back(keys, first - 1, numbers, words)
            return min(start, first), end
        return end, end
    if end and keys[end - 1] == ")":
        opening = max((place for place in range(end) if keys[place] == "("), default=end)
        first = _back(keys, opening, numbers, words)
        return first, end
    return _back(keys, end, numbers, words), end


def _back(keys: Sequence[str], first: int, numbers: frozenset[int], words: FigureVocabulary) -> int:
    """Go back from a token to the beginning of its noun phrase."""
    end = first
    while first and end - first < _LONGEST_NAME:
        key = keys[first - 1]
        if key in _BREAKS or key in words.grammar["boundary"] or (first - 1) in numbers:
            break
        if key == "." and len(keys[first - 2]) > 2:
            break
        if (
            words.speech["verbs"].at(keys, first - 1) is not None
            and first < end  # the word before the verb is a noun: "official reports indicate"
            and not words.inflects
        ):
            break
        if key in _BEFORE_NAMES or (key in words.grammar["passive"] and not words.inflects):
            break
        first -= 1
    return first


def _before_apposition(
    tokens: Sequence[FigureToken], keys: Sequence[str], comma: int, numbers: frozenset[int], words: FigureVocabulary
) -> tuple[int, int]:
    opening = max((place for place in range(comma) if keys[place] == ","), default=-1)
    if opening <= 0:
        return comma, comma
    return _name_before(tokens, keys, opening, numbers, words)


def _name_after(
    tokens: Sequence[FigureToken], keys: Sequence[str], first: int, numbers: frozenset[int], words: FigureVocabulary
) -> tuple[int, int]:
    """(first, end) tokens of the noun phrase after a cue."""
    while (
        first < len(keys)
        and tokens[first].kind == "word"
        and (
            keys[first] in words.grammar["skip"]
            or (words.inflects and keys[first] in words.grammar["end"] and keys[first] in ("у", "в", "во"))
        )
    ):
        first += 1
    if first < len(keys) and tokens[first].text in _QUOTES:
        end = first + 1
        while end < len(keys) and tokens[end].text not in _QUOTES:
            end += 1
        return first + 1, end
    end = first
    while end < len(keys) and end - first < _LONGEST_NAME:
        key = keys[end]
        if key in _BREAKS and not (tokens[end].text in _QUOTES and end > first):
            break
        if key in _DASHES - {"-"} or (end > first and key in words.grammar["end"]) or end in numbers:
            break
        if end > first and key in words.grammar["boundary"] and key not in ("and", "і", "та", "и"):
            break
        if key == "." and len(keys[end - 1]) > 2:
            break
        if end > first and words.speech["verbs"].at(keys, end) is not None and key not in ("report", "claim"):
            break
        end += 1
    return first, end


def _speaker(
    sentence: str,
    tokens: Sequence[FigureToken],
    keys: Sequence[str],
    first: int,
    end: int,
    cue_place: int,
    cue_length: int,
    words: FigureVocabulary,
    before: FigureSpeaker | None,
) -> FigureSpeaker | None:
    """The speaker of a noun phrase; None if it is empty, a clause, or a pronoun without a speaker before it."""
    while first < end and (keys[first] in words.grammar["articles"] or tokens[first].kind == "sign"):
        first += 1
    while first < end and tokens[end - 1].kind == "sign" and keys[end - 1] != ")":
        end -= 1
    while first < end and keys[end - 1] in words.grammar["skip"]:
        end -= 1
    name = [key for key, token in zip(keys[first:end], tokens[first:end], strict=True) if token.kind == "word"]
    cue = sentence[tokens[cue_place].start : tokens[cue_place + cue_length - 1].end]
    if name and all(key in words.grammar["pronouns"] for key in name):
        if before is None or not _is_third_person(name[0]):
            return None
        return FigureSpeaker(written=before.written, normalized=before.normalized, span=None, cue=cue)
    if not name or any(key in words.grammar["pronouns"] for key in name) or end - first > _LONGEST_NAME:
        return None
    if name[-1] in words.speech["not_speakers"]:
        return None
    written = sentence[tokens[first].start : tokens[end - 1].end]
    if tokens[end - 1].is_possessive:
        written = written[:-2]
    return FigureSpeaker(
        written=written,
        normalized=normalized_name(written, words),
        span=(tokens[first].start, tokens[first].start + len(written)),
        cue=cue,
    )


def _is_third_person(key: str) -> bool:
    return key in ("he", "she", "they", "він", "вона", "вони", "он", "она", "они")
