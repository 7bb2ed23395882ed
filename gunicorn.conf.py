"""Read by gunicorn wherever it is started in this folder."""

from directory.core.weblog import WebServerLog

logger_class = WebServerLog
