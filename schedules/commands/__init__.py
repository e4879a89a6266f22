"""Commands of the `scrapy` command line, one per module, with the name of the module. Each folder has one subject.

Scrapy imports all of these modules at each start, so slow imports are inside the functions.
"""

from __future__ import annotations

import logging
import sys
from pkgutil import walk_packages

from schedules.cli.errors import print_uncaught
from schedules.cli.output import VisibleRecord

# Before the first log record, and while Scrapy imports the commands: every command imports this package.
logging.setLogRecordFactory(VisibleRecord)
sys.excepthook = print_uncaught


def command_modules() -> dict[str, str]:
    """Return the module of each command, by the name of the command, in order."""
    found = {
        module.name.rpartition(".")[2]: module.name
        for module in walk_packages(__path__, f"{__name__}.")
        if not module.ispkg
    }
    return dict(sorted(found.items()))
