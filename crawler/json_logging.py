"""Log lines for programs: one JSON object a line, on standard error."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone

from crawler.text.sanitize import escape_json


class JsonFormatter(logging.Formatter):
    """time, level, logger, message; what a call gives in `extra={"event": {...}}` beside them; a traceback as text."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, without line breaks inside."""
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
    """Make JSON lines of everything that is logged from now on. Scrapy's own root handler must be off."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level)  # Scrapy sets the root logger's own level back to "everything"
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
