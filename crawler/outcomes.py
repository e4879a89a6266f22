"""Words that change the news when one takes the other's place: "arrested" and "charged", "rose" and "fell".

A desk that rewords a report exchanges words that mean the same; a template that reports the next event exchanges these.
Each set holds the outcomes of one question. Forms are matched by their beginnings, so that "arrests" and "arrested" are
one word. An unknown language loses only this check, not those of figures and names.
"""

from __future__ import annotations

from collections.abc import Sequence

_OUTCOMES: tuple[tuple[tuple[str, ...], ...], ...] = (
    # the stations of a case; forms of one station stand together
    (
        ("arrest", "detain"),
        ("charge", "indict", "accuse"),
        ("convict", "guilty"),
        ("sentence", "jail"),
        ("acquit", "clear"),
        ("release", "freed"),
        ("extradit",),
        ("appeal",),
    ),
    (("festgenommen", "verhaftet"), ("angeklagt",), ("verurteilt",), ("freigesprochen",), ("freigelassen",)),
    (("затрим", "заарешт"), ("обвинувач", "звинувач"), ("засудж", "засудил"), ("виправда",), ("звільн",)),
    (("задерж", "арестов"), ("обвин",), ("осужд", "осудил", "пригов"), ("оправда",), ("освобо",)),
    (("arrêté", "interpellé"), ("inculpé", "mis en examen"), ("condamné",), ("acquitté", "relaxé"), ("libéré",)),
    (("detenid", "arrestad"), ("acusad", "imputad"), ("condenad",), ("absuelt",), ("liberad",)),
    # up, down, as before
    (
        ("rose", "rise", "risen", "gain", "climb", "jump", "higher", "increas", "advanc", "surge", "soar"),
        ("fell", "fall", "fallen", "drop", "slip", "lower", "decreas", "declin", "plunge", "lost", "slump"),
        ("unchanged", "steady", "flat"),
    ),
    (("raise", "hike", "lift"), ("cut", "lower", "reduc", "slash"), ("hold", "held", "keep", "kept", "maintain")),
    (("gestiegen", "stieg", "steigt"), ("gefallen", "fiel", "fällt", "gesunken", "sank", "sinkt")),
    (("зріс", "зросл", "підвищ"), ("впав", "впал", "знизи", "зменш")),
    (("вырос", "повыс", "подня"), ("упал", "сниз", "уменьш")),
    # what became of people
    (("kill", "dead", "die", "death"), ("wound", "injur", "hurt"), ("missing",), ("rescu", "survive")),
    (("getötet", "tot", "tote"), ("verletzt",), ("vermisst",)),
    (("загин", "вбит", "убит"), ("поранен", "травм"), ("зник",)),
    (("погиб", "убит"), ("ранен", "пострада"), ("пропа",)),
    # yes or no, won or lost, beginning or end
    (("approv", "accept", "back", "pass"), ("reject", "refus", "veto"), ("postpon", "delay", "shelve"), ("withdr",)),
    (("won", "win", "beat", "defeat"), ("lose", "loses", "losing"), ("draw", "drew", "tie", "tied")),
    (("confirm",), ("deny", "denie")),
    (("open", "reopen"), ("close", "shut")),
    (("begin", "began", "begun", "start", "launch"), ("end", "ended", "finish", "halt", "suspend", "cancel")),
)
_WEEKDAYS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("monday",), ("tuesday",), ("wednesday",), ("thursday",), ("friday",), ("saturday",), ("sunday",)),
    (("montag",), ("dienstag",), ("mittwoch",), ("donnerstag",), ("freitag",), ("samstag", "sonnabend"), ("sonntag",)),
    (("понеділ",), ("вівтор",), ("середа", "середу", "середи"), ("четвер",), ("п'ятниц",), ("субот",), ("неділ",)),
    (("понедель",), ("вторник",), ("среда", "среду", "среды"), ("четверг",), ("пятниц",), ("суббот",), ("воскресен",)),
    (("lundi",), ("mardi",), ("mercredi",), ("jeudi",), ("vendredi",), ("samedi",), ("dimanche",)),
    (("lunes",), ("martes",), ("miércoles",), ("jueves",), ("viernes",), ("sábado",), ("domingo",)),
)
_ENDINGS = ("", "s", "d", "ed", "es", "ing", "n", "en")
_SHORTEST_STEM = 5
"""Letters from which a beginning stands for all words that begin so; a shorter one takes an English ending at most."""


def exclude_each_other(before: Sequence[str], after: Sequence[str]) -> tuple[str, str] | None:
    """The first two words, one of each side, that are different outcomes of one question. Words in lower case."""
    return _other(before, after, _OUTCOMES)


def other_weekday(before: Sequence[str], after: Sequence[str]) -> tuple[str, str] | None:
    """The same for days of the week: what a template changes when it tells the next day."""
    return _other(before, after, _WEEKDAYS)


_Questions = tuple[tuple[tuple[str, ...], ...], ...]


def _other(before: Sequence[str], after: Sequence[str], questions: _Questions) -> tuple[str, str] | None:
    for one in before:
        mine = _meanings(one, questions)
        for question, outcome in mine:
            for other in after:
                its = _meanings(other, questions) if one != other else ()
                if any(q == question and o != outcome for q, o in its) and set(mine).isdisjoint(its):
                    return one, other
    return None


def _meanings(word: str, questions: _Questions) -> list[tuple[int, int]]:
    return [
        (question, outcome)
        for question, outcomes in enumerate(questions)
        for outcome, stems in enumerate(outcomes)
        if any(_is_form(word, stem) for stem in stems)
    ]


def _is_form(word: str, stem: str) -> bool:
    if len(stem) >= _SHORTEST_STEM or not stem.isascii():
        return word.startswith(stem)
    return word.startswith(stem) and word[len(stem) :].lstrip(stem[-1]) in _ENDINGS
