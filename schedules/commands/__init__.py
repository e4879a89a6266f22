"""Commands of the `scrapy` command line, one per module, with the name of the module.

Scrapy imports all of these modules at each start, so slow imports are inside the functions.
"""

from __future__ import annotations

import logging

from schedules.cli.output import VisibleRecord

logging.setLogRecordFactory(VisibleRecord)  # before the first log record: every command imports this package
