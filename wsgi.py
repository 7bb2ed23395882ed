"""The WSGI entry: ``gunicorn wsgi:app``, ``flask --app wsgi``."""

import sys

from directory import create_app
from directory.core.errors import SettingsError

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"Cannot start. {error}")
