"""Names of months, in the languages of dateparser's tables, which are imported when they are needed, and of weekdays."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

DATE_LANGUAGES = tuple("de fr es it pt nl pl ru uk sv nb da fi cs tr el ro hu ca hr sk bg lt lv et sl id vi".split())
"""Languages whose month names are tried. Their names do not contradict each other."""
_ENGLISH = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def month_of(name: str, language: str = "en") -> int:
    """Return the number of a month (0 if unknown). Other languages are tried as well, since pages declare wrong ones."""
    name = name.lower()
    return next((number for code in (language, *DATE_LANGUAGES) if (number := months(code).get(name))), 0)


@lru_cache(maxsize=64)
def months(language: str) -> dict[str, int]:
    """Return the numbers of month names and abbreviations, in lower case, of a language and of English."""
    found: dict[str, int] = {}
    for info in language_tables(language):
        for number, name in enumerate(_ENGLISH, start=1):
            found.update((word.lower().rstrip("."), number) for word in info.get(name, ()))
    return found


def language_tables(language: str) -> Iterator[dict[str, Any]]:
    """Yield dateparser's tables of English and, if it has one, of the language."""
    for code in ("en", language):
        try:
            yield importlib.import_module(f"dateparser.data.date_translation_data.{code}").info
        except (ImportError, ValueError):
            continue


WEEKDAY_STEMS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("monday",), ("tuesday",), ("wednesday",), ("thursday",), ("friday",), ("saturday",), ("sunday",)),
    (("montag",), ("dienstag",), ("mittwoch",), ("donnerstag",), ("freitag",), ("samstag", "sonnabend"), ("sonntag",)),
    (("понеділ",), ("вівтор",), ("середа", "середу", "середи"), ("четвер",), ("ятниц",), ("субот",), ("неділ",)),
    (("понедель",), ("вторник",), ("среда", "среду", "среды"), ("четверг",), ("пятниц",), ("суббот",), ("воскресен",)),
    (("lundi",), ("mardi",), ("mercredi",), ("jeudi",), ("vendredi",), ("samedi",), ("dimanche",)),
    (("lunes",), ("martes",), ("miércoles",), ("jueves",), ("viernes",), ("sábado",), ("domingo",)),
    (("poniedział",), ("wtorek", "wtork"), ("środ", "środę"), ("czwart",), ("piąt",), ("sobot",), ("niedziel",)),
    (("pazartesi",), ("salı",), ("çarşamba",), ("perşembe",), ("cuma",), ("cumartesi",), ("pazar",)),
    (("الاثنين", "الإثنين"), ("الثلاثاء",), ("الأربعاء",), ("الخميس",), ("الجمعة",), ("السبت",), ("الأحد",)),
    (("월요일",), ("화요일",), ("수요일",), ("목요일",), ("금요일",), ("토요일",), ("일요일",)),
)
"""For each language the seven days from Monday, each by the beginnings of its forms. "ятниц" is the part of «п'ятниця»
behind the apostrophe."""
_MIN_STEM = 5
"""Letters from which a beginning is enough; shorter ones are compared whole."""
_DAY_OF_STEM = {stem: day for days in reversed(WEEKDAY_STEMS) for day, stems in enumerate(days) for stem in stems}
_STEM_LENGTHS = sorted({len(stem) for stem in _DAY_OF_STEM if len(stem) >= _MIN_STEM}, reverse=True)
"""The longest first: "pazartesi" (Monday) begins like "pazar" (Sunday)."""


def weekday_of(word: str) -> int | None:
    """Return the weekday that a lower-case word names, 0 for Monday; None for another word."""
    word = word.rpartition("'")[2] if word.startswith("п'") else word
    if len(word) < _MIN_STEM:
        return _DAY_OF_STEM.get(word)
    beginnings = (_DAY_OF_STEM.get(word[:length]) for length in _STEM_LENGTHS if length <= len(word))
    return next((day for day in beginnings if day is not None), None)
