"""Years and months that pages count otherwise: the Buddhist year of Thailand, Iran's solar calendar, second names of months."""

from __future__ import annotations

from datetime import date

BUDDHIST = 543
"""Years by which the Thai calendar is ahead."""
_SOLAR = (
    "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند".split(),
    "حمل ثور جوزا سرطان اسد سنبله میزان عقرب قوس جدی دلو حوت".split(),
)
"""The months of the solar calendar, as Iran and as Afghanistan call them."""
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
"""Those of the Levant and of the Maghreb, and Thai abbreviations, which dateparser's tables lack."""


def from_solar(year: int, month: int, day: int) -> date:
    """A day of Iran's solar calendar, by its cycle of 33 years (right from 1799 to 2256); ValueError where there is none."""
    if not (1 <= month <= 12 and 1 <= day <= (31 if month < 7 else 30)):
        raise ValueError
    since = year + 1595
    before = (month - 1) * 31 if month < 7 else (month - 7) * 30 + 186
    leap_days = since // 33 * 8 + (since % 33 + 3) // 4
    return date.fromordinal(365 * since + leap_days + before + day - 356_033)
