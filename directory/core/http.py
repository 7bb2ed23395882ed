"""Public URLs of our pages, and caching and compression of responses."""

import functools
import gzip
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, request


def public_url(endpoint: str, *, language: str = "en", **values: Any) -> str:
    """Return the full URL of a page, regardless of the Host header of the request."""
    parts = urlsplit(current_app.config["SETTINGS"].public_base_url)
    prefix = "/" if language == "en" else f"/{language}"
    adapter = current_app.url_map.bind(parts.netloc, prefix, url_scheme=parts.scheme)
    return adapter.build(endpoint, values, force_external=True)


# For responses that never change at their URL.
IMMUTABLE = "public, max-age=31536000, immutable"
_GZIP_LEVEL = 5  # higher levels take half as long again for two percent
_PROGRAM = Path(__file__).resolve().parent.parent


def keep_private(response: Response) -> Response:
    """Keep a page out of caches and search engines; for `after_request`."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def public_tag(*parts: object) -> str:
    """Return the ETag of a public page that depends on these values and on this program."""
    text = "\n".join([_program_digest(), *map(str, parts)])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def unchanged(tag: str) -> Response | None:
    """Return a 304 response if the client already has the page with this tag."""
    if not request.if_none_match.contains_weak(tag):
        return None
    return _tagged(Response(status=304), tag)


def public(
    body: str | bytes, tag: str, *, content_type: str = "text/html; charset=utf-8"
) -> Response:
    """Return a page that any cache may store but has to revalidate before use."""
    return _tagged(Response(body, content_type=content_type), tag)


def zipped(text: str) -> bytes:
    """Return a page compressed for the cache: a sixth as large, and ready to send."""
    return gzip.compress(text.encode(), _GZIP_LEVEL, mtime=0)


def public_zipped(body: bytes, tag: str) -> Response:
    """Return a page that was compressed; clients without gzip get it decompressed."""
    if not request.accept_encodings["gzip"]:
        return public(gzip.decompress(body), tag)
    response = public(body, tag)
    response.headers["Content-Encoding"] = "gzip"
    return response


def _tagged(response: Response, tag: str) -> Response:
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "public, no-cache"
    return response


@functools.cache
def _program_digest() -> str:
    """Return a digest of all files of the program, which differs between versions."""
    digest = hashlib.sha256()
    for file in sorted(_PROGRAM.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.read_bytes())
    return digest.hexdigest()
