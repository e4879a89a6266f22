"""Commands of the `scrapy` command line; one module a command, named as it is typed.

Scrapy imports every module here at each start: heavy things are imported inside the functions.
"""

from __future__ import annotations

import logging

from schedules.cli.output import VisibleRecord

logging.setLogRecordFactory(VisibleRecord)  # before anybody logs: each command begins by importing this
