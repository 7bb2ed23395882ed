"""Compression of responses, except those that hold a secret."""

from flask import Flask, Response, g
from flask_compress import Compress

_TEXT = [
    "text/html",
    "text/css",
    "text/plain",
    "text/javascript",
    "application/json",
    "application/xml",
    "image/svg+xml",
]

_compress = Compress()


def init_compression(app: Flask) -> None:
    """Compress public responses with the encoding the browser prefers."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_ALGORITHM=["br", "zstd", "gzip"],
        COMPRESS_MIMETYPES=_TEXT,
        COMPRESS_MIN_SIZE=1000,
    )
    _compress.init_app(app)
    app.after_request(_squeeze)


def _squeeze(response: Response) -> Response:
    """Compress an answer that may be.

    The length of a compressed page tells whether what somebody else put into it occurs in it
    once more: byte by byte, a form's token or an answer could be guessed (BREACH, CVE-2013-3587).
    """
    cache = response.cache_control
    if response.status_code != 200 or cache.no_store or cache.private or "csrf_token" in g:
        return response
    if response.mimetype in _TEXT:
        response.direct_passthrough = False
        response.make_sequence()  # a file is small, and as a stream would not be zipped for all
    return _compress.after_request(response)
