"""Building a wheel or an sdist ends with one line that says how to install instead."""

from __future__ import annotations

from pathlib import Path

import pytest

import build_backend
from crawler.config.parsing.toml import read_toml

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("hook", ["build_wheel", "build_sdist"])
def test_a_build_ends_with_one_line(hook: str) -> None:
    with pytest.raises(SystemExit, match=r"run `git clone .* && make install`") as raised:
        getattr(build_backend, hook)("dist")
    assert len(str(raised.value).splitlines()) == 1


def test_the_backend_is_the_configured_one() -> None:
    system = read_toml(ROOT / "pyproject.toml")["build-system"]
    assert (system["build-backend"], system["backend-path"]) == ("build_backend", ["."])
