from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest

from schedules.cli.output import print_json


@dataclass(frozen=True, slots=True)
class Gull:
    name: str
    seen_at: datetime
    flight: timedelta


def test_json_has_the_fields_of_dataclasses_with_times_as_in_the_archive(capsys: pytest.CaptureFixture[str]) -> None:
    gull = Gull("Larus", datetime(2026, 3, 1, 6, tzinfo=timezone.utc), timedelta(minutes=2))
    print_json({"gulls": [gull]})
    assert json.loads(capsys.readouterr().out) == {
        "gulls": [{"name": "Larus", "seen_at": "2026-03-01T06:00:00Z", "flight": 120}]
    }
