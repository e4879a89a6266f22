"""The message that is stored about a job that ended."""

from __future__ import annotations

import pytest

from schedules.monitor.job_definitions import JobOutcome, outcome_message
from tests.support.factories import hour


def ended(name: str, output: str, *, failed: bool = True) -> JobOutcome:
    return JobOutcome(name=name, status=2, seconds=1.0, failed=failed, output=output, started_at=hour(0))


def test_the_message_of_a_failed_job_is_its_last_line() -> None:
    assert outcome_message(ended("flag", "one\n/srv/topics.toml: table [pier]: query: unbalanced\n\n")) == (
        "/srv/topics.toml: table [pier]: query: unbalanced"
    )
    assert outcome_message(ended("flag", "all is well", failed=False)) is None
    assert outcome_message(ended("flag", "")) is None


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("digest", "informant@ngo.example: 550 no such user; given up"),
        ("outbox", "channel:DESK: the service did not take it; tried again later"),
        ("flag", "/srv/digests.toml: table [night-desk], key recipients: 'informant kyiv' is no mail address"),
        ("crawl", "informant@ngo.example"),
    ],
)
def test_the_message_names_no_recipient(name: str, output: str) -> None:
    message = outcome_message(ended(name, output)) or ""
    assert "log" in message
    assert not {"informant", "DESK", "night-desk"} & set(message.replace("@", " ").split())
