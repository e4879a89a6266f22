"""Where an outlet is, guessed from its host and language: which timezone its times without an offset are in."""

from __future__ import annotations

import functools
import re
import zoneinfo
from pathlib import Path

_GENERIC = frozenset(
    "ac ai am as cc cd co dj eu fm gg gl im io la ly me mn ms mu nu pw sh so st su tk to tv vc ws".split()
)
"""Two-letter domains that are sold to everybody, or belong to no one country."""
_COUNTRIES = {"uk": "GB"}
"""Domains that are not the country's code."""
_SPREAD = frozenset({"en", "es", "fr", "pt", "ar", "zh", "ru", "de"})
"""Languages of many countries; a region with them ("en-US") is often a publishing system's default."""
_MAIN = re.compile(r"most of|mainland")
"""How the IANA table marks the zone of nearly a whole country ("Spain (mainland)")."""


def guess_timezone(host: str, language_tag: str | None) -> tuple[str, str]:
    """An IANA name and why it was chosen; "UTC" where nothing tells."""
    domain = host.rpartition(".")[2].lower()
    if len(domain) == 2 and domain.isalpha() and domain not in _GENERIC:
        country, why = _COUNTRIES.get(domain, domain.upper()), f"of .{domain}"
    else:
        language, _, region = (language_tag or "").partition("-")
        if not re.fullmatch(r"[A-Za-z]{2}", region) or language.lower() in _SPREAD:
            return "UTC", "not known: write the outlet's, such as Europe/Kyiv"
        country, why = region.upper(), f"of the page's language, {language_tag}"
    zones = _zones().get(country, ())
    main = [name for name, comment in zones if _MAIN.search(comment)]
    if len(zones) == 1 or len(main) == 1:
        return (main or [zones[0][0]])[0], f"guessed: that {why}"
    if not zones:
        return "UTC", "not known: write the outlet's, such as Europe/Kyiv"
    some = ", ".join(name for name, _ in zones[:3])
    return "UTC", f"choose one {why}: {some}{', ...' if len(zones) > 3 else ''}"


@functools.cache
def _zones() -> dict[str, tuple[tuple[str, str], ...]]:
    """Country -> its zones and what the table says of each; empty where the machine has no such table."""
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
