"""Addresses of clusters and the certificates for them: checked before anything of Dask is imported."""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.config.paths import expanded
from crawler.exceptions import WirewatchError
from crawler.urls import is_loopback

if TYPE_CHECKING:
    from distributed.security import Security

    from crawler.config.app import AppConfig

CERTIFICATE_FILES = ("ca.pem", "cert.pem", "key.pem")
"""The authority that signed all certificates of the cluster, and this machine's own certificate and key."""
PROBE_SECONDS = 10.0
"""For a connection and the first byte: schedulers greet at once."""
_ADDRESS = re.compile(r"(?P<scheme>tcp|tls)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>\d{1,5})")
_LOCAL = re.compile(r"local:(\d{1,3})")
_MOST_LOCAL = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterAddress:
    """Where the scheduler of a cluster is."""

    url: str
    """tcp://host:port or tls://host:port; "" for nodes that are started on this machine."""
    local_nodes: int = 0
    """Nodes to start on this machine; 0: the cluster runs already."""
    certificates: Path | None = None
    """Folder with the files of CERTIFICATE_FILES; None: no encryption."""

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Host name or IP address, and port."""
        host, _, port = self.url.partition("://")[2].rpartition(":")
        return host.strip("[]"), int(port)

    def security(self) -> Security | None:
        """Dask's settings for mutual TLS; None without certificates."""
        if self.certificates is None:
            return None
        from distributed.security import Security

        ca, cert, key = (str(self.certificates / name) for name in CERTIFICATE_FILES)
        return Security(
            require_encryption=True, tls_ca_file=ca, tls_client_cert=cert, tls_client_key=key,
            tls_worker_cert=cert, tls_worker_key=key, tls_scheduler_cert=cert, tls_scheduler_key=key,
        )  # fmt: skip


def cluster_address(config: AppConfig) -> ClusterAddress | None:
    """The configured cluster; None if there is none. Raises WirewatchError with what is wrong with address or certificates."""
    text = config.cluster.strip()
    if not text:
        return None
    local = _LOCAL.fullmatch(text)
    if local is not None:
        nodes = int(local[1])
        if not 1 <= nodes <= _MOST_LOCAL:
            raise WirewatchError(f"--cluster {text}: expected local:1 to local:{_MOST_LOCAL}")
        return ClusterAddress(url="", local_nodes=nodes)
    return scheduler_address(
        text, certificates=config.cluster_certificates, insecure=config.cluster_insecure, option="--cluster"
    )


def scheduler_address(text: str, *, certificates: str, insecure: bool, option: str) -> ClusterAddress:
    """The scheduler at an address. Raises WirewatchError with what is wrong with address or certificates."""
    match = _ADDRESS.fullmatch(text)
    if match is None or not 0 < int(match["port"]) < 65536:
        examples = "tls://scheduler.example:8786" + (" or local:4" if option == "--cluster" else "")
        raise WirewatchError(f"{option} {text}: expected an address such as {examples}")
    if match["scheme"] == "tls":
        return ClusterAddress(url=text, certificates=_checked_certificates(certificates, f"{option} {text}"))
    if not insecure and not is_loopback(match["host"].strip("[]")):
        raise WirewatchError(
            f"{option} {text}: not encrypted, and anyone who reaches it can run programs on its nodes; use tls:// with"
            " certificates, or --insecure if only trusted machines can reach that network"
        )
    return ClusterAddress(url=text)


def _checked_certificates(folder: str, where: str) -> Path:
    if not folder:
        raise WirewatchError(
            f"{where}: tls:// needs certificates; name a folder with {', '.join(CERTIFICATE_FILES)} with --certificates"
            " or WIREWATCH_CLUSTER_CERTIFICATES"
        )
    path = expanded(folder).resolve()
    missing = [name for name in CERTIFICATE_FILES if not (path / name).is_file()]
    if missing:
        raise WirewatchError(
            f"{where}: {path} has no {' and no '.join(missing)}; docs/cluster.md shows how to make them"
        )
    _tls_context(path)
    return path


def _tls_context(folder: Path) -> ssl.SSLContext:
    ca, cert, key = (folder / name for name in CERTIFICATE_FILES)
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=ca)
    except (ssl.SSLError, OSError) as error:
        raise WirewatchError(f"{ca}: cannot be used as certificate of the authority ({_why(error)})") from error
    context.check_hostname = False  # as Dask does: each certificate of the cluster's own authority is trusted
    try:
        context.load_cert_chain(cert, key)
    except (ssl.SSLError, OSError) as error:
        raise WirewatchError(f"{cert}, {key}: not a certificate and its key ({_why(error)})") from error
    return context


async def probe(address: ClusterAddress, *, seconds: float = PROBE_SECONDS) -> None:
    """Return if the scheduler greets, and so accepts our certificate. Raises WirewatchError with what is wrong.

    Dask itself tries for its whole timeout, and reports each of these as a timeout.
    """
    try:
        greeting = await asyncio.wait_for(_first_byte(address), seconds)
    except ssl.SSLCertVerificationError as error:
        raise WirewatchError(
            f"{address.url}: its certificate is not signed by {address.certificates}/ca.pem ({error.verify_message})"
        ) from error
    except ssl.SSLError as error:
        raise WirewatchError(f"{address.url}: {_tls_fault(address, error)}") from error
    except (asyncio.TimeoutError, TimeoutError) as error:
        raise WirewatchError(f"{address.url}: {_silent(address, seconds)}") from error
    except OSError as error:
        why = _why(error)
        raise WirewatchError(
            f"{address.url}: no scheduler can be reached ({why}); start one: dask scheduler"
        ) from error
    if not greeting:
        raise WirewatchError(f"{address.url}: {_closed(address)}")


async def _first_byte(address: ClusterAddress) -> bytes:
    host, port = address.host_and_port
    context = _tls_context(address.certificates) if address.certificates else None
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        return await reader.read(1)
    finally:
        writer.transport.abort()


def _tls_fault(address: ClusterAddress, error: ssl.SSLError) -> str:
    if "WRONG_VERSION_NUMBER" in str(error) or "RECORD_LAYER" in str(error):
        return "does not speak TLS; start it with --tls-ca-file, --tls-cert and --tls-key"
    if "ALERT" in str(error):
        return (
            f"it does not accept {address.certificates}/cert.pem ({_why(error)}); both must be signed by one authority"
        )
    return f"TLS failed ({_why(error)})"


def _silent(address: ClusterAddress, seconds: float) -> str:
    if address.certificates is None:
        return f"no reply within {seconds:g} s; if its scheduler uses TLS, write tls:// and name --certificates"
    return f"no reply within {seconds:g} s; is it a Dask scheduler?"


def _closed(address: ClusterAddress) -> str:
    if address.certificates is None:
        return "it closed the connection; is it a Dask scheduler?"
    return f"it closed the connection; perhaps it does not accept {address.certificates}/cert.pem"


def _why(error: OSError) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return str(error.reason).lower().replace("_", " ")
    return (error.strerror or str(error) or type(error).__name__).lower()
