"""Channels (apprise), Atom feeds and the dead man's switch; secrets are never shown."""

from __future__ import annotations

import json
import logging
import socket
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from schedules.delivery.channels import (
    MARKDOWN_SERVICES,
    UNESCAPED_SERVICES,
    escape_chat,
    notify,
    ping_dead_mans_switch,
    write_atomically,
    write_feed,
)
from schedules.delivery.mime import SendError
from schedules.formatting.atom import atom_of_alerts
from tests.support.corpus import corpus_or_skip
from tests.support.digest_factories import NOW, alert, alert_sentence
from tests.support.servers.recording import web
from tests.support.servers.scripted import scripted_server

ATOM = "{http://www.w3.org/2005/Atom}"


def test_a_channel_gets_subject_and_text() -> None:
    with web() as (host, requests):
        notify("channel:DESK_URL", b"1 story: talks\n\nTalks resume.\nSources", {"DESK_URL": f"json://{host}/k3y"})
    ((path, body),) = requests
    assert path == "/k3y"
    reported = json.loads(body)
    assert (reported["title"], reported["message"]) == ("1 story: talks", "Talks resume.\nSources")


def test_a_message_that_is_too_long_for_a_channel_is_shortened_with_a_count() -> None:
    text = "\n".join(f"line {number}" for number in range(2_000))
    with web() as (host, requests):
        notify("channel:DESK_URL", f"Subject\n\n{text}".encode(), {"DESK_URL": f"json://{host}/"})
    message = json.loads(requests[0][1])["message"]
    assert len(message) < 4_000
    assert message.endswith("more characters; see the archive)")


