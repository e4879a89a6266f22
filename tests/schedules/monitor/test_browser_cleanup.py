"""The browser ends when the monitor is killed while a crawl renders pages."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from benchmarks.support.sites.growing_site import GrowingWeb
from tests.support.cli import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PATIENCE = 180.0
"""Seconds to wait for the browser to start, or to end, on a busy machine."""


def browsers(parent: psutil.Process) -> list[psutil.Process]:
    found = []
    for child in parent.children(recursive=True):
        try:
            if "chrom" in child.name().lower():
                found.append(child)
        except psutil.Error:
            continue
    return found


def test_no_browser_is_left_after_the_monitor_is_killed(tmp_path: Path) -> None:
    with GrowingWeb(outlets=1, first=30, network=f"127.34.{os.getpid() % 250}") as web:
        web.write_sources(tmp_path / "sources.toml")
        with (tmp_path / "sources.toml").open("a") as file:
            file.write("render = true\n")
        environ = {**os.environ, "WIREWATCH_DATA_DIR": str(tmp_path), "WIREWATCH_MONITOR_INTERVAL": "0.5"}
        with (tmp_path / "log").open("wb") as log:
            monitor = subprocess.Popen(
                [sys.executable, "-m", "scrapy", "monitor"], cwd=ROOT, env=environ, stdout=log, stderr=log
            )
            try:
                process = psutil.Process(monitor.pid)
                end = time.monotonic() + PATIENCE
                while len(browsers(process)) < 2 and time.monotonic() < end:
                    time.sleep(0.3)
                children = process.children(recursive=True)
                assert browsers(process), (tmp_path / "log").read_text()
            finally:
                monitor.kill()
                monitor.wait()
        _, alive = psutil.wait_procs(children, timeout=PATIENCE)
        names = [f"{one.pid} {one.name()}" for one in alive]
        for one in alive:
            one.kill()
        assert names == []
