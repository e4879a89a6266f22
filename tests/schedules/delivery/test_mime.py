"""The bytes of a mail: only our headers, unchanged bodies, the same bytes each time."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.config.digests import ADDRESS
from schedules.delivery.mime import build
from schedules.formatting.plain_text import header_text
from tests.support.corpus import corpus_or_skip

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=timezone.utc)
HEADERS = sorted(
    {
        "Date", "From", "To", "Message-ID", "Subject", "List-Id", "List-Unsubscribe", "Auto-Submitted", "Precedence",
        "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
    }
)  # fmt: skip
INJECTIONS = (
    "=?utf-8?q?ok=0ABcc:_evil@harbour.example?=",
    "=?utf-8?b?b2sKQmNjOiBldmlsQGhhcmJvdXIuZXhhbXBsZQ==?=",
    "ok\nBcc: evil@harbour.example",
    "ok\r\nBcc: evil@harbour.example\r\n\r\n<script>alert(1)</script>",
    "ok\x85Bcc: evil@harbour.example",
    "ok\u2028Bcc: evil@harbour.example",
    "ok\x0bBcc: evil@harbour.example",
    "ok\x1cBcc: evil@harbour.example",
    "ok\x00Bcc: evil@harbour.example",
    "= ?utf-8?q?=0A?=",
    "=?=?utf-8?q?ok=0ABcc:_evil@harbour.example?=?=",
    "\ud800 lone \udfff",
    "a" * 5_000,
    "日本" * 500,
    "=" * 300,
    "?" * 300,
    " " * 300,
    "",
)


def built(subject: str = "3 stories: ceasefire talks", **known: object) -> bytes:
    parts = {"text": "Hello.\n", "html": "<p>Hello.</p>\n", "recipient": "desk@harbour.example", **known}
    return build(
        sender="wirewatch@harbour.example", subject=subject, message_id="1@harbour.example", digest="morning", at=NOW,
        **parts,  # type: ignore[arg-type]
    )  # fmt: skip


def read(content: bytes) -> EmailMessage:
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def assert_headers_are_ours(content: bytes) -> None:
    message = read(content)
    assert sorted(message.keys()) == HEADERS
    assert message["To"] == "desk@harbour.example"
    assert [address.addr_spec for address in message["From"].addresses] == ["wirewatch@harbour.example"]
    assert content.isascii()
    assert not message.defects


@pytest.mark.parametrize("subject", INJECTIONS, ids=ascii)
def test_no_subject_becomes_a_header(subject: str) -> None:
    content = built(subject)
    assert_headers_are_ours(content)
    assert b"\nBcc" not in content


def test_hostile_subjects_add_no_header_and_arrive_as_text() -> None:
    strings = json.loads(corpus_or_skip("hostile/naughty_strings.json").read_text(encoding="utf-8"))
    assert len(strings) >= 500
    for string in strings:
        content = built(string, text=f"{header_text(string)}\n")
        assert_headers_are_ours(content)
        assert " ".join(read(content)["Subject"].split()) == " ".join(header_text(string).split())


@settings(max_examples=100)
@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_can_be_a_subject(subject: str) -> None:
    assert_headers_are_ours(built(subject))


@pytest.mark.parametrize(
    "subject",
    [
        "3 stories: troop deployments (2), ceasefire talks",
        "Три історії: перемовини про перемир’я, розгортання військ",
        "北朝鮮の兵士、クルスク州に追加配備 大統領が会議で指摘",
        "وقف إطلاق النار، محادثات",
        "mixed 日本 and العربية and українська with 🚢",
    ],
)
def test_a_subject_arrives_letter_by_letter_in_any_script(subject: str) -> None:
    assert read(built(subject))["Subject"] == subject


def test_a_mail_has_headers_against_automatic_replies_and_for_unsubscribing() -> None:
    message = read(built())
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "<morning.wirewatch.harbour.example>"
    assert message["List-Unsubscribe"] == "<mailto:wirewatch@harbour.example?subject=unsubscribe%20morning>"
    assert message["Message-ID"] == "<1@harbour.example>"
    assert parsedate_to_datetime(message["Date"]) == NOW


def test_long_addresses_stay_whole_on_their_line() -> None:
    recipient = "a" * 60 + "@" + ".".join(["harbour"] * 20) + ".example"
    content = built(recipient=recipient)
    assert f"\r\nTo: {recipient}\r\n".encode() in content
    assert read(content)["To"] == recipient


def test_both_parts_arrive_unchanged_with_plain_text_first() -> None:
    text = "From the harbour\n.\n" + "Довгий рядок без кінця " * 100 + "\n"
    html = "<p>" + "長い行" * 2_000 + "</p>\n"
    message = read(built(text=text, html=html))
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    plain, rich = (part.get_content().replace("\r\n", "\n") for part in message.iter_parts())
    assert (plain, rich) == (text, html)


def test_no_line_is_longer_than_mail_allows() -> None:
    content = built(text="x" * 5_000 + "\n", html="<p>" + "y" * 5_000, subject="z" * 900)
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_the_same_mail_has_the_same_bytes() -> None:
    assert built() == built()


@pytest.mark.parametrize(
    ("text", "fine"),
    [("desk@example.org", True), ("a@b, c@d", False), ("desk@example.org\nBcc: x@y", False), ("", False)],
)
def test_only_a_single_plain_address_is_an_address(text: str, *, fine: bool) -> None:
    assert (ADDRESS.fullmatch(text) is not None) is fine
