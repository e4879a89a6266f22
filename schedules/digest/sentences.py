"""The sentences of a story in a digest, with what edits changed in them. Pure.

A digest shows the difference between two revisions: the one that the first alert starts from and the latest one. Wordings
in between are left out. If an edit was changed back, the sentence is shown as unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crawler.archive.topics.alerts import Alert, AlertSentence
from crawler.topics.match import key_of
from schedules.formatting.highlight import HighlightedSentence

EDITS = frozenset({"edited", "removed"})
"""Kinds of alerts about an edit. In a new article, every sentence is unchanged."""


@dataclass(slots=True)
class _ReportedSentence:
    """A sentence as the latest alert that contains it has it."""

    text: str
    column: str
    spans: set[tuple[int, int]] = field(default_factory=set)
    position: int = 0
    is_removed: bool = False


def sentences_of(
    group: Sequence[Alert],
    article_id: int,
    *,
    is_new: bool,
    positions: Mapping[tuple[int, str], int],
    keys: Mapping[int, frozenset[str]],
) -> tuple[HighlightedSentence, ...]:
    """The sentences of one story's alerts, each once; those of article `article_id` first.

    `is_new`: the article was not reported before. `positions`: where a sentence stands in its revision. `keys`: the keys of
    all sentences of a revision; for an article with alerts of one revision only, the alerts are enough.
    """
    by_article: dict[int, list[Alert]] = {article_id: []}
    for alert in sorted(group, key=lambda alert: (alert.revision_id, alert.id)):
        by_article.setdefault(alert.article_id, []).append(alert)
    own, *others = by_article.values()
    shown = _History(own, is_new=is_new, positions=positions, keys=keys).sentences(None)
    present = {(one.field == "title", key_of(one.text)) for one in shown}
    for alerts in others:
        found = _History(alerts, is_new=False, positions=positions, keys=keys).sentences(alerts[0].source_name)
        shown += [
            one for one in found if one.change != "unchanged" or (one.field == "title", key_of(one.text)) not in present
        ]
    return tuple(dict.fromkeys(shown))


class _History:
    """What the alerts of one article say about each sentence, in the order of revisions."""

    def __init__(
        self,
        alerts: Sequence[Alert],
        *,
        is_new: bool,
        positions: Mapping[tuple[int, str], int],
        keys: Mapping[int, frozenset[str]],
    ) -> None:
        self.begins_with_edit = alerts[0].kind in EDITS
        self.is_new, self.positions = is_new, positions
        self.reported: dict[tuple[bool, str], _ReportedSentence] = {}
        self.first: dict[str, str] = {}
        """By key, the first wording."""
        self.was_in_first: dict[str, bool] = {}
        """By key, whether the sentence was in the first revision."""
        self.replaced: dict[str, str] = {}
        """By key, the key of the sentence that an edit replaced."""
        last = alerts[-1].revision_id
        self.current = set(keys.get(last, ()))
        """Keys of the sentences of the latest revision."""
        for alert in alerts:
            for sentence in alert.sentences:
                key = key_of(sentence.text)
                if alert.revision_id == last and sentence.change != "removed":
                    self.current.add(key)
                self._record(alert, sentence, key)

    def _record(self, alert: Alert, sentence: AlertSentence, key: str) -> None:
        is_edit = alert.kind in EDITS
        self._record_wording(key, sentence.text, was_in_first=not (is_edit and sentence.change == "added"))
        if is_edit and sentence.replaces is not None:
            self.replaced[key] = key_of(sentence.replaces)
            self._record_wording(self.replaced[key], sentence.replaces, was_in_first=True)
        if sentence.change == "unchanged" and alert.kind != "new" and not self.is_new:
            return  # already reported, or part of the story before
        name = (sentence.field == "title", key)
        reported = self.reported.get(name)
        if reported is None or reported.text != sentence.text:
            reported = self.reported[name] = _ReportedSentence(sentence.text, sentence.field)
        reported.spans.update(sentence.spans)
        reported.position = self.positions.get((alert.revision_id, sentence.text), 0)
        reported.is_removed = sentence.change == "removed"

    def _record_wording(self, key: str, text: str, *, was_in_first: bool) -> None:
        self.first.setdefault(key, text)
        self.was_in_first.setdefault(key, was_in_first)

    def sentences(self, outlet: str | None) -> list[HighlightedSentence]:
        """In the order of the text. For an edit, only changed sentences, unless nothing changed in the end."""
        in_order = sorted(self.reported.items(), key=lambda item: item[1].position)
        found = [one for name, reported in in_order for one in self._shown(name, reported, outlet)]
        replaced = {key_of(one.replaces) for one in found if one.replaces is not None}
        found = [one for one in found if one.change != "removed" or key_of(one.text) not in replaced]
        changed = [one for one in found if one.change != "unchanged"]
        return changed if changed and self.begins_with_edit else found

    def _shown(
        self, name: tuple[bool, str], reported: _ReportedSentence, outlet: str | None
    ) -> Iterator[HighlightedSentence]:
        is_title, key = name
        origin = self._origin(key)
        if key in self.current:
            is_added = not self.was_in_first[key]
            is_reworded = is_added and origin is not None and origin not in self.current
            yield HighlightedSentence(
                text=reported.text,
                field=reported.column,
                change="added" if is_added else "unchanged",
                spans=tuple(sorted(reported.spans)),
                replaces=self.first[origin] if is_reworded and origin is not None else None,
                outlet=outlet,
            )
        elif reported.is_removed and (origin is None or origin not in self.current):
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
        """The key of the sentence of the first revision that this one was edited from; None if it was added."""
        passed = set()
        while not self.was_in_first[key]:
            passed.add(key)
            before = self.replaced.get(key)
            if before is None or before in passed:
                return None
            key = before
        return key
