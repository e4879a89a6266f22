"""Addresses of clusters and their certificates."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.support.cluster.certificates import make_authority, make_certificates
from crawler.config.app import AppConfig
from crawler.exceptions import WirewatchError
from schedules.cluster.address import ClusterAddress, cluster_address, probe, scheduler_address


def configured(address: str, **settings: object) -> AppConfig:
    return AppConfig.read({"WIREWATCH_CLUSTER": address, **settings}, environ={})


def test_no_cluster_is_the_default() -> None:
    assert cluster_address(AppConfig.read(environ={})) is None


def test_nodes_on_this_machine_need_neither_scheduler_nor_certificates() -> None:
    assert cluster_address(configured("local:4")) == ClusterAddress(url="", local_nodes=4)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786"])
def test_an_unencrypted_cluster_on_loopback_is_accepted(address: str) -> None:
    assert cluster_address(configured(address)) == ClusterAddress(url=address)


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tcp://scheduler.example:8786"])
def test_an_unencrypted_cluster_elsewhere_is_refused_unless_it_is_declared_insecure(address: str) -> None:
    with pytest.raises(WirewatchError, match=r"not encrypted.*--insecure"):
        cluster_address(configured(address))
    assert cluster_address(configured(address, WIREWATCH_CLUSTER_INSECURE="1")) == ClusterAddress(url=address)


@pytest.mark.parametrize("address", ["scheduler:8786", "http://h:1", "tls://h", "tls://h:99999", "local:0", "local:x"])
def test_an_address_that_cannot_be_one_is_refused_in_one_line(address: str) -> None:
    with pytest.raises(WirewatchError, match=r"expected (an address|local)") as caught:
        cluster_address(configured(address))
    assert "\n" not in str(caught.value)


def test_missing_certificates_are_named(tmp_path: Path) -> None:
    with pytest.raises(WirewatchError, match=r"needs certificates.*ca\.pem, cert\.pem, key\.pem"):
        cluster_address(configured("tls://h:1"))
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(WirewatchError, match=r"has no cert\.pem and no key\.pem"):
        cluster_address(configured("tls://h:1", WIREWATCH_CLUSTER_CERTIFICATES=str(tmp_path)))
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text("not a certificate")
    with pytest.raises(WirewatchError, match=r"ca\.pem: cannot be used"):
        cluster_address(configured("tls://h:1", WIREWATCH_CLUSTER_CERTIFICATES=str(tmp_path)))


@contextlib.asynccontextmanager
async def greeting_server(certificates: Path | None) -> AsyncIterator[str]:
    """A server that greets as a scheduler does, with mutual TLS if it has certificates; yields its address."""
    context = None
    if certificates is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificates / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.transport.abort() if context is None else writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'tls' if certificates else 'tcp'}://127.0.0.1:{port}"


async def probed(served: Path | None, *, own: Path | None, scheme: str | None = None) -> str:
    """The error of a probe, "" if there is none."""
    async with greeting_server(served) as greeting:
        url = greeting if scheme is None else f"{scheme}://{greeting.partition('://')[2]}"
        try:
            address = scheduler_address(url, certificates=str(own or ""), insecure=False, option="--cluster")
            await probe(address, seconds=0.5 if scheme == "tcp" else 10.0)
        except WirewatchError as error:
            assert "\n" not in str(error)
            return str(error)
    return ""


def test_certificates_of_the_clusters_own_authority_are_accepted_and_others_are_refused(tmp_path: Path) -> None:
    ours, theirs = make_authority("Ours"), make_authority("Theirs")
    scheduler = make_certificates(tmp_path / "scheduler", ours)
    right = make_certificates(tmp_path / "right", ours)
    wrong = make_certificates(tmp_path / "wrong", theirs)
    mixed = make_certificates(tmp_path / "mixed", theirs, trusted=ours)

    assert asyncio.run(probed(scheduler, own=right)) == ""
    assert "is not signed by" in asyncio.run(probed(scheduler, own=wrong))
    assert "does not accept" in asyncio.run(probed(scheduler, own=mixed))
    assert "does not speak TLS" in asyncio.run(probed(None, own=right, scheme="tls"))
    assert "uses TLS, write tls://" in asyncio.run(probed(scheduler, own=None, scheme="tcp"))


def test_a_scheduler_that_does_not_run_is_reported_in_one_line() -> None:
    with pytest.raises(WirewatchError, match=r"no scheduler can be reached.*dask scheduler"):
        asyncio.run(probe(ClusterAddress(url="tcp://127.0.0.1:9")))
