"""Run a command that gets a signal at a certain moment: at a call of one of its functions."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tests.support.warm_commands import run_warm

_PROGRAM = """
import importlib, os, signal, sys
from scrapy.cmdline import execute

module, name = importlib.import_module(sys.argv.pop(1)), sys.argv.pop(1)
call, number = int(sys.argv.pop(1)), int(sys.argv.pop(1))
function, calls = getattr(module, name), 0

def called(*args, **known):
    global calls
    calls += 1
    if calls == call:
        os.kill(os.getpid(), number)
    return function(*args, **known)

setattr(module, name, called)
signal.signal(signal.SIGINT, signal.default_int_handler)  # pytest may run with it ignored
execute(["scrapy", *sys.argv[1:]])
"""


def stopped_command(
    *words: str, data: Path, function: str, call: int, number: int = signal.SIGKILL
) -> subprocess.CompletedProcess[str]:
    """Run `scrapy WORDS...`, which sends itself the signal `number` when `function` ("module.name") is called so often."""
    module, _, name = function.rpartition(".")
    return run_warm(
        ["-c", _PROGRAM, module, name, str(call), str(int(number)), *words],
        env={**os.environ, "WIREWATCH_DATA_DIR": str(data)},
    )
