"""Find who makes the claims of a sentence: "X said", "according to X", "X's estimate". Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.figures.claim import FigureSpeaker, Span
from crawler.figures.speaker_names import is_known_name, names_office, normalized_name
from crawler.figures.tokens import SentenceText

_LONGEST_NAME = 9
"""Tokens of a speaker's name; a longer one is a clause."""
_RELAYED = 30
"""Tokens by which a medium that relays a claim counts as further away, and the one whom it cites as nearer."""
_LONGEST_AFTER_DASH = _LONGEST_HEADLINE_NAME = 6
_QUOTES = frozenset('"«»“”„‘’')
_BREAKS = frozenset(",;:—–()") | _QUOTES
_BEFORE_NAMES = frozenset(("from", "but", "by", "than"))
_DASHES = frozenset("—–-")
_POSSESSIVES = frozenset(("його", "її", "їх", "їхній", "его", "ее", "их"))
"""Pronouns that may stand in a name: "глава її МЗС"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerMention:
    """A speaker with the place of the words that name it."""

    speaker: FigureSpeaker
    first: int
    last: int
    """Tokens of the cue."""


def find_speakers(
    text: SentenceText, number_places: frozenset[int], before: FigureSpeaker | None
) -> list[SpeakerMention]:
    """The speakers of a sentence. `before`: the speaker of the sentence before, for "he said"."""
    found: list[SpeakerMention] = []
    named_until = 0
    for place in range(len(text.keys)):
        if place < named_until:
            continue
        for cue_length, first, last in _names_at(text, place, number_places):
            speaker = _speaker(text, first, last, place, cue_length, before)
            if speaker is not None:
                found.append(SpeakerMention(speaker=speaker, first=place, last=place + cue_length - 1))
                named_until = last
                break
    return found or [*_before_colon(text, number_places, before), *_after_dash(text, number_places, before)]


def _before_colon(
    text: SentenceText, numbers: frozenset[int], before: FigureSpeaker | None
) -> Iterator[SpeakerMention]:
    """The speaker of a headline: "Генштаб: …". A name alone may be a place: it must be an office, a body or a known person."""
    colon = text.keys.index(":") if ":" in text.keys else 0
    if not 0 < colon <= _LONGEST_HEADLINE_NAME or any(place in numbers for place in range(colon)):
        return
    if names_office(text, 0, colon) or is_known_name(text.sentence[: text.tokens[colon].start]):
        speaker = _speaker(text, 0, colon, colon, 1, before)
        if speaker is not None:
            yield SpeakerMention(speaker=speaker, first=colon, last=colon)


def _after_dash(text: SentenceText, numbers: frozenset[int], before: FigureSpeaker | None) -> Iterator[SpeakerMention]:
    """The speaker whom a dash adds to a sentence: "Пошкоджено 18 будинків, — Лисак."."""
    dashes = [place for place, token in enumerate(text.tokens) if token.text in ("—", "–")]
    if not dashes:
        return
    first, end = dashes[-1] + 1, len(text.keys) - (text.keys[-1] == ".")
    if not 0 < end - first <= _LONGEST_AFTER_DASH:
        return
    is_name = text.words.inflects and text.tokens[first].text[0].isupper()
    if not (is_name or names_office(text, first, end)) or any(
        place in numbers or text.keys[place] in text.words.outcomes for place in range(first, end)
    ):
        return
    speaker = _speaker(text, first, end, dashes[-1], 1, before)
    if speaker is not None:
        yield SpeakerMention(speaker=speaker, first=dashes[-1], last=dashes[-1])


def _names_at(text: SentenceText, place: int, numbers: frozenset[int]) -> Iterator[tuple[int, int, int]]:
    """(tokens of the cue, first and end token of the name) of possible speakers at a place, the most likely first."""
    prefix = text.words.speech["prefixes"].at(text.keys, place)
    if prefix is not None:
        yield prefix[0], *_name_after(text, place + prefix[0], numbers)
        return
    if place and text.tokens[place - 1].is_possessive and text.keys[place] in text.words.speech["nouns"]:
        yield 1, *_name_before(text, place, numbers)
        return
    verb = text.words.speech["verbs"].at(text.keys, place)
    if text.words.speech["not_speech"].ending_at(text.keys, place + 1) is not None:
        return
    if verb is None or (place and text.keys[place - 1] in text.words.grammar["articles"]):
        return
    if "to" in text.keys[max(0, place - 2) : place] and not text.words.inflects:  # "a decision to publicly acknowledge"
        return
    end = place + verb[0]
    if (
        any(key in text.words.grammar["passive"] for key in text.keys[max(0, place - 2) : place])
        and not text.words.inflects
    ):
        if end < len(text.keys) and text.keys[end] == "by":
            yield verb[0], *_name_after(text, end + 1, numbers)
        return
    left = _name_before(text, place, numbers)
    right = _name_after(text, end, numbers)
    if _is_inverted(text, place):
        yield verb[0], *right
        yield verb[0], *left
    elif place and text.keys[place - 1] == ",":  # Umerov, the minister, said
        yield verb[0], *_before_apposition(text, place - 1, numbers)
    else:
        yield verb[0], *left


def _is_inverted(text: SentenceText, place: int) -> bool:
    """Whether the subject follows the verb: `…," said X`; ", повідомив X"; "як сообщил X"."""
    if place + 1 >= len(text.keys):
        return False
    previous = text.keys[place - 1] if place else ","
    if previous in text.words.speech["invert"]:
        return True
    if previous not in _BREAKS and previous not in _DASHES:
        return False
    if text.words.inflects:
        return text.keys[place + 1] not in text.words.grammar["boundary"] or text.tokens[place + 1].text[0].isupper()
    return previous in _QUOTES or (
        text.keys[place + 1] not in text.words.grammar["end"]
        and text.tokens[place + 1].kind == "word"
        and text.tokens[place + 1].text[0].isupper()
    )


def _name_before(text: SentenceText, end: int, numbers: frozenset[int]) -> tuple[int, int]:
    """(first, end) tokens of the noun phrase that ends before a verb."""
    while end and text.tokens[end - 1].kind == "word" and text.keys[end - 1] in text.words.grammar["skip"]:
        end -= 1
    if end and text.keys[end - 1] in text.words.grammar["relative"]:
        end -= 1
        while end and text.keys[end - 1] == ",":
            end -= 1
    if end and text.tokens[end - 1].text in _QUOTES:
        end -= 1
        first = end
        while first and text.tokens[first - 1].text not in _QUOTES and end - first < _LONGEST_NAME:
            first -= 1
        if first and end - first < _LONGEST_NAME and text.tokens[first - 1].text not in ("»", "”"):
            start = _back(text, first - 1, numbers)
            return min(start, first), end
        return end, end
    if end and text.keys[end - 1] == ")":
        opening = max((place for place in range(end) if text.keys[place] == "("), default=end)
        first = _back(text, opening, numbers)
        return first, end
    return _back(text, end, numbers), end


def _back(text: SentenceText, first: int, numbers: frozenset[int]) -> int:
    """Go back from a token to the beginning of its noun phrase."""
    end = first
    while first and end - first < _LONGEST_NAME:
        key = text.keys[first - 1]
        if key in _BREAKS or key in text.words.grammar["boundary"] or (first - 1) in numbers:
            break
        if key == "." and len(text.keys[first - 2]) > 2:
            break
        if (
            text.words.speech["verbs"].at(text.keys, first - 1) is not None
            and first < end  # the word before the verb is a noun: "official reports indicate"
            and not text.words.inflects
        ):
            break
        if key in _BEFORE_NAMES or (key in text.words.grammar["passive"] and not text.words.inflects):
            break
        first -= 1
    return first


def _before_apposition(text: SentenceText, comma: int, numbers: frozenset[int]) -> tuple[int, int]:
    opening = max((place for place in range(comma) if text.keys[place] == ","), default=-1)
    if opening <= 0:
        return comma, comma
    if all(token.kind == "word" and token.text[0].isupper() for token in text.tokens[opening + 1 : comma]):
        return opening + 1, comma  # the village head, Olena Kovalchuk, said
    return _name_before(text, opening, numbers)


def _name_after(text: SentenceText, first: int, numbers: frozenset[int]) -> tuple[int, int]:
    """(first, end) tokens of the noun phrase after a cue."""
    if first < len(text.keys) and text.keys[first] == "one":  # "in the words of one officer"
        first += 1
    while (
        first < len(text.keys)
        and text.tokens[first].kind == "word"
        and (
            text.keys[first] in text.words.grammar["skip"]
            or (
                text.words.inflects
                and text.keys[first] in text.words.grammar["end"]
                and text.keys[first] in ("у", "в", "во")
            )
        )
    ):
        first += 1
    if first < len(text.keys) and text.tokens[first].text in _QUOTES:
        end = first + 1
        while end < len(text.keys) and text.tokens[end].text not in _QUOTES:
            end += 1
        return first + 1, end
    end = first
    while end < len(text.keys) and end - first < _LONGEST_NAME:
        key = text.keys[end]
        if key in _BREAKS and not (text.tokens[end].text in _QUOTES and end > first):
            break
        if key in _DASHES - {"-"} or (end > first and key in text.words.grammar["end"]) or end in numbers:
            break
        if end > first and key in text.words.grammar["boundary"] and key not in ("and", "і", "та", "и"):
            break
        if key == "." and len(text.keys[end - 1]) > 2:
            break
        if end > first and text.words.speech["verbs"].at(text.keys, end) is not None and key not in ("report", "claim"):
            break
        if end > first and text.words.speech["prefixes"].at(text.keys, end) is not None:
            break
        end += 1
    return first, end


def _speaker(
    text: SentenceText, first: int, end: int, cue_place: int, cue_length: int, before: FigureSpeaker | None
) -> FigureSpeaker | None:
    """The speaker of a noun phrase; None if it is empty, a clause, or a pronoun without a speaker before it."""
    while first < end and (text.keys[first] in text.words.grammar["articles"] or text.tokens[first].kind == "sign"):
        first += 1
    while first < end and text.tokens[end - 1].kind == "sign" and text.keys[end - 1] != ")":
        end -= 1
    while first < end and text.keys[end - 1] in text.words.grammar["skip"]:
        end -= 1
    name = [
        key for key, token in zip(text.keys[first:end], text.tokens[first:end], strict=True) if token.kind == "word"
    ]
    cue = text.sentence[text.tokens[cue_place].start : text.tokens[cue_place + cue_length - 1].end]
    if name and all(key in text.words.grammar["pronouns"] for key in name):
        if before is None or not _is_third_person(name[0]):
            return None
        return FigureSpeaker(written=before.written, normalized=before.normalized, span=None, cue=cue)
    clause = any(key in text.words.grammar["pronouns"] and key not in _POSSESSIVES for key in name)
    if not name or clause or end - first > _LONGEST_NAME:
        return None
    if name[-1] in text.words.speech["not_speakers"]:
        return None
    written = text.sentence[text.tokens[first].start : text.tokens[end - 1].end]
    if text.tokens[end - 1].is_possessive:
        written = written[:-2]
    return FigureSpeaker(
        written=written,
        normalized=normalized_name(written, text.words),
        span=(text.tokens[first].start, text.tokens[first].start + len(written)),
        cue=cue,
    )


def _is_third_person(key: str) -> bool:
    return key in ("he", "she", "they", "він", "вона", "вони", "он", "она", "они")


def speaker_of(text: SentenceText, first: int, last: int, speakers: Sequence[SpeakerMention]) -> FigureSpeaker | None:
    """The nearest speaker of the number in these tokens; one in the same clause first, a medium that only relays a claim last."""
    if not speakers:
        return None

    def distance(mention: SpeakerMention) -> int:
        low, high = (mention.last, first) if mention.last < first else (last, mention.first)
        relayed = _RELAYED if text.keys[mention.first] in text.words.speech["relays"] else 0
        if text.words.speech["sources"].at(text.keys, mention.first) is not None:
            relayed = -_RELAYED
        splits = sum(key in text.words.grammar["split"] or key == ";" for key in text.keys[low:high])
        return abs(high - low) + relayed + 20 * splits

    return min(speakers, key=distance).speaker


def names_speaker(span: Span, speakers: Sequence[SpeakerMention]) -> bool:
    """Whether a part of the sentence belongs to the name of a speaker: "US officials"."""
    names = [mention.speaker.span for mention in speakers]
    return any(name is not None and name[0] <= span[0] and span[1] <= name[1] for name in names)
