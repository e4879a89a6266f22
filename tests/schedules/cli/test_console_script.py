"""Ctrl-C while Scrapy is imported, before a command runs."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.support.cli import ROOT

PROGRAM = """
import os, signal, sys, types
from schedules.cli.console_script import run_scrapy, take_over
signal.signal(signal.SIGINT, {handler})
def execute():
    {before}
    os.kill(os.getpid(), signal.SIGINT)
    print("still running")
sys.modules["scrapy"], sys.modules["scrapy.cmdline"] = types.ModuleType("scrapy"), types.ModuleType("scrapy.cmdline")
sys.modules["scrapy.cmdline"].execute = execute
run_scrapy()
"""


@pytest.mark.parametrize(
    ("handler", "before", "status", "output"),
    [
        ("signal.default_int_handler", "pass", 128 + signal.SIGINT, "Interrupted. Everything stored so far is kept.\n"),
        ("signal.SIG_IGN", "pass", 0, "still running\n"),
        ("signal.default_int_handler", "take_over()", -signal.SIGINT, "KeyboardInterrupt\n"),
    ],
    ids=["import", "nohup", "command"],
)
def test_ctrl_c_before_a_command_runs_prints_one_line(handler: str, before: str, status: int, output: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(handler=handler, before=before)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == status
    assert done.stdout == output if status >= 0 else done.stdout.endswith(output)
