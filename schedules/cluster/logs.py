"""Dask's log lines, which are of no use to the user of a command: what matters is reported in one line."""

from __future__ import annotations

import logging


def silence_dask() -> None:
    """Import Dask, which sets up handlers of its own, and hide its log lines unless they are critical."""
    from importlib import import_module

    import_module("distributed")
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
