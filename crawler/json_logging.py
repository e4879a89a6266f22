"""Write log records as JSON, one object per line, to standard error."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone

from crawler.text.sanitize import escape_json


class JsonFormatter(logging.Formatter):
    """Formats a record as an object with time, level, logger, message, the keys of `extra={"event": {...}}`, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "event", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return escape_json(json.dumps(line, ensure_ascii=False, default=str))


def install_json_handler(level: str) -> None:
    """Log everything as JSON from now on. Scrapy's own root handler must be disabled."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level)  # Scrapy resets the level of the root logger to NOTSET
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
