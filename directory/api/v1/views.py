"""The endpoints of the API."""

from flask import Blueprint, current_app, request
from werkzeug.wrappers import Response

from directory.api.cors import let_read
from directory.api.problems import BadParameterError, ParameterProblem, bad_parameter
from directory.api.v1.forms import parse_listings
from directory.api.v1.listings import listings_json
from directory.core.clock import utc_now
from directory.core.db.database import db
from directory.core.db.replicas import refuse_if_stale
from directory.core.http import public, public_tag, public_url, unchanged
from directory.core.versioned_cache import cache_named, request_key
from directory.geo.geocoder import place_finder
from directory.geo.places import Resolution
from directory.search.index.data_versions import version_of_request
from directory.search.query.request import SearchRequest
from directory.search.results.cards import result_page
from directory.search.results.values import ResultPage

_KEPT = 2000  # answers, about ten kilobytes each

api_bp = Blueprint("api", __name__, url_prefix="/api/v1")
api_bp.register_error_handler(BadParameterError, bad_parameter)
api_bp.after_request(let_read)


@api_bp.get("/listings")
def listings() -> Response:
    """Answer as the results page does, for a program."""
    session = db.session()
    version = version_of_request(session)
    base_url = current_app.config["SETTINGS"].public_base_url
    made_of = (version.tag, utc_now().year, base_url)
    answers, key = cache_named("api-listings", _KEPT).of(str(made_of)), request_key()
    if known := answers.get(key):
        tag, body = known
        return unchanged(tag) or public(body, tag, content_type="application/json")
    asked = parse_listings(request.args.to_dict(flat=False))
    resolution = _find_places(asked)
    # The preceding page came from the primary, or from a replica ahead of this one.
    refuse_if_stale(session, is_stale=(asked.version or 0) > version.number)
    tag = public_tag(*made_of, resolution.place)
    if not_modified := unchanged(tag):
        return not_modified
    place = resolution.place
    page = result_page(
        session,
        asked.criteria(place.point if place else None),
        version,
        page=asked.page,
        today=utc_now().date(),
        as_of=asked.version,
    )
    _check_version(page)
    body = listings_json(page, resolution, version_tag=version.tag, next_url=_next_url(asked, page))
    if key:
        answers[key] = (tag, body)
    return public(body, tag, content_type="application/json")


def _find_places(asked: SearchRequest) -> Resolution:
    if not asked.near:
        return Resolution()
    found = place_finder().find_places(asked.near)
    if found.place is None:
        detail = "near must be a ZIP code, a city, a state or an address in the United States."
        raise BadParameterError(
            "near", ParameterProblem.PLACE_NOT_FOUND, detail, suggestions=found.suggestions
        )
    return found


def _check_version(page: ResultPage) -> None:
    """Reject a version that is gone: the pages would not be consistent."""
    if page.is_renewed:
        detail = "This version of the data is kept no longer. Begin again at the first page."
        raise BadParameterError("version", ParameterProblem.EXPIRED, detail)


def _next_url(asked: SearchRequest, page: ResultPage) -> str | None:
    if page.page >= page.pages:
        return None
    query = asked.parameters(page=page.page + 1, version=page.version)
    return public_url("api.listings", **query)
