"""Paths as users write them."""

from __future__ import annotations

from pathlib import Path

from crawler.exceptions import WirewatchError


def expanded(written: str | Path) -> Path:
    """Return the path with `~` and `~user` replaced by home directories. Raises WirewatchError if there is no such user."""
    try:
        return Path(written).expanduser()
    except RuntimeError as error:
        raise WirewatchError(f"{written}: {str(error).rstrip('.').lower()}; write the folder in full") from None
