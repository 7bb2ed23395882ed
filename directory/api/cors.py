"""CORS headers: other sites may read public data, without cookies or writes."""

from werkzeug.wrappers import Response

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Allow, ETag, Retry-After",
}
_FOR_OPTIONS = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def let_read(response: Response) -> Response:
    """Say that every site may read this, and what it may ask for; for `after_request`."""
    response.headers.update(_HEADERS)
    if "Allow" in response.headers:
        response.headers.update(_FOR_OPTIONS)
    return response
