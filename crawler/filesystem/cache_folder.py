"""The folder for what is computed once from the data of a library: dictionaries, the unpacked language model."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path


def cache_folder(package: str) -> Path:
    """Return the folder of a library's installed version in the cache of the user; it may not exist or not be usable."""
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("wirewatch")) / f"{package}-{version(package)}"
