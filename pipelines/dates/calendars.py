"""Other calendars: Thailand's Buddhist year, Iran's solar calendar, and further names of months."""

from __future__ import annotations

from datetime import date

BUDDHIST = 543
"""Years by which the Thai calendar is ahead of the Gregorian calendar."""
_SOLAR = (
    "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند".split(),
    "حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت".split(),
)
"""Months of the solar calendar, with the names of Iran and of Afghanistan."""
SOLAR_MONTHS = {name: number for names in _SOLAR for number, name in enumerate(names, start=1)}
_OTHER_NAMES = (
    (
        "كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران",
        "تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول",
    ),
    ("جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان", "جويلية", "أوت", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
    ("ม.ค", "ก.พ", "มี.ค", "เม.ย", "พ.ค", "มิ.ย", "ก.ค", "ส.ค", "ก.ย", "ต.ค", "พ.ย", "ธ.ค"),
)  # fmt: skip
OTHER_MONTHS = {name: number for names in _OTHER_NAMES for number, name in enumerate(names, start=1)}
"""Month names of the Levant and the Maghreb and Thai abbreviations, which dateparser's tables do not have."""


def from_solar(year: int, month: int, day: int) -> date:
    """Gregorian date of a day in Iran's solar calendar. Exact from 1799 to 2256. Raises ValueError if there is no such day."""
    if not (1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        raise ValueError
    since = year + 1595
    before = (month - 1) * 31 if month < 7 else (month - 7) * 30 + 186
    leap_days = since // 33 * 8 + (since % 33 + 3) // 4
    return date.fromordinal(365 * since + leap_days + before + day - 356_033)
