"""The background image of the map."""

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from directory.core.http import IMMUTABLE
from directory.search.map.map_figure import PATH, digest
from directory.search.map.request import PictureError, parse_picture
from directory.search.map.svg import render_svg

maps_bp = Blueprint("maps", __name__)

# Opened directly, the image loads and runs nothing.
_POLICY = "default-src 'none'; frame-ancestors 'none'"


@maps_bp.get(PATH)
def picture() -> Response | tuple[Response, int]:
    """Return the background image of a map as SVG."""
    try:
        requested = parse_picture(request.args.to_dict(flat=False))
    except PictureError as error:
        return jsonify(error=str(error)), 400
    response = Response(render_svg(requested.frame, requested.colors), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = (
        IMMUTABLE if requested.version == digest() else "public, no-cache"
    )
    return response
