"""What the web server says of itself, without what it was asked."""

import logging
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

_ABOUT_REQUESTS = ("Invalid request", "Error handling request")


class WebServerLog(Logger):  # type: ignore[misc]
    """Gunicorn's log; of a request it cannot read it would repeat the whole address."""

    def setup(self, cfg: Any) -> None:
        """Prepare the log, and have it say less of requests."""
        super().setup(cfg)
        self.error_log.addFilter(_without_request)


def _without_request(record: logging.LogRecord) -> bool:
    if str(record.msg).startswith(_ABOUT_REQUESTS):
        error = record.exc_info[0] if record.exc_info else None
        record.msg = f"A request failed: {error.__name__ if error else 'unreadable'}"
        record.args, record.exc_info = (), None
    return True
