"""Names of weekdays in ten languages, by their stems."""

from __future__ import annotations

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


def weekday_of(word: str) -> int | None:
    """Return the weekday that a lower-case word names, 0 for Monday; None for another word."""
    word = word.rpartition("'")[2] if word.startswith("п'") else word
    for days in WEEKDAY_STEMS:
        for day, stems in enumerate(days):
            for stem in stems:
                if word == stem or (len(stem) >= _MIN_STEM and word.startswith(stem)):
                    return day
    return None
