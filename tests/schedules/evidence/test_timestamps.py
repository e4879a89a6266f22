"""RFC 3161 time-stamps of roots: a real authority (OpenSSL behind HTTP), and the replies that are refused."""

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

from schedules.evidence.timestamps import TimestampError, request_timestamp

pytestmark = pytest.mark.skipif(
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


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_openssl_verifies_the_stored_response(authority: Authority) -> None:
    with served(authority.reply) as url:
        (authority.folder / "root.tsr").write_bytes(request_timestamp(url, DATA))
    (authority.folder / "root.txt").write_bytes(DATA)
    verify = ("ts", "-verify", "-data", "root.txt", "-in", "root.tsr", "-CAfile", "cert.pem")
    assert "Verification: OK" in authority.openssl(*verify)


def test_a_refusal_is_reported(authority: Authority) -> None:
    authority.configure("sha512")
    with served(authority.reply) as url, pytest.raises(TimestampError, match=r"refusal \(status 2\)"):
        request_timestamp(url, DATA)


def test_the_response_to_another_request_is_refused(authority: Authority) -> None:
    with served(authority.reply) as url:
        earlier = request_timestamp(url, DATA)
    with served(lambda _: earlier) as url, pytest.raises(TimestampError, match="for other data"):
        request_timestamp(url, DATA)


@pytest.mark.parametrize("body", [b"", b"<html>Not found</html>"])
def test_a_reply_that_is_no_response_is_reported(body: bytes) -> None:
    with served(lambda _: body) as url, pytest.raises(TimestampError, match="not a time-stamp response"):
        request_timestamp(url, DATA)


def test_an_authority_that_cannot_be_reached_is_reported() -> None:
    with served(lambda _: b"") as url:
        pass
    with pytest.raises(TimestampError, match="no time-stamp"):
        request_timestamp(url, DATA)
    with pytest.raises(TimestampError, match="write an http or https URL"):
        request_timestamp("file:///etc/passwd", DATA)