@pytest.mark.parametrize("url", ["", "nonsense", "json://127.0.0.1:1/s3cret"])
def test_the_error_of_a_channel_does_not_contain_its_url(
    url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(SendError, match="DESK_URL") as caught:
        notify("channel:DESK_URL", b"Subject\n\nText", {"DESK_URL": url})
    out, err = capfd.readouterr()
    assert "s3cret" not in str(caught.value) + caplog.text + out + err


def test_a_working_channel_does_not_log_its_url(caplog: pytest.LogCaptureFixture) -> None:
    with web() as (host, _), caplog.at_level(logging.DEBUG):
        notify("channel:DESK_URL", b"Subject\n\nText", {"DESK_URL": f"json://{host}/s3cret"})
    assert "s3cret" not in caplog.text


def test_the_feed_is_atom_with_an_entry_for_each_alert() -> None:
    root = ET.fromstring(atom_of_alerts("Alerts", [alert(2), alert(1)], feed_id="urn:wirewatch:feed", now=NOW))
    assert root.tag == f"{ATOM}feed"
    assert all(root.find(f"{ATOM}{name}") is not None for name in ("id", "title", "updated", "author"))
    entries = root.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Headline 2", "Headline 1"]
    for entry in entries:
        assert all(entry.find(f"{ATOM}{name}") is not None for name in ("id", "updated", "author", "summary"))
        assert entry.find(f"{ATOM}link").get("href").startswith("https://")  # type: ignore[union-attr]
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 2


def test_the_feed_has_whole_sentences_and_an_entry_without_a_link_has_content() -> None:
    long = "Talks resume " + "again and " * 60 + "on Monday."
    one, other = alert(1, sentences=(alert_sentence(long),)), alert(2, url="ftp://harbour-gazette.example/2")
    root = ET.fromstring(atom_of_alerts("Alerts", [other, one], feed_id="urn:wirewatch:feed", now=NOW))
    unlinked, linked = root.findall(f"{ATOM}entry")
    assert (linked.findtext(f"{ATOM}summary") or "").endswith(long)
    assert unlinked.find(f"{ATOM}content") is not None, "RFC 4287, 4.1.2"


def test_a_matching_headline_is_not_repeated_in_the_summary() -> None:
    entry = alert(1, sentences=(alert_sentence("Headline 1"), alert_sentence("Talks resume on Monday.")))
    root = ET.fromstring(atom_of_alerts("Alerts", [entry], feed_id="urn:wirewatch:feed", now=NOW))
    summary = root.findtext(f"{ATOM}entry/{ATOM}summary") or ""
    assert summary.endswith(": Talks resume on Monday.")
    assert "Headline 1" not in summary


def test_hostile_strings_leave_the_feed_well_formed() -> None:
    strings = json.loads(corpus_or_skip("hostile/naughty_strings.json").read_text(encoding="utf-8"))
    for text in [*strings, "\x00\x08\ufffe\ud800", "]]><entry/>", "&lt;&#0;"]:
        hostile = replace(
            alert(1), title=text, byline=text, source_name=text, topic_title=text, url=f"javascript:{text}"
        )
        root = ET.fromstring(atom_of_alerts(text, [hostile], feed_id="urn:wirewatch:feed", now=NOW))
        (entry,) = root.findall(f"{ATOM}entry")
        assert entry.find(f"{ATOM}link") is None
        assert {child.tag.removeprefix(ATOM) for child in entry} <= {
            "id", "title", "updated", "published", "author", "category", "content",
        }  # fmt: skip


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "feeds" / "alerts.atom"
    write_atomically(path, "one")
    write_atomically(path, "two")
    before = path.stat()
    write_atomically(path, "two")
    assert path.stat().st_ino == before.st_ino  # feed readers check whether it was modified
    assert path.read_text(encoding="utf-8") == "two"
    assert [one.name for one in path.parent.iterdir()] == ["alerts.atom"]


@pytest.mark.parametrize("content", [b"SQLite format 3\x00", b"<?xml version='1.0'?><urlset/>", b"\xff\xfe"])
def test_a_feed_does_not_overwrite_a_file_that_is_not_a_feed(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sitemap.xml"
    path.write_bytes(content)
    with pytest.raises(FileExistsError, match="is not a Wirewatch feed"):
        write_feed(path, atom_of_alerts("Alerts", [alert(1)], feed_id="urn:wirewatch:feed", now=NOW))
    assert path.read_bytes() == content


def test_a_feed_overwrites_its_earlier_version_and_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "alerts.atom"
    path.touch()
    for number in (1, 2):
        text = atom_of_alerts("Alerts", [alert(number)], feed_id="urn:wirewatch:feed", now=NOW)
        write_feed(path, text)
        assert path.read_text(encoding="utf-8") == text


def test_the_dead_mans_switch_is_requested_and_its_failure_reported_without_its_url() -> None:
    with web() as (host, requests):
        assert ping_dead_mans_switch(f"http://{host}/s3cret") is None
    assert [path for path, _ in requests] == ["/s3cret"]
    with web(500) as (host, _):
        reported = str(ping_dead_mans_switch(f"http://{host}/s3cret"))
    assert "500" in reported
    assert "s3cret" not in reported + str(ping_dead_mans_switch(f"http://{host}/s3cret")) + str(
        ping_dead_mans_switch("file:///s3cret")
    )


def test_a_long_chat_message_is_shortened_by_whole_paragraphs() -> None:
    text = "\n\n".join(f"Headline {number}\nhttps://harbour.example/{number}" for number in range(500))
    with web() as (host, requests):
        notify("channel:DESK_URL", f"Subject\n\n{text}".encode(), {"DESK_URL": f"json://{host}/"})
    message = json.loads(requests[0][1])["message"]
    *kept, last = message.split("\n\n")
    assert kept == text.split("\n\n")[: len(kept)]
    assert last == f"… and {500 - len(kept)} more paragraphs; see the archive."


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_webhook_that_redirects_is_a_failure_that_names_the_new_address(status: int) -> None:
    with (
        web() as (other, followed),
        web(status, {"Location": f"http://{other}/new/s3cret/"}) as (host, requests),
        pytest.raises(SendError) as caught,
    ):
        notify("channel:DESK_URL", b"Subject\n\nText", {"DESK_URL": f"json://{host}/s3cret"})
    assert len(requests) == 1
    assert not followed
    assert f"HTTP {status}, the service moved to http://{other}/new/…/; correct the URL in DESK_URL" in str(
        caught.value
    )
    assert caught.value.fault == "server"


@pytest.mark.parametrize(
    ("status", "fault"), [(403, "server"), (404, "server"), (429, "temporary"), (500, "temporary")]
)
def test_a_refused_chat_message_has_its_http_status(status: int, fault: str) -> None:
    with web(status) as (host, _), pytest.raises(SendError, match=f"HTTP {status}") as caught:
        notify("channel:DESK_URL", b"Subject\n\nText", {"DESK_URL": f"json://{host}/s3cret"})
    assert caught.value.fault == fault


def test_mentions_and_markdown_of_outlets_are_plain_text_in_mattermost() -> None:
    text = "@everyone <@U1> <!here> [x](https://evil.example) *b* `c`\n# h\n- item\nhttps://harbour.example/a_b_c"
    with web() as (host, requests):
        notify(
            "channel:DESK_URL",
            f"@channel wins\n\n{text}".encode(),
            {"DESK_URL": f"mmost://{host}/3ccdd113474722377935"},
        )
    message = json.loads(requests[0][1])["text"]
    assert not any(sign in message for sign in ("@everyone", "@channel", "<@", "<!", "](", " *b", " `c", "\n#", "\n- "))
    assert "https://harbour.example/a_b_c" in message, "links stay links"


def test_markdown_is_escaped_once_where_the_channel_is_set_to_markdown() -> None:
    with web() as (host, requests):
        url = f"mmost://{host}/3ccdd113474722377935?format=markdown"
        notify("channel:DESK_URL", b"Subject\n\n@all [x](https://evil.example)", {"DESK_URL": url})
    message = json.loads(requests[0][1])["text"]
    assert "\\[x\\]" in message
    assert "\\\\" not in message
    assert "@all" not in message


def test_mentions_are_plain_text_in_each_chat_service_and_webhooks_get_the_text_unchanged() -> None:
    text = "@everyone <@U1> <@&7> <#9> [x](https://evil.example)"
    for service in ("NotifyDiscord", "NotifySlack", "NotifyTelegram", "NotifyMatrix", "NotifyRocketChat"):
        escaped = escape_chat(text, service)
        assert not any(sign in escaped for sign in ("@everyone", "<@", "@U1", "@&", "<#"))
        assert ("](" in escaped) is (service not in MARKDOWN_SERVICES)
    assert escape_chat(text, "NotifyJSON") == text


def test_every_markdown_service_is_one_of_apprise() -> None:
    import apprise

    known = {plugin.__name__ for plugin in apprise.plugins.N_MGR.plugins()}
    assert known >= MARKDOWN_SERVICES | UNESCAPED_SERVICES


@pytest.mark.parametrize(
    "reply",
    [
        b"", b"\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 99 x\r\n\r\n", b"HTTP/1.1 302 x\r\nLocation: /s3cret\r\n\r\n", b"HTTP/1.1 302 x\r\nLocation: file:///etc/s3cret\r\n\r\n",
        b"HTTP/1.1 302 x\r\nLocation: http://[s3cret\r\n\r\n", b"HTTP/1.1 302 x\r\nLocation: http://\xff/s3 cret\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", b"HTTP/1.1 200 " + b"x" * 100_000, b"HTTP/1.1 500 x\r\n\r\n", b"\x00\xff\xfe",
    ],
)  # fmt: skip
def test_an_invalid_reply_of_the_dead_mans_switch_is_reported_in_one_line_without_its_url(reply: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(10_000)
        connection.sendall(reply)

    with scripted_server(talk) as port:
        error = ping_dead_mans_switch(f"http://127.0.0.1:{port}/s3cret")
    assert error is not None
    assert "s3cret" not in error
    assert "\n" not in error


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://[s3cret",
        "http://a b/s3cret",
        "http://127.0.0.1:s3cret/",
        "http://x\x00/s3cret",
        "ftp://s3cret",
    ],
)
def test_an_invalid_url_of_the_dead_mans_switch_is_reported_in_one_line_without_it(url: str) -> None:
    error = ping_dead_mans_switch(url)
    assert error is not None
    assert "s3cret" not in error
