"""The proxy of the browser: which connections it makes or refuses, and its error messages."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from crawler.http.private_network_proxy import REFUSED_HEADER, UNREACHABLE_HEADER, FilteringProxy
from crawler.http.private_networks import refused
from tests.support.servers.loopback import Reply, Site, html


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        made["/a?b=1"] = html("<p>hello</p>")
        yield made


def dial(proxy: FilteringProxy) -> http.client.HTTPConnection:
    parts = urlsplit(proxy.url)
    assert parts.hostname
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)


def get(proxy: FilteringProxy, url: str) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection = dial(proxy)
    try:
        connection.request("GET", url, headers={"Proxy-Connection": "keep-alive", "X-Mine": "kept"})
        response = connection.getresponse()
        return response.status, response.read(), response.headers
    finally:
        connection.close()


def raw(proxy: FilteringProxy, request: bytes) -> bytes:
    parts = urlsplit(proxy.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as connection:
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
        return answer


def test_an_allowed_host_receives_the_requested_path_and_headers(site: Site) -> None:
    with FilteringProxy([site.address]) as proxy:
        status, body, _ = get(proxy, f"{site.base}/a?b=1")
    assert (status, body) == (200, b"<p>hello</p>")
    ((path, headers),) = site.requests
    assert path == "/a?b=1"
    assert (headers["x-mine"], headers["connection"], headers["host"]) == ("kept", "close", urlsplit(site.base).netloc)
    assert not any(name.startswith("proxy-") for name in headers)


def test_a_tunnel_to_an_allowed_host_passes_bytes_both_ways(site: Site) -> None:
    with FilteringProxy([site.address]) as proxy:
        connection = dial(proxy)
        connection.set_tunnel(site.address, urlsplit(site.base).port)
        connection.request("GET", "/a?b=1", headers={"Connection": "close"})
        assert connection.getresponse().read() == b"<p>hello</p>"
        connection.close()


FORMS = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "localhost", "localhost.", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "10.0.0.1", "169.254.169.254", "192.168.1.1", "[fe80::1]",
)  # fmt: skip


@pytest.mark.parametrize("host", FORMS)
def test_private_addresses_are_refused_however_they_are_written(host: str) -> None:
    with FilteringProxy() as proxy:
        status, body, headers = get(proxy, f"http://{host}:8001/secret")
        assert status == 403
        assert headers[REFUSED_HEADER] == body.decode()
        assert "a private address; allow_private = true" in body.decode()
        assert raw(proxy, f"CONNECT {host}:8001 HTTP/1.1\r\n\r\n".encode()).startswith(b"HTTP/1.1 403 ")
    assert refused(host) == body.decode()


def test_a_host_that_is_not_allowed_is_refused(site: Site) -> None:
    with Site() as inside, FilteringProxy([site.address]) as proxy:
        assert get(proxy, f"{inside.base}/secret")[0] == 403
        assert inside.requests == []


def test_an_unreachable_host_is_distinguished_from_a_refused_one() -> None:
    with Site() as gone:
        pass
    with FilteringProxy([gone.address]) as proxy:
        status, _, headers = get(proxy, f"{gone.base}/a")
    assert (status, headers[UNREACHABLE_HEADER]) == (502, "connection refused")


def test_all_addresses_of_a_host_are_tried(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    port = urlsplit(site.base).port
    with FilteringProxy(["two.example"]) as proxy:

        async def two(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
            assert host == "two.example"
            dead = f"{site.address.rpartition('.')[0]}.254"
            return [(0, 0, 0, "", (address, port)) for address in (dead, site.address)]

        monkeypatch.setattr(proxy._loop, "getaddrinfo", two)
        assert get(proxy, f"http://two.example:{port}/a?b=1")[1] == b"<p>hello</p>"


@pytest.mark.parametrize(
    "request_line",
    ["GET /a HTTP/1.1", "GET ftp://127.0.0.1/ HTTP/1.1", "CONNECT nowhere HTTP/1.1", "nonsense", "GET http://[::/ HTTP/1.1",
     f"GET http://{'a' * 64}.example/ HTTP/1.1"],
)  # fmt: skip
def test_an_invalid_proxy_request_is_answered_with_an_error(request_line: str) -> None:
    with FilteringProxy() as proxy:
        assert raw(proxy, f"{request_line}\r\n\r\n".encode()).startswith(b"HTTP/1.1 400 ")


def test_an_endless_request_head_is_refused() -> None:
    with FilteringProxy() as proxy:
        assert raw(proxy, b"GET http://x.example/ HTTP/1.1\r\n" + b"a" * 70_000).startswith(b"HTTP/1.1 400 ")


def test_a_server_that_stops_sending_times_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.http.private_network_proxy.IDLE_SECONDS", 0.2)
    go_on = threading.Event()

    def silent(_: object) -> Reply:
        go_on.wait(60)
        return html("late")

    site["/slow"] = silent
    with FilteringProxy([site.address]) as proxy:
        begun = time.monotonic()
        assert raw(proxy, f"GET {site.base}/slow HTTP/1.1\r\nHost: x\r\n\r\n".encode()) == b""
        assert time.monotonic() - begun < 50
    go_on.set()


def test_the_proxy_stops_while_connections_are_open(site: Site) -> None:
    with FilteringProxy([site.address]) as proxy:
        port = urlsplit(proxy.url).port or 0
        idle = socket.create_connection(("127.0.0.1", port), timeout=60)
        tunnel = socket.create_connection(("127.0.0.1", port), timeout=60)
        tunnel.sendall(f"CONNECT {urlsplit(site.base).netloc} HTTP/1.1\r\n\r\n".encode())
        assert tunnel.recv(100).startswith(b"HTTP/1.1 200 ")
    for connection in (idle, tunnel):
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(100) == b""
        connection.close()
