"""The results page, and suggestions while typing."""

import functools
import json
from urllib.parse import urlencode

from flask import Blueprint, current_app, jsonify, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from directory.core.clock import utc_now
from directory.core.db.database import db
from directory.core.db.replicas import refuse_if_stale
from directory.core.http import public, public_tag, public_zipped, unchanged, zipped
from directory.core.text import squeezed
from directory.core.versioned_cache import cache_named, request_key
from directory.geo.geocoder import place_finder
from directory.geo.places import Place, Resolution
from directory.geo.suggestions import cities_that_begin, larger_cities_that_begin
from directory.search.index.data_versions import version_of_request
from directory.search.index.name_words import parse_name
from directory.search.map.map_figure import Figure, figure_of
from directory.search.query.criteria import ANYWHERE, EVIDENCE_SLUGS
from directory.search.query.request import NO_FILTERS, PARAMETERS, SearchRequest, parse_search
from directory.search.query.suggestions import names_alike, names_that_begin
from directory.search.results.cards import card_part, result_page
from directory.search.results.filter_choices import counted_within, filter_groups, sort_options
from directory.search.results.values import ResultPage

search_bp = Blueprint("search", __name__)

_KEPT_PAGES = 3000  # about eight kilobytes each


@search_bp.get("/search")
def results() -> str | tuple[str, int] | Response:
    """Show the professionals near the place, or ask for a place that can be resolved."""
    session, today = db.session(), utc_now().date()
    version = version_of_request(session)
    settings = current_app.config["SETTINGS"]
    shown = (
        settings.site_name,
        settings.contact_email,
        settings.public_base_url,
        settings.tiles_url,
        settings.tiles_credit,
    )
    tag = public_tag(version.tag, str(get_locale()), today.year, *shown)
    # The tag covers everything a page depends on, except the query.
    pages, key = cache_named("search-html", _KEPT_PAGES).of(tag), request_key()
    if body := pages.get(key):
        return unchanged(tag) or public_zipped(body, tag)
    requested = parse_search(request.args.to_dict(flat=False))
    resolution = place_finder().find_places(requested.near)
    place = resolution.place
    if place is None and (requested.near or not parse_name(requested.name)):
        return _ask_for_place(requested, resolution)
    # The preceding page came from the primary, or from a replica ahead of this one.
    refuse_if_stale(session, is_stale=(requested.version or 0) > version.number)
    if known := unchanged(tag):
        return known
    criteria = requested.criteria(place.point if place else None)
    page = result_page(
        session, criteria, version, page=requested.page, today=today, as_of=requested.version
    )
    names: tuple[str, ...] = ()
    if criteria.name and not page.total:
        names = names_alike(session, requested.name, as_of=version.number)
    body = zipped(_results_html(requested, page, resolution, names, version.tag))
    if key:
        pages[key] = body
    return public_zipped(body, tag)


@search_bp.get("/suggest")
def suggest() -> Response | tuple[Response, int]:
    """Return completions of a place or a name, as JSON."""
    if list(request.args) not in (["place"], ["name"]):
        return jsonify(error=_("Give one parameter, place or name.")), 400
    if "place" in request.args:
        response = jsonify(cities_that_begin(request.args["place"]))
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response
    session = db.session()
    version = version_of_request(session)
    tag = public_tag(version.tag, request.full_path)
    if known := unchanged(tag):
        return known
    found = names_that_begin(session, squeezed(request.args["name"]), as_of=version.number)
    return public(json.dumps(found), tag, content_type="application/json")


def _ask_for_place(requested: SearchRequest, resolution: Resolution) -> tuple[str, int]:
    page = render_template(
        "search/place.html",
        criteria=requested,
        resolution=resolution,
        kept=requested.kept("near", "name", "within"),
        search_url=functools.partial(_search_url, requested),
    )
    return page, 422 if requested.near else 200


def _results_html(
    requested: SearchRequest,
    page: ResultPage,
    resolution: Resolution,
    names: tuple[str, ...],
    version_tag: str,
) -> str:
    place = resolution.place
    return render_template(
        "search/results.html",
        page=page,
        criteria=requested,
        place=place,
        choices=resolution.choices,
        larger=larger_cities_that_begin(requested.near, place.label) if place else (),
        names=names,
        figure=_figure(page, place),
        tiles_url=current_app.config["SETTINGS"].tiles_url,
        tiles_credit=current_app.config["SETTINGS"].tiles_credit,
        shown_evidence={slug for slug, tier in EVIDENCE_SLUGS.items() if tier in page.tiers},
        filters=filter_groups(requested, page),
        sort_options=sort_options(requested),
        counted_within=counted_within(page),
        kept_by_bar=requested.kept("near", "name", "widen"),
        kept_by_filters=requested.kept(*({*PARAMETERS} - {"near", "name", "widen"})),
        without_filters=_search_url(requested, page=1, **NO_FILTERS),
        # The cards' URLs differ in the NPI only, so the rest is built once.
        provider_url=url_for("profiles.provider", npi=""),
        near_query=f"?{urlencode({'near': requested.near})}" if requested.near else "",
        card_part=functools.partial(
            card_part,
            language=str(get_locale()),
            script_root=request.script_root,
            tag=version_tag,
        ),
        search_url=lambda **changes: _search_url(requested, **{"page": 1, **changes}),
        page_url=lambda number: _search_url(requested, page=number, version=page.version),
    )


def _figure(page: ResultPage, place: Place | None) -> Figure | None:
    """Return the map of the page; None if the search was not limited by distance."""
    if place is None or page.radius_miles == ANYWHERE:
        return None
    return figure_of(place, page.radius_miles, [result.card.point for result in page.results])


def _search_url(requested: SearchRequest, **changes: object) -> str:
    return url_for("search.results", **requested.parameters(**changes))
