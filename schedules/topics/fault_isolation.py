"""Match topics so that a failure of one pattern on one text does not stop the others.

In practice only a user's regular expression fails: it takes more than two seconds and its child process is killed. The
failing pair is found by halving. Each pair is tried once, and a pattern that fails on several texts in a row is skipped
for the rest of the run, so a bad pattern costs seconds however many texts wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

from crawler.archive.topics.match_retries import MatchFailure
from crawler.archive.topics.revision_texts import Revision
from crawler.archive.topics.versions import ActiveTopic
from crawler.exceptions import WorkerError
from crawler.topics.match import Match, MatchableText
from crawler.topics.matcher import PatternCheck, match

MAX_CONSECUTIVE_FAILURES = 3
"""Failures in a row, two seconds each, after which a pattern is skipped."""

FoundMatches = dict[tuple[str, int], Match]
_Item = TypeVar("_Item")


class PatternSkippedError(WorkerError):
    """A pattern was skipped after consecutive failures. Raised by the check that `with_circuit_breaker` returns."""


def with_circuit_breaker(check: PatternCheck) -> PatternCheck:
    """Return a check that never repeats a failed pair, and skips a pattern after MAX_CONSECUTIVE_FAILURES."""
    failed: dict[tuple[str, str], str] = {}
    consecutive: Counter[str] = Counter()

    def guarded(pattern: str, text: str) -> bool:
        if (pattern, text) in failed:
            raise WorkerError("pattern", failed[pattern, text])
        if consecutive[pattern] >= MAX_CONSECUTIVE_FAILURES:
            raise PatternSkippedError("pattern", f"skipped: it failed on {MAX_CONSECUTIVE_FAILURES} texts in a row")
        try:
            found = check(pattern, text)
        except WorkerError as error:
            failed[pattern, text] = error.reason
            consecutive[pattern] += 1
            raise
        consecutive[pattern] = 0
        return found

    return guarded


def match_isolating_failures(
    group: Sequence[ActiveTopic],
    revisions: Sequence[Revision],
    texts: Mapping[int, MatchableText],
    found_by_pattern: PatternCheck,
) -> tuple[FoundMatches, list[MatchFailure]]:
    """The matches in the revisions and in those before them, and the pairs that could not be matched."""
    ids = [number for revision in revisions for number in (revision.previous_id, revision.id) if number is not None]
    try:
        to_match = [texts[number] for number in dict.fromkeys(ids)]
        return match([one.topic for one in group], to_match, found_by_pattern=found_by_pattern), []
    except Exception as error:
        if len(group) > 1:
            halves = [(half, revisions) for half in _halves(group)]
        elif len(revisions) > 1:
            halves = [(group, half) for half in _halves(revisions)]
        else:
            return {}, [_failure(group[0], revisions[0], error)]
    found: FoundMatches = {}
    failures: list[MatchFailure] = []
    for half_group, half_revisions in halves:
        more, failed = match_isolating_failures(half_group, half_revisions, texts, found_by_pattern)
        found |= more
        failures += failed
    return found, failures


def _halves(items: Sequence[_Item]) -> tuple[Sequence[_Item], Sequence[_Item]]:
    middle = len(items) // 2
    return items[:middle], items[middle:]


def _failure(one: ActiveTopic, revision: Revision, error: Exception) -> MatchFailure:
    return MatchFailure(
        version_id=one.version_id,
        topic=one.topic.id,
        revision_id=revision.id,
        error=str(error).splitlines()[0] if str(error) else type(error).__name__,
        was_tried=not isinstance(error, PatternSkippedError),
    )
