"""SQLite's limit on the length of a value, which bounds the memory of a query. SQLite cannot interrupt the functions that
create long values, such as hex() and zeroblob()."""

from __future__ import annotations

import ctypes
import logging
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

log = logging.getLogger(__name__)

MAX_VALUE_BYTES = 32 << 20
"""Several times the longest text of a page (DOWNLOAD_MAXSIZE is 8 MiB). SQLite's default is 1,000,000,000."""
SQLITE_LIMIT_LENGTH = 0
SQLITE_DEFAULT_LENGTH = 1_000_000_000
TESTED_PYSQLITE3 = ("0.6.1",)
"""pysqlite3 has no setlimit(). Its connection object begins with the sqlite3 pointer in these versions."""


def limit_length(connection: Any) -> bool:
    """Sets the limit on a connection; False if the SQLite module does not allow it."""
    if hasattr(connection, "setlimit"):  # Python's own module, from 3.11 on
        connection.setlimit(SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        return True
    library = _pysqlite3() if type(connection).__module__.startswith("pysqlite3") else None
    if library is None:
        return False
    pointer = ctypes.c_void_p.from_address(id(connection) + object.__basicsize__)
    if library.sqlite3_limit(pointer, SQLITE_LIMIT_LENGTH, -1) != SQLITE_DEFAULT_LENGTH:
        return False
    library.sqlite3_limit(pointer, SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    return True


@cache
def _pysqlite3() -> ctypes.CDLL | None:
    """The extension module as a library; None for untested versions, and for builds that do not export sqlite3_limit."""
    try:
        if version("pysqlite3") not in TESTED_PYSQLITE3:
            return None
        from pysqlite3 import _sqlite3

        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_limit.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    except (PackageNotFoundError, ImportError, OSError, AttributeError) as error:
        log.debug("no limit on the length of values: %s", error)
        return None
    return library
