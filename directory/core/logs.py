"""Log records as one line of JSON each, and the request data removed from gunicorn's log."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JSONFormatter(logging.Formatter):
    """Writes time, level, message and the fields given with ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry.update({key: value for key, value in vars(record).items() if key not in _OWN})
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def init_logs() -> None:
    """Send the logs of the directory to standard error. The web server logs no IP addresses."""
    logger = logging.getLogger("directory")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JSONFormatter())
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False


_ABOUT_REQUESTS = ("Invalid request", "Error handling request")


class WebServerLog(Logger):  # type: ignore[misc]
    """Gunicorn's log, without the URL of requests that it cannot parse."""

    def setup(self, cfg: Any) -> None:
        """Set up the log with a filter that removes request data."""
        super().setup(cfg)
        self.error_log.addFilter(_without_request)


def _without_request(record: logging.LogRecord) -> bool:
    if str(record.msg).startswith(_ABOUT_REQUESTS):
        error = record.exc_info[0] if record.exc_info else None
        record.msg = f"A request failed: {error.__name__ if error else 'unreadable'}"
        record.args, record.exc_info = (), None
    return True
