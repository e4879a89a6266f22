"""Mutually exclusive words, of which an exchange changes the news: "arrested" and "charged", "rose" and "fell".

An editor replaces words with synonyms; a template that reports the next event replaces outcomes. Each set contains the
outcomes of one question. Words are matched by their stems, so that "arrests" and "arrested" are the same. Languages that
are not listed lose only this check, not those of figures and names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from crawler.text.date_names import WEEKDAY_STEMS

_OUTCOMES: tuple[tuple[tuple[str, ...], ...], ...] = (
    # stages of a criminal case
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
    # up, down, unchanged
    (
        ("rose", "rise", "risen", "gain", "climb", "jump", "higher", "increas", "advanc", "surge", "soar"),
        ("fell", "fall", "fallen", "drop", "slip", "lower", "decreas", "declin", "plunge", "lost", "slump"),
        ("unchanged", "steady", "flat"),
    ),
    (("raise", "hike", "lift"), ("cut", "lower", "reduc", "slash"), ("hold", "held", "keep", "kept", "maintain")),
    (("gestiegen", "stieg", "steigt"), ("gefallen", "fiel", "fällt", "gesunken", "sank", "sinkt")),
    (("зріс", "зросл", "підвищ"), ("впав", "впал", "знизи", "зменш")),
    (("вырос", "повыс", "подня"), ("упал", "сниз", "уменьш")),
    # casualties
    (("kill", "dead", "die", "death"), ("wound", "injur", "hurt"), ("missing",), ("rescu", "survive")),
    (("getötet", "tot", "tote"), ("verletzt",), ("vermisst",)),
    (("загин", "вбит", "убит"), ("поранен", "травм"), ("зник",)),
    (("погиб", "убит"), ("ранен", "пострада"), ("пропа",)),
    # yes or no, won or lost, begin or end
    (("approv", "accept", "back", "pass"), ("reject", "refus", "veto"), ("postpon", "delay", "shelve"), ("withdr",)),
    (("won", "win", "beat", "defeat"), ("lose", "loses", "losing"), ("draw", "drew", "tie", "tied")),
    (("confirm",), ("deny", "denie")),
    (("open", "reopen"), ("close", "shut")),
    (("begin", "began", "begun", "start", "launch"), ("end", "ended", "finish", "halt", "suspend", "cancel")),
)
_DAYS: tuple[tuple[tuple[str, ...], ...], ...] = (
    *WEEKDAY_STEMS,
    # months
    *(
        tuple(tuple(month.split("/")) for month in months.split())
        for months in (
            "january february march april may june july august september october november december",
            "januar februar märz april mai juni juli august september oktober november dezember",
            "січн люто берез квітн травн червн липн серпн верес жовт листопад груд",
            "январ феврал март апрел мая/мае/май июн июл август сентябр октябр ноябр декабр",
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
            "styczni/styczeń lutego/lutym/luty marca/marcu/marzec kwietni/kwiecień maja/maju/maj czerwc/czerwiec"
            " lipca/lipcu/lipiec sierpni/sierpień wrześni/wrzesień październik listopad grudni/grudzień",
            "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
        )
    ),
)
_ENDINGS = ("", "s", "d", "ed", "es", "ing", "n", "en")
_SHORTEST_STEM = 5
"""Letters from which a stem matches all words that begin with it; a shorter one matches with an English ending only."""


def are_mutually_exclusive(before: Sequence[str], after: Sequence[str]) -> tuple[str, str] | None:
    """The first two words, one from each side, that are different outcomes of one question. Words in lower case."""
    return _exclusive_words(before, after, _OUTCOME_STEMS)


def other_day(before: Sequence[str], after: Sequence[str]) -> tuple[str, str] | None:
    """The first two words, one from each side, that are different weekdays or months."""
    return _exclusive_words(before, after, _DAY_STEMS)


_Meaning = tuple[int, int]
"""(question, outcome), by their positions."""
_Stems = Mapping[str, Sequence[tuple[str, _Meaning]]]


def _by_first_letters(questions: tuple[tuple[tuple[str, ...], ...], ...]) -> _Stems:
    """First two letters -> stems: most words of a text have none."""
    found: defaultdict[str, list[tuple[str, _Meaning]]] = defaultdict(list)
    for question, outcomes in enumerate(questions):
        for outcome, stems in enumerate(outcomes):
            for stem in stems:
                found[stem[:2]].append((stem, (question, outcome)))
    return dict(found)


_OUTCOME_STEMS = _by_first_letters(_OUTCOMES)
_DAY_STEMS = _by_first_letters(_DAYS)


def _exclusive_words(before: Sequence[str], after: Sequence[str], stems: _Stems) -> tuple[str, str] | None:
    for one in before:
        own = _meanings(one, stems)
        for question, outcome in own:
            for other in after:
                theirs = _meanings(other, stems) if one != other else set()
                if any(q == question and o != outcome for q, o in theirs) and own.isdisjoint(theirs):
                    return one, other
    return None


def _meanings(word: str, stems: _Stems) -> set[_Meaning]:
    return {meaning for stem, meaning in stems.get(word[:2], ()) if _is_form(word, stem)}


def _is_form(word: str, stem: str) -> bool:
    if len(stem) >= _SHORTEST_STEM or not stem.isascii():
        return word.startswith(stem)
    return word.startswith(stem) and word[len(stem) :].lstrip(stem[-1]) in _ENDINGS
