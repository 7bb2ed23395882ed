"""The picture behind the pins."""

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from directory.core.http import IMMUTABLE
from directory.search.map.map_figure import PATH, digest
from directory.search.map.request import PictureError, parse_picture
from directory.search.map.svg import drawn

maps_bp = Blueprint("maps", __name__)

# Opened by itself, it is as harmless as in the page.
_POLICY = "default-src 'none'; frame-ancestors 'none'"


@maps_bp.get(PATH)
def picture() -> Response | tuple[Response, int]:
    """Draw the land around a place."""
    try:
        asked = parse_picture(request.args.to_dict(flat=False))
    except PictureError as error:
        return jsonify(error=str(error)), 400
    response = Response(drawn(asked.frame, asked.colors), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = (
        IMMUTABLE if asked.version == digest() else "public, no-cache"
    )
    return response
