"""What all processes of a cluster share: the version of the code that decides what a page gives, and the set-up of Dask."""

from __future__ import annotations

import functools
import hashlib
import logging
from importlib.metadata import version
from pathlib import Path

from crawler.config.app import CHECKOUT

_PACKAGES = ("crawler", "pipelines", "schedules/cluster")
_LIBRARIES = ("trafilatura", "lxml", "htmldate", "dateparser", "py3langid", "rensa", "charset-normalizer", "msgpack")
"""Libraries whose other version may give another article, or cannot read what a node sends."""
RESOURCE_PREFIX = "wirewatch "
"""A node offers a Dask resource of this prefix and its version; a task asks for it, so that no other node gets it."""

_DASK_CONFIG = {
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.profile.enabled": False,
}


@functools.cache
def code_version(checkout: Path = CHECKOUT) -> str:
    """ "0.1.0+4f3a9c01d2": release, and a checksum of our modules and of the versions of the libraries."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((checkout / package).rglob("*.py")):
            digest.update(str(path.relative_to(checkout)).encode() + b"\0" + path.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return f"{version('wirewatch')}+{digest.hexdigest()[:10]}"


def resource_name() -> str:
    """The Dask resource of nodes with this version."""
    return RESOURCE_PREFIX + code_version()


def set_up_dask() -> None:
    """Import Dask, which sets up handlers of its own; hide its log lines unless they are critical, and measure less.

    Dask looks at its event loop, its threads and the machine up to a hundred times a second. Idle nodes take 1.1 instead of
    5 % of a core without that, and the pages are read in child processes, which Dask's profiler does not see.
    """
    from importlib import import_module

    import dask

    import_module("distributed")
    dask.config.set(_DASK_CONFIG)
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
