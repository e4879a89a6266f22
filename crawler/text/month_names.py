"""Names of months in the languages of dateparser's tables, which are imported when they are needed."""

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
