"""The build backend: setuptools for `make install`, which installs this checkout in place; wheels and sdists are refused.

The application finds its configuration, its starter files and Scrapy's project file in the checkout, and its four top-level
packages have names that other projects may use, too.
"""

from __future__ import annotations

from typing import NoReturn

from setuptools.build_meta import (
    build_editable,
    get_requires_for_build_editable,
    prepare_metadata_for_build_editable,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "prepare_metadata_for_build_editable",
]

HOW_TO_INSTALL = (
    "Wirewatch runs from its checkout and is not installed from a wheel; run `git clone"
    " https://github.com/wirewatch/wirewatch.git && cd wirewatch && make install` (docs/how-to/install.md)"
)


def build_wheel(*_: object, **__: object) -> NoReturn:
    """End with one line that says how to install."""
    raise SystemExit(HOW_TO_INSTALL)


def build_sdist(*_: object, **__: object) -> NoReturn:
    """The same."""
    raise SystemExit(HOW_TO_INSTALL)
