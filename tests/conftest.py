"""No test reaches past loopback; browser tests need the system's Chromium."""

from __future__ import annotations

import os
import shutil

import pytest
from pytest_socket import socket_allow_hosts

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(autouse=True)
def _loopback_only() -> None:
    socket_allow_hosts(["127.0.0.0/8", "::1", "localhost"], allow_unix_socket=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped, saying so; in CI that is a failure."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if os.environ.get("CI"):
        pytest.exit("no Chromium in CI: the browser tests cannot run (Debian: apt install chromium)", returncode=1)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium (Debian: apt install chromium)"))
