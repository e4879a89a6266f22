"""Fixtures of all tests: connections to loopback only, a web server, and the system's Chromium for browser tests."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator

import hypothesis
import pytest
from pytest_socket import socket_allow_hosts

from tests.support.servers.loopback import Site

# The same examples in each run, with any load of the machine. `--hypothesis-profile=default` tries random ones.
hypothesis.settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("repeatable")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(autouse=True)
def _loopback_only() -> None:
    socket_allow_hosts(["127.0.0.0/8", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    """Fail the test that leaves logging changed; otherwise tests after it fail, in some orders only."""
    before = _logging_state()
    yield
    assert _logging_state() == before, "the test must restore the level of the root logger and logging.disable()"


def _logging_state() -> tuple[int, int, list[str]]:
    loggers = logging.root.manager.loggerDict.items()
    disabled = [name for name, logger in loggers if isinstance(logger, logging.Logger) and logger.disabled]
    return logging.root.manager.disable, logging.root.level, disabled


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server on loopback."""
    with Site() as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the browser tests if there is no browser; in CI, fail instead."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if os.environ.get("CI"):
        pytest.exit("no Chromium in CI: the browser tests cannot run (Debian: apt install chromium)", returncode=1)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium (Debian: apt install chromium)"))
