"""Reasons of failed requests in words for users."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.support.child_crawl import crawl_in_child
from tests.support.servers.loopback import fresh_address

SAID = {
    "/nothing": b"",
    "/garbage": b"\x00\x01\x02garbage\r\n\r\n",
    "/length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nwords",
    "/chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nwords",
}


@contextlib.contextmanager
def speaking_badly() -> Iterator[str]:
    """A server that sends SAID and disconnects."""
    with socket.socket() as listening:
        listening.bind((fresh_address(), 0))
        listening.listen()

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection:
                        path = connection.recv(65536).split()[1].decode()
                        connection.sendall(SAID.get(path, b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"))

        threading.Thread(target=serve, daemon=True).start()
        host, port = listening.getsockname()
        yield f"http://{host}:{port}"


def test_an_invalid_response_is_described_without_python_terms() -> None:
    with speaking_badly() as base:
        host = base.removeprefix("http://").partition(":")[0]
        responses = crawl_in_child([base + path for path in SAID], private=[host], RETRY_TIMES=0)
    reasons = {path: responses[base + path].reason for path in SAID}
    assert reasons["/nothing"] == "connection closed without a response"
    assert {reasons[path] for path in ("/garbage", "/length")} == {"the response is not valid HTTP"}
    assert list(responses[f"{base}/chunk"].flags) == ["dataloss"]
