"""Compare two texts: paragraph by paragraph, with removed and added words marked. Pure.

The cost is bounded: paragraphs that cannot be compared in time are shown whole, removed and added, with
`ParagraphChange.is_coarse`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from crawler.text.tokenizer import SEPARATOR, segment

DiffKind = Literal["same", "added", "removed", "changed"]
SIMILAR_PARAGRAPH = 0.5
"""Share of common words from which a paragraph is an edit of another one."""
MAX_PAIRS = 4_000
"""Paragraphs before times paragraphs after that are compared with each other: 60 rewritten ones take 0.3 s."""
MAX_COMPARED_TOKENS = 1_000
"""Words and spaces that are compared in one go: 0.3 s, growing with the square."""
MAX_WORK = 4_000_000
"""Pairs of equal elements that difflib is given in one call of `diff_paragraphs`: at most 3 s for hostile texts."""
_TOKEN = re.compile(r"\s+|\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W_]+)*|[\W_]")
"""White space, a number with its separators, a word, or one other character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSpan:
    """Consecutive words that were kept, added or removed."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphChange:
    """A paragraph before and after, each as spans; empty if there was none."""

    kind: DiffKind
    before: tuple[DiffSpan, ...] = ()
    after: tuple[DiffSpan, ...] = ()
    inline: tuple[DiffSpan, ...]
    """Both in one, removed words before added ones."""
    is_coarse: bool = False
    """Too long to compare word by word: removed and added text may contain words that did not change."""

    @property
    def before_text(self) -> str:
        return "".join(span.text for span in self.before)

    @property
    def after_text(self) -> str:
        return "".join(span.text for span in self.after)


def text_paragraphs(text: str) -> list[str]:
    return [paragraph for paragraph in text.split("\n\n") if paragraph]


class _Work:
    """What is left of MAX_WORK."""

    def __init__(self) -> None:
        self.left = MAX_WORK

    def matcher(self, old: Sequence[str], new: Sequence[str]) -> SequenceMatcher[str] | None:
        """None if comparing these would take too long. difflib visits each pair of equal elements several times."""
        counts = Counter(old)
        self.left -= sum(counts[element] for element in new)
        return SequenceMatcher(a=old, b=new, autojunk=False) if self.left > 0 else None


def diff_paragraphs(before: Sequence[str], after: Sequence[str]) -> tuple[ParagraphChange, ...]:
    """ParagraphChanges in the order of `after`. Scripts without spaces are compared by characters."""
    old, new = [text for text in before if text], [text for text in after if text]
    head, tail = _common_ends(old, new)
    inner = _inner(_Work(), old[head : len(old) - tail], new[head : len(new) - tail])
    return (*_same(new[:head]), *inner, *_same(new[len(new) - tail :]))


def _common_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many elements are equal at the beginning, and how many of the others at the end."""
    shorter = min(len(old), len(new))
    head = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    tail = next((n for n in range(shorter - head) if old[-1 - n] != new[-1 - n]), shorter - head)
    return head, tail


def _inner(work: _Work, old: Sequence[str], new: Sequence[str]) -> Iterator[ParagraphChange]:
    matcher = work.matcher(old, new)
    if matcher is None:
        yield from _coarse(old, new)
        return
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        yield from _same(new[j1:j2]) if tag == "equal" else _replaced(work, old[i1:i2], new[j1:j2])


def _same(texts: Sequence[str]) -> Iterator[ParagraphChange]:
    for text in texts:
        span = (DiffSpan(kind="same", text=text),)
        yield ParagraphChange(kind="same", before=span, after=span, inline=span)


def _coarse(old: Sequence[str], new: Sequence[str]) -> Iterator[ParagraphChange]:
    coarse = bool(old) and bool(new)
    for text in old:
        span = (DiffSpan(kind="removed", text=text),)
        yield ParagraphChange(kind="removed", before=span, inline=span, is_coarse=coarse)
    for text in new:
        span = (DiffSpan(kind="added", text=text),)
        yield ParagraphChange(kind="added", after=span, inline=span, is_coarse=coarse)


def _replaced(work: _Work, old: Sequence[str], new: Sequence[str]) -> Iterator[ParagraphChange]:
    """Similar paragraphs are paired in order; the others were removed or added."""
    if len(old) * len(new) > MAX_PAIRS:
        yield from _coarse(old, new)
        return
    left = list(old)
    for text in new:
        partner = next((number for number, one in enumerate(left) if _is_similar(work, one, text)), None)
        if partner is None:
            yield from _coarse([], [text])
        else:
            yield from _coarse(left[:partner], [])
            yield _changed(work, left[partner], text)
            left = left[partner + 1 :]
    yield from _coarse(left, [])


@lru_cache(maxsize=512)
def _tokens(text: str) -> tuple[str, ...]:
    """The words and the characters between them; in scripts without spaces, each character."""
    if SEPARATOR in text:  # as published: it is kept
        return tuple(_TOKEN.findall(text))
    return tuple(token for part in segment(text).split(SEPARATOR) for token in _TOKEN.findall(part))


def _is_similar(work: _Work, before: str, after: str) -> bool:
    """Whether one is an edit of the other: enough words in common, in the same order."""
    old, new = _words(before), _words(after)
    needed = SIMILAR_PARAGRAPH * (len(old) + len(new))
    head, tail = _common_ends(old, new)
    needed -= 2 * (head + tail)
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    size = len(old) + len(new)
    if size > MAX_COMPARED_TOKENS or needed <= 0:
        return needed <= 0
    common = (Counter(old) & Counter(new)).total()
    if 2 * common < needed:
        return False
    matcher = work.matcher(old, new)
    return matcher is not None and matcher.ratio() * size >= needed


def _words(text: str) -> list[str]:
    return [token for token in _tokens(text) if not token.isspace()]


def _changed(work: _Work, before: str, after: str) -> ParagraphChange:
    old, new = _tokens(before), _tokens(after)
    head, tail = _common_ends(old, new)
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    short = max(len(inner_old), len(inner_new)) <= MAX_COMPARED_TOKENS
    matcher = work.matcher(inner_old, inner_new) if short else None
    spans = [_span("same", new[:head])]
    if matcher is None:
        spans += [_span("removed", inner_old), _span("added", inner_new)]
    else:
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag == "equal":
                spans.append(_span("same", inner_new[j1:j2]))
            else:
                spans += [_span("removed", inner_old[i1:i2]), _span("added", inner_new[j1:j2])]
    spans.append(_span("same", new[len(new) - tail :]))
    spans = [span for span in spans if span.text]
    return ParagraphChange(
        kind="changed",
        before=_joined([span for span in spans if span.kind != "added"]),
        after=_joined([span for span in spans if span.kind != "removed"]),
        inline=_joined(spans),
        is_coarse=matcher is None,
    )


def _span(kind: Literal["same", "added", "removed"], tokens: Sequence[str]) -> DiffSpan:
    return DiffSpan(kind=kind, text="".join(tokens))


def _joined(spans: Sequence[DiffSpan]) -> tuple[DiffSpan, ...]:
    """Neighbours of one kind as one span; a single space between changed words belongs to the change."""
    joined: list[DiffSpan] = []
    for number, span in enumerate(spans):
        kind = span.kind
        last = joined[-1] if joined else None
        following = spans[number + 1] if number + 1 < len(spans) else None
        if span.text == " " and last is not None and following is not None and last.kind == following.kind != "same":
            kind = last.kind
        if last is not None and last.kind == kind:
            joined[-1] = DiffSpan(kind=kind, text=last.text + span.text)
        else:
            joined.append(DiffSpan(kind=kind, text=span.text))
    return tuple(joined)
