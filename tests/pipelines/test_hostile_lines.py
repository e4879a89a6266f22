"""Long hostile values cost little CPU time: the input of each expression is bounded, or its time is linear."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timezone

import pytest

from pipelines.bylines.names import read_names
from pipelines.dates.date_parser import parse_date
from spiders.autodiscovery.candidates import _sitemaps
from spiders.feeds.common import person
from spiders.feeds.parser import _CDATA

LENGTH = 100_000
MAX_CPU_SECONDS = 1.5
"""Far above the need of bounded input (under 0.1 s), far below that of quadratic time (3 s and more)."""
VALUES = {
    "spaces": "a" + " " * LENGTH + "b",
    "newlines": "\n" * LENGTH,
    "digits": "1" * LENGTH,
    "one word": "a" * LENGTH,
    "characters": "兵" * LENGTH,
    "addresses": "a@" * (LENGTH // 2),
    "names": "By Mara Voss and " * (LENGTH // 17),
    "open brackets": "a@b.example (" * (LENGTH // 13),
    "open sections": "<![CDATA[" * (LENGTH // 9),
}
PARSERS: Mapping[str, Callable[[str], object]] = {
    "date": lambda text: parse_date(text, timezone.utc),
    "names": lambda text: list(read_names(text)),
    "author of a feed": person,
    "sitemaps of robots.txt": lambda text: list(_sitemaps(text, "https://gazette.example/robots.txt")),
    "items outside of CDATA sections": lambda text: _CDATA.sub("", text),
}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("parser", PARSERS)
def test_a_long_hostile_value_costs_little_cpu_time(parser: str, value: str) -> None:
    PARSERS[parser]("1 March 2026")
    begin = time.process_time()
    PARSERS[parser](VALUES[value])
    assert time.process_time() - begin < MAX_CPU_SECONDS
