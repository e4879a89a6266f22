"""Guess an outlet's timezone, which applies to its times without an offset, from its host and language."""

from __future__ import annotations

import functools
import re
import zoneinfo
from pathlib import Path

_GENERIC = frozenset(
    "ac ai am as cc cd co dj eu fm gg gl im io la ly me mn ms mu nu pw sh so st su tk to tv vc ws".split()
)
"""Two-letter domains that are used outside their country, or belong to several countries."""
_COUNTRIES = {"uk": "GB"}
"""Country domains that differ from the country code."""
_SPREAD = frozenset({"en", "es", "fr", "pt", "ar", "zh", "ru", "de"})
"""Languages of many countries; their region ("en-US") is often the default of a publishing system."""
_UNKNOWN = "unknown: write the outlet's timezone, such as Europe/Kyiv"
_MAIN = re.compile(r"most of|mainland")
"""Comment in the IANA table on the zone of nearly a whole country ("Spain (mainland)")."""


def guess_timezone(host: str, language_tag: str | None) -> tuple[str, str]:
    """An IANA name and the reason for it; "UTC" if the timezone is unknown."""
    domain = host.rpartition(".")[2].lower()
    if len(domain) == 2 and domain.isalpha() and domain not in _GENERIC:
        country, why = _COUNTRIES.get(domain, domain.upper()), f"the only zone of .{domain}"
    else:
        language, _, region = (language_tag or "").partition("-")
        if not re.fullmatch(r"[A-Za-z]{2}", region) or language.lower() in _SPREAD:
            return "UTC", _UNKNOWN
        country, why = region.upper(), f"the only zone of the page's language, {language_tag}"
    zones = _zones().get(country, ())
    main = [name for name, comment in zones if _MAIN.search(comment)]
    if len(zones) == 1 or len(main) == 1:
        return (main or [zones[0][0]])[0], f"guessed: {why}"
    if not zones:
        return "UTC", _UNKNOWN
    some = ", ".join(name for name, _ in zones[:3])
    return "UTC", f"choose {why.replace('the only zone', 'a zone')}: {some}{', ...' if len(zones) > 3 else ''}"


@functools.cache
def _zones() -> dict[str, tuple[tuple[str, str], ...]]:
    """Country code -> its zones with their comments in the IANA table; empty if the table is not installed."""
    zones: dict[str, list[tuple[str, str]]] = {}
    available = zoneinfo.available_timezones()
    for line in _table().splitlines():
        parts = line.split("\t")
        if line.startswith("#") or len(parts) < 3:
            continue
        if parts[2] in available:
            zones.setdefault(parts[0], []).append((parts[2], parts[3] if len(parts) > 3 else ""))
    return {country: tuple(names) for country, names in zones.items()}


def _table() -> str:
    for folder in zoneinfo.TZPATH:
        path = Path(folder) / "zone.tab"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    try:
        from importlib.resources import files

        return (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    except (ModuleNotFoundError, OSError):
        return ""
