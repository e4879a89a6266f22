"""`scrapy completion`: what a shell proposes."""

from __future__ import annotations

import subprocess

import pytest

from schedules.commands.starting.completion import completion_script

COMMANDS = {"archive": ("check", "prune", "prove", "--keep"), "crawl": ("all",)}


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("scrapy a", "archive"),
        ("scrapy archive pr", "prune prove"),
        ("scrapy archive --", "--keep"),
        ("scrapy nothing x", ""),
    ],
)
def test_bash_completes_commands_actions_and_options(typed: str, proposed: str) -> None:
    words = typed.split(" ")
    script = f'{completion_script(COMMANDS)}\nCOMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; _wirewatch; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == proposed
