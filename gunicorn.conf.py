"""Read by gunicorn wherever it is started in this folder."""

from directory.core.logs import WebServerLog

logger_class = WebServerLog
