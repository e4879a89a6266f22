"""`scrapy completion`: print a script with which a shell completes commands and options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from importlib import import_module

from scrapy.exceptions import UsageError

from crawler.config.app import AppConfig
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import write_data
from schedules.commands import command_modules

SHELLS = ("bash", "zsh")
_SCRIPT = """\
_wirewatch() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="{commands}"
  else
    case "${{COMP_WORDS[1]}}" in
{cases}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _wirewatch scrapy
"""
_FOR_ZSH = "autoload -U +X bashcompinit && bashcompinit\n"


class Command(WirewatchCommand):
    arguments = "bash | zsh"
    summary = "Print a script that completes commands, actions and options in a shell"
    description = "Print a script for the shell. Load it in ~/.bashrc or ~/.zshrc."
    example = "scrapy completion bash >> ~/.bashrc"

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1 or args[0] not in SHELLS:
            raise UsageError(f"name a shell: {' or '.join(SHELLS)}")
        write_data([(_FOR_ZSH if args[0] == "zsh" else "") + completion_script(_following_words())])


def completion_script(commands: Mapping[str, Sequence[str]]) -> str:
    """A script for bash, which zsh reads with bashcompinit. `commands`: the words that can follow each command."""
    cases = "\n".join(f'      {name}) words="{" ".join(words)}" ;;' for name, words in commands.items())
    return _SCRIPT.format(commands=" ".join(commands), cases=cases)


def _following_words() -> dict[str, list[str]]:
    """The actions and options of each of our commands; Scrapy's own commands are left out."""
    found = {}
    for name, module in command_modules().items():
        command = import_module(module).Command()
        parser = argparse.ArgumentParser(conflict_handler="resolve")
        command.options(parser)
        options = sorted({one for action in parser._actions for one in action.option_strings if one.startswith("--")})
        found[name] = [*re.findall(r"(?:^|[|\[] ?)([a-z]+)(?= |$|\])", command.arguments), *options]
    return found
