"""The sentences of an entry: what its alerts found, as it reads in the last of their texts, and what became of the rest. Pure.

A reader is told the difference between the text that the first alert tells or follows and the last text. What lay between,
reworded before anybody was told, is no news; where the first wording came back, nothing has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crawler.archive.topics.alerts import Alert, AlertSentence
from crawler.topics.match import key_of
from schedules.formatting.highlight import HighlightedSentence

EDITS = frozenset({"edited", "removed"})
"""Kinds of alerts that tell what an edit did; of a new article all sentences are just there."""


@dataclass(slots=True)
class _ReportedSentence:
    """A sentence as the alerts told it, up to the last one."""

    text: str
    column: str
    spans: set[tuple[int, int]] = field(default_factory=set)
    place: int = 0
    was_removed: bool = False


def sentences_of(
    group: Sequence[Alert],
    article_id: int,
    *,
    is_new: bool,
    places: Mapping[tuple[int, str], int],
    keys: Mapping[int, frozenset[str]],
) -> tuple[HighlightedSentence, ...]:
    """The sentences of one story's alerts, the entry's own article first; each sentence once.

    `is_new`: the entry tells of its article for the first time. `places`: where a sentence stands in its revision. `keys`:
    the keys of all sentences of a revision; of an article told in one text alone, its alerts say what stands there.
    """
    by_article: dict[int, list[Alert]] = {article_id: []}
    for alert in sorted(group, key=lambda alert: (alert.revision_id, alert.id)):
        by_article.setdefault(alert.article_id, []).append(alert)
    own, *others = by_article.values()
    shown = _History(own, is_new=is_new, places=places, keys=keys).sentences(None)
    if others:
        there = {(one.field == "title", key_of(one.text)) for one in shown}
        for alerts in others:
            found = _History(alerts, is_new=False, places=places, keys=keys).sentences(alerts[0].source_name)
            shown += [
                one
                for one in found
                if one.change != "unchanged" or (one.field == "title", key_of(one.text)) not in there
            ]
    return tuple(dict.fromkeys(shown))


class _History:
    """What the alerts of one article tell, by the sentences' keys; alerts in the order of their texts."""

    def __init__(
        self,
        alerts: Sequence[Alert],
        *,
        is_new: bool,
        places: Mapping[tuple[int, str], int],
        keys: Mapping[int, frozenset[str]],
    ) -> None:
        self.begins_with_edit = alerts[0].kind in EDITS
        self.reported: dict[tuple[bool, str], _ReportedSentence] = {}
        self.first: dict[str, str] = {}
        """By key, the first wording."""
        self.was_before: dict[str, bool] = {}
        """Whether it stood in the text with which the alerts begin."""
        self.came_from: dict[str, str] = {}
        """Key of what an edit made a sentence from."""
        last = alerts[-1].revision_id
        self.now = set(keys.get(last, ()))
        """What stands in the last text."""
        for alert in alerts:
            for sentence in alert.sentences:
                key = key_of(sentence.text)
                if alert.revision_id == last and sentence.change != "removed":
                    self.now.add(key)
                self._note(alert, sentence, key, is_new, places)

    def _note(
        self, alert: Alert, sentence: AlertSentence, key: str, is_new: bool, places: Mapping[tuple[int, str], int]
    ) -> None:
        by_edit = alert.kind in EDITS
        self._meet(key, sentence.text, was_before=not (by_edit and sentence.change == "added"))
        if by_edit and sentence.replaces is not None:
            self.came_from[key] = key_of(sentence.replaces)
            self._meet(self.came_from[key], sentence.replaces, was_before=True)
        if sentence.change == "unchanged" and alert.kind != "new" and not is_new:
            return  # told already, or the story had it
        name = (sentence.field == "title", key)
        reported = self.reported.get(name)
        if reported is None or reported.text != sentence.text:
            reported = self.reported[name] = _ReportedSentence(sentence.text, sentence.field)
        reported.spans.update(sentence.spans)
        reported.place = places.get((alert.revision_id, sentence.text), 0)
        reported.was_removed = sentence.change == "removed"

    def _meet(self, key: str, text: str, *, was_before: bool) -> None:
        self.first.setdefault(key, text)
        self.was_before.setdefault(key, was_before)

    def sentences(self, outlet: str | None) -> list[HighlightedSentence]:
        """As they stand in the text; of an edit only what it changed, unless in the end that is nothing."""
        in_order = sorted(self.reported.items(), key=lambda item: item[1].place)
        found = [one for name, reported in in_order for one in self._shown(name, reported, outlet)]
        replaced = {key_of(one.replaces) for one in found if one.replaces is not None}
        found = [one for one in found if one.change != "removed" or key_of(one.text) not in replaced]
        news = [one for one in found if one.change != "unchanged"]
        return news if news and self.begins_with_edit else found

    def _shown(
        self, name: tuple[bool, str], reported: _ReportedSentence, outlet: str | None
    ) -> Iterator[HighlightedSentence]:
        is_title, key = name
        origin = self._origin(key)
        if key in self.now:
            is_added = not self.was_before[key]
            is_reworded = is_added and origin is not None and origin not in self.now
            yield HighlightedSentence(
                text=reported.text,
                field=reported.column,
                change="added" if is_added else "unchanged",
                spans=tuple(sorted(reported.spans)),
                replaces=self.first[origin] if is_reworded and origin is not None else None,
                outlet=outlet,
            )
        elif reported.was_removed and (origin is None or origin not in self.now):
            before = self.reported.get((is_title, origin or key))
            text = self.first[origin or key]
            yield HighlightedSentence(
                text=text,
                field=reported.column,
                change="removed",
                spans=tuple(sorted(before.spans)) if before is not None and before.text == text else (),
                outlet=outlet,
            )

    def _origin(self, key: str) -> str | None:
        """Key of the sentence of the first text that it was made from, by however many edits; itself if it stood there."""
        passed = set()
        while not self.was_before[key]:
            passed.add(key)
            before = self.came_from.get(key)
            if before is None or before in passed:
                return None
            key = before
        return key
