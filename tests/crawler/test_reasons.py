from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from crawler.exceptions import ParseError, WorkerError
from crawler.reasons import ReasonCode, description_of, http_code, reason_codes_as_markdown

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "reason-codes.md"


def test_the_reference_of_reason_codes_is_generated_from_the_enum() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reason_codes_as_markdown()


def test_every_code_has_a_description_and_a_heading() -> None:
    for code in ReasonCode:
        assert code.description.endswith("."), code
        assert f"| `{code}` |" in reason_codes_as_markdown()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, ReasonCode.HTTP_403),
        (404, ReasonCode.HTTP_404),
        (418, ReasonCode.HTTP_4XX),
        (503, ReasonCode.HTTP_5XX),
        (302, ReasonCode.REDIRECT),
    ],
)
def test_http_statuses_have_codes(status: int, code: ReasonCode) -> None:
    assert http_code(status) is code


def test_a_code_is_stored_and_printed_as_its_value() -> None:
    assert str(ReasonCode.DNS) == f"{ReasonCode.DNS}" == "dns"
    assert json.dumps(ReasonCode.DNS) == '"dns"'


def test_an_unknown_code_of_a_later_version_is_shown_unchanged() -> None:
    assert description_of("invented") == "invented"


@pytest.mark.parametrize("kind", [ParseError, WorkerError])
def test_errors_keep_their_code_between_processes(kind: type[ParseError] | type[WorkerError]) -> None:
    error = pickle.loads(pickle.dumps(kind("feed", "not a feed", ReasonCode.NOT_A_FEED)))
    assert (error.reason, error.code) == ("not a feed", ReasonCode.NOT_A_FEED)
