"""The user's environment file in the data folder: settings that are secrets, or that differ between machines.

The format is that of systemd's EnvironmentFile and of `docker --env-file`: NAME=value, a setting a line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from crawler.exceptions import ConfigurationError
from crawler.filesystem.files import replace_file

ENVIRONMENT_FILE = "wirewatch.env"
_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")


def load_environment(data_dir: Path, environ: MutableMapping[str, str] = os.environ) -> None:
    """Add the variables of the file that the environment does not have. Raises ConfigurationError."""
    for name, value in read_environment(data_dir).items():
        environ.setdefault(name, value)


def read_environment(data_dir: Path) -> dict[str, str]:
    """The variables of the file; none if there is no file. Raises ConfigurationError with all mistakes, without values."""
    path = data_dir / ENVIRONMENT_FILE
    found: dict[str, str] = {}
    mistakes = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(path, [f"cannot be read: {error}"]) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        written = _LINE.fullmatch(line.strip())
        if written is None:
            mistakes.append(f"line {number}: write NAME=value, such as WIREWATCH_CONTACT=desk@example.org")
            continue
        value = written[2]
        found[written[1]] = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
    if mistakes:
        raise ConfigurationError(path, mistakes)
    return found


def add_to_environment_file(data_dir: Path, values: Mapping[str, str]) -> None:
    """Append variables to the file; only its owner may read it. Raises ConfigurationError."""
    path = data_dir / ENVIRONMENT_FILE
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before and not before.endswith("\n"):
            before += "\n"
        content = before + "".join(f"{name}={value}\n" for name, value in values.items())
        replace_file(path, content.encode(), mode=0o600)
    except OSError as error:
        raise ConfigurationError(path, [f"cannot be written: {error.strerror}"]) from error
