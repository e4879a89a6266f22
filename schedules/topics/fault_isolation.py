"""Matching that one text or one topic cannot hold up: what raises is found by halving, and told by itself.

What raises in practice is a user's regular expression that takes too long: two seconds, and the child is killed. So each
is asked once, and one that failed over several texts in a row is asked no more in this run: a topic costs the others
seconds, however many texts wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from crawler.archive.topics.match_retries import Failure
from crawler.archive.topics.revision_texts import Revision
from crawler.archive.topics.versions import ActiveTopic
from crawler.exceptions import WorkerError
from crawler.topics.match import Match, MatchableText
from crawler.topics.matcher import PatternCheck, match

IN_A_ROW = 3
"""Texts after which a pattern is left alone; at two seconds each."""

FoundMatches = dict[tuple[str, int], Match]


class UntriedError(WorkerError):
    """A pattern was not tried, as it took too long over the texts before. Raised by what `patient` gives back."""


def with_circuit_breaker(check: PatternCheck) -> PatternCheck:
    """The same check, which asks nothing twice that failed, and leaves a pattern alone that failed IN_A_ROW times."""
    failed: dict[tuple[str, str], str] = {}
    in_a_row: Counter[str] = Counter()

    def ask(pattern: str, text: str) -> bool:
        if (pattern, text) in failed:
            raise WorkerError("pattern", failed[pattern, text])
        if in_a_row[pattern] >= IN_A_ROW:
            raise UntriedError("pattern", f"not tried: it failed on {IN_A_ROW} texts in a row")
        try:
            found = check(pattern, text)
        except WorkerError as error:
            failed[pattern, text] = error.reason
            in_a_row[pattern] += 1
            raise
        in_a_row[pattern] = 0
        return found

    return ask


def match_isolating_failures(
    group: Sequence[ActiveTopic],
    revisions: Sequence[Revision],
    texts: Mapping[int, MatchableText],
    found_by_pattern: PatternCheck,
) -> tuple[FoundMatches, list[Failure]]:
    """Every match of the revisions and of those that they followed, and what could not be matched."""
    relevant = [
        number for revision in revisions for number in (revision.previous_id, revision.id) if number is not None
    ]
    try:
        of_them = [texts[number] for number in dict.fromkeys(relevant)]
        return match([one.topic for one in group], of_them, found_by_pattern=found_by_pattern), []
    except Exception as error:
        if len(group) > 1:
            halves = [(half, revisions) for half in _halves(group)]
        elif len(revisions) > 1:
            halves = [(group, half) for half in _halves(revisions)]
        else:
            return {}, [_failure(group[0], revisions[0], error)]
    found: FoundMatches = {}
    failures: list[Failure] = []
    for some, of_these in halves:
        more, failed = match_isolating_failures(some, of_these, texts, found_by_pattern)
        found |= more
        failures += failed
    return found, failures


def _halves(of: Sequence) -> tuple[Sequence, Sequence]:  # type: ignore[type-arg]  # of whatever it is given
    middle = len(of) // 2
    return of[:middle], of[middle:]


def _failure(one: ActiveTopic, revision: Revision, error: Exception) -> Failure:
    return Failure(
        version_id=one.version_id,
        topic=one.topic.id,
        revision_id=revision.id,
        error=str(error).splitlines()[0] if str(error) else type(error).__name__,
        was_tried=not isinstance(error, UntriedError),
    )
