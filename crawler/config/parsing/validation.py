"""Validation shared by all TOML files: types of values, and error messages by table and key."""

from __future__ import annotations

import re
import warnings
import zoneinfo
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from crawler.config.retention import FOREVER, LEAST_HISTORY
from crawler.text.suggestions import did_you_mean

_WRITE = {
    "model_type": 'a table, such as { url = "https://example.org/rss" }, or a text',
    "date_type": "a day, such as 2026-05-02",
    "date_parsing": "a day, such as 2026-05-02",
    "date_from_datetime_parsing": "a day, such as 2026-05-02",
    "date_from_datetime_inexact": "a day, such as 2026-05-02",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a text between quotes",
    "tuple_type": 'a list between brackets, such as ["one", "two"]',
    "dict_type": "a table of keys and values",
    "mapping_type": "a table of keys and values",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_too_short": "a text that is not empty",
}
"""Messages for errors that pydantic describes in terms of Python, not of TOML."""
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHOWN, _MAX_MESSAGE = 80, 300
"""Characters of a value and of a sentence about it, so that a mistake is a line that can be read."""
MOST_SECONDS = 3650 * 86400
"""Ten years; a longer duration is a mistake, and could exceed the largest date."""


def _duration(value: Any) -> Any:
    found = re.fullmatch(r"\s*([0-9]+)\s*([smhd])\s*", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write a duration such as "90s", "15m", "2h" or "1d"')
    if not found[1].strip("0"):
        raise ValueError("must be longer than 0")
    seconds = int(found[1]) * _UNITS[found[2]] if len(found[1]) < 12 else MOST_SECONDS + 1
    if seconds > MOST_SECONDS:
        raise ValueError(f"is too long; write {MOST_SECONDS // _UNITS['d']}d at most")
    return timedelta(seconds=seconds)


def _regex(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("write a regular expression between quotes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    except (OverflowError, RecursionError, MemoryError):
        raise ValueError("not a regular expression: it has too large a number or too many nested groups") from None
    except FutureWarning as warning:
        text = str(warning)
        raise ValueError(
            f"{text[0].lower()}{text[1:]}: inside brackets write \\[ for a bracket; classes such as [:alpha:] do not exist"
        ) from None
    return value


def _as_written(value: Any) -> str:
    """Return a value approximately as written in the file; a long one is cut."""
    written = value.isoformat() if isinstance(value, (date, time)) else repr(value)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


def _kept_for(value: Any) -> Any:
    if value == "forever":
        return FOREVER
    days = re.fullmatch(r"\s*([0-9]{1,5})\s*d\s*", value) if isinstance(value, str) else None
    if days is None or not 0 < int(days[1]) < FOREVER.days:
        raise ValueError('write a number of days such as "90d", or "forever"')
    return timedelta(days=int(days[1]))


def _history_kept_for(value: Any) -> Any:
    kept = _kept_for(value)
    if kept < LEAST_HISTORY:
        raise ValueError(f'write "{LEAST_HISTORY.days}d" or more: health checks and poll intervals need them')
    return kept


Duration = Annotated[timedelta, BeforeValidator(_duration)]
KeepTime = Annotated[timedelta, BeforeValidator(_kept_for)]
"""How long something is kept: "90d", or "forever", which is FOREVER."""
HistoryKeepTime = Annotated[timedelta, BeforeValidator(_history_kept_for)]
"""The same for polls and fetches: at least LEAST_HISTORY."""
Regex = Annotated[str, BeforeValidator(_regex)]


class StrictModel(BaseModel):
    """A frozen model that rejects unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


_Model = TypeVar("_Model", bound=StrictModel)
_TABLE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NOT_KEYS = frozenset({"id", "kind"})
"""Fields that are not keys of a table: its name, and the name of the list that a seed stands in."""


def validated_table(
    name: str,
    table: Any,
    model: type[_Model],
    *,
    noun: str,
    example: str,
    missing: str,
    nested: type[StrictModel] | None = None,
) -> tuple[_Model | None, list[str]]:
    """Return a table of a file as a model, None if it has a mistake, and all its mistakes, each as a sentence.

    `noun`: what the tables of the file are; `example`: the name of one; `missing`: which keys they need; `nested`: model of
    the tables in it.
    """
    if not isinstance(table, dict):
        return None, [f"table [{name}]: write the {noun} as a table: [{name}], with its keys on the lines below"]
    mistakes = []
    if not _TABLE_NAME.fullmatch(name):
        rule = f'the name must consist of lowercase letters, digits and hyphens, such as "{example}"'
        mistakes.append(f"table [{name}]: {rule}")
    if "id" in table:
        mistakes.append(f"table [{name}], key id: the table's name is the ID; remove the key")
    try:
        found = model.model_validate({**table, "id": name})
    except ValidationError as error:
        for mistake in error.errors():
            key = _key(mistake["loc"])
            where = f"table [{name}]" + (f", key {key}" if key else "")
            fields = nested.model_fields if nested is not None and len(mistake["loc"]) > 1 else model.model_fields
            allowed = [field for field in fields if field not in _NOT_KEYS]
            mistakes.append(f"{where}: {_sentence(mistake, allowed, missing)}")
        return None, mistakes
    return None if mistakes else found, mistakes


def _key(location: Sequence[int | str]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location if part != "[key]").lstrip(
        "."
    )


def _sentence(mistake: Any, allowed: Sequence[str], missing: str) -> str:
    kind, given = mistake["type"], mistake.get("input")
    if kind == "extra_forbidden":
        return f"unknown key{did_you_mean(str(mistake['loc'][-1]), allowed)}; allowed: {', '.join(allowed)}"
    if kind == "missing":
        return f"is missing; {missing}"
    if kind == "value_error":
        message = str(mistake["ctx"]["error"])
        if len(message) > _MAX_MESSAGE:
            message = f"{message[:_MAX_MESSAGE]}…"
        return message if not isinstance(given, str) or repr(given) in message else f"{_as_written(given)}: {message}"
    if kind == "literal_error":
        return f"{_as_written(given)} is not allowed; write one of {mistake['ctx']['expected']}"
    if kind in _WRITE:
        return f"{_as_written(given)}: write {_WRITE[kind]}"
    return f"{_as_written(given)}: {mistake['msg'][0].lower()}{mistake['msg'][1:]}"


def _time_zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        suggestion = did_you_mean(value, zoneinfo.available_timezones())
        raise ValueError(
            f'{value!r} is not a time zone{suggestion}; write an IANA name such as "Europe/Kyiv"'
        ) from None
    return value


TimeZoneName = Annotated[str, AfterValidator(_time_zone)]
"""An IANA name such as "Europe/Kyiv"."""


def _label(value: str) -> str:
    if value != " ".join(value.split()) or not value.isprintable() or not 0 < len(value) <= MAX_LABEL or "," in value:
        raise ValueError(f"write 1 to {MAX_LABEL} characters without commas, and without spaces at the ends")
    return value


MAX_LABEL = 60
"""Characters of a tag or of the name of a group."""
Label = Annotated[str, AfterValidator(_label)]
"""A tag of a source, or the group of a topic."""


def _language_code(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}", value):
        raise ValueError(f'{value!r} is not an ISO 639-1 code; write two lowercase letters such as "uk"')
    return value


LanguageCode = Annotated[str, AfterValidator(_language_code)]
"""An ISO 639-1 code such as "uk"."""
