"""What responses have in common."""

from flask import Response


def keep_private(response: Response) -> Response:
    """Leave nothing of a page in a cache or an index; for `after_request`."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
