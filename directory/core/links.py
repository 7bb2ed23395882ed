"""Addresses of our own pages for emails, built from PUBLIC_BASE_URL alone."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app


def public_url(endpoint: str, *, language: str = "en", **values: Any) -> str:
    """Return the full address of a page. The Host header of a request plays no part."""
    parts = urlsplit(current_app.config["SETTINGS"].public_base_url)
    prefix = "/" if language == "en" else f"/{language}"
    adapter = current_app.url_map.bind(parts.netloc, prefix, url_scheme=parts.scheme)
    return adapter.build(endpoint, values, force_external=True)
