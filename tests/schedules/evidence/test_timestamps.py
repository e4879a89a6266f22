"""Time-stamps of roots: a real RFC 3161 authority (OpenSSL behind HTTP), a calendar of OpenTimestamps, and refused replies."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crawler.archive.evidence.root_timestamps import root_timestamps
from crawler.config.app import AppConfig
from schedules.evidence.timestamps import TimestampError, TimestampService, stamp_new_roots, timestamp_services
from tests.support.archives.evidence import at, daily_archive

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None and not os.environ.get("CI"),
    reason="needs the openssl program (apt install openssl)",
)
DATA = b"Archive root for 2026-03-01: 5e88\n"
CONFIG = """
[req]
distinguished_name = name
x509_extensions = stamping
prompt = no
[name]
CN = Harbour Time Authority
[stamping]
extendedKeyUsage = critical,timeStamping
basicConstraints = CA:TRUE
[tsa]
default_tsa = authority
[authority]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = DIGESTS
"""


class Authority:
    """A key, a certificate and the replies of `openssl ts`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configure("sha256")
        (folder / "serial").write_text("01\n")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-config",
                     "tsa.conf")  # fmt: skip

    def configure(self, digests: str) -> None:
        """Set the digests that the authority accepts."""
        (self.folder / "tsa.conf").write_text(CONFIG.replace("DIGESTS", digests))

    def openssl(self, *words: str) -> str:
        """Run openssl in the folder; fail if it fails."""
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def reply(self, query: bytes) -> bytes:
        """The response to a query."""
        (self.folder / "query.tsq").write_bytes(query)
        self.openssl("ts", "-reply", "-queryfile", "query.tsq", "-inkey", "key.pem", "-signer", "cert.pem", "-config",
                     "tsa.conf", "-out", "reply.tsr")  # fmt: skip
        return (self.folder / "reply.tsr").read_bytes()


@contextmanager
def served(reply: Callable[[bytes], bytes]) -> Iterator[str]:
    """An HTTP server on loopback whose responses are `reply(request body)`; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = reply(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        server.server_close()


def rfc3161(url: str) -> bytes:
    """The reply of an authority for DATA."""
    return TimestampService(kind="rfc3161", url=url).request(DATA)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@needs_openssl
def test_openssl_verifies_the_stored_response(authority: Authority) -> None:
    with served(authority.reply) as url:
        (authority.folder / "root.tsr").write_bytes(rfc3161(url))
    (authority.folder / "root.txt").write_bytes(DATA)
    verify = ("ts", "-verify", "-data", "root.txt", "-in", "root.tsr", "-CAfile", "cert.pem")
    assert "Verification: OK" in authority.openssl(*verify)


@needs_openssl
def test_a_refusal_is_reported(authority: Authority) -> None:
    authority.configure("sha512")
    with served(authority.reply) as url, pytest.raises(TimestampError, match=r"refusal \(status 2\)"):
        rfc3161(url)


@needs_openssl
def test_the_response_to_another_request_is_refused(authority: Authority) -> None:
    with served(authority.reply) as url:
        earlier = rfc3161(url)
    with served(lambda _: earlier) as url, pytest.raises(TimestampError, match="for other data"):
        rfc3161(url)


@pytest.mark.parametrize("body", [b"", b"<html>Not found</html>"])
def test_a_reply_that_is_no_response_is_reported(body: bytes) -> None:
    with served(lambda _: body) as url, pytest.raises(TimestampError, match="not a time-stamp response"):
        rfc3161(url)


def test_an_authority_that_cannot_be_reached_is_reported() -> None:
    with served(lambda _: b"") as url:
        pass
    with pytest.raises(TimestampError, match="no time-stamp"):
        rfc3161(url)
    with pytest.raises(TimestampError, match="write an http or https URL"):
        rfc3161("file:///etc/passwd")
    with pytest.raises(TimestampError, match="without a user name and a password") as refused:
        rfc3161("https://desk:secret@tsa.example/")
    assert "secret" not in str(refused.value)


REPLY = b"\x08\x00\x83\xdf\xe3\x0d\x2e\xf9\x0c\x8e\x06\x05https"
"""What a calendar replies: one operation, and its promise to connect the result to a block."""


def test_each_calendar_stamps_a_recent_root_once(tmp_path: Path) -> None:
    db = daily_archive(tmp_path).store.db
    asked: list[bytes] = []

    def reply(body: bytes) -> bytes:
        asked.append(body)
        return REPLY

    with served(reply) as url:
        settings = {
            "DATA_DIR": str(tmp_path),
            "WIREWATCH_OTS_CALENDARS": f"{url}/ {url.replace('127.0.0.1', 'localhost')}",
        }
        services = timestamp_services(AppConfig.read(settings, {}))
        for _ in range(2):
            assert list(stamp_new_roots(db, services, now=at(5))) == []
    assert [len(body) for body in asked] == [32] * 6
    days, hosts = ("2026-11-01", "2026-11-02", "2026-11-03"), sorted(service.host for service in services)
    found = [(one.day, one.host, one.kind, one.content) for one in root_timestamps(db)]
    assert found == [(day, host, "opentimestamps", REPLY) for day in days for host in hosts]


def test_a_calendar_that_fails_is_named_in_one_line_and_asked_again_at_the_next_run(tmp_path: Path) -> None:
    db = daily_archive(tmp_path).store.db
    replies = [b"<html>busy</html>"]
    with served(lambda _: replies[-1]) as url:
        services = [TimestampService(kind="opentimestamps", url=address) for address in ("ftp://calendar.example", url)]
        first = list(stamp_new_roots(db, services, now=at(5)))
        replies.append(REPLY)
        again = list(stamp_new_roots(db, services, now=at(5)))
    assert [line.partition(";")[0] for line in first] == [
        "WIREWATCH_OTS_CALENDARS = 'ftp://calendar.example': write an http or https URL",
        f"{url}: not an OpenTimestamps reply (unknown operation 0x3c)",
    ]
    assert again == first[:1]
    assert len(root_timestamps(db)) == 3


def test_roots_of_earlier_weeks_are_not_stamped(tmp_path: Path) -> None:
    db = daily_archive(tmp_path).store.db
    services = [TimestampService(kind="opentimestamps", url="http://127.0.0.1:1")]
    assert list(stamp_new_roots(db, services, now=at(30))) == []
