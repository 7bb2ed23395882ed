"""The results, the page of a professional, and reporting a wrong fact."""

from datetime import UTC, datetime

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from directory.core.clock import utc_now
from directory.core.database import db, writing
from directory.geo.geocoder import PlaceFinder
from directory.geo.points import Point
from directory.providers.npi import is_npi
from directory.providers.queries import ProviderNotFoundError, get_provider
from directory.providers.reports import report_wrong_fact
from directory.search.cards import result_page
from directory.search.filters import filter_groups, sort_options
from directory.search.forms import ReportForm, SearchRequest, parse_search
from directory.search.profiles import get_profile

search_bp = Blueprint("search", __name__)


@search_bp.get("/search")
def results() -> str | tuple[str, int]:
    """Show who is near the place, or what to do when the place is not clear."""
    asked = parse_search(request.args.to_dict(flat=False))
    resolution = _finder().find_places(asked.near)
    if resolution.place is None:
        page = render_template("search/place.html", criteria=asked, resolution=resolution)
        return page, 422 if asked.near else 200
    criteria = asked.criteria(resolution.place.point)
    today = datetime.now(UTC).date()
    return render_template(
        "search/results.html",
        page=result_page(db.session(), criteria, page=asked.page, today=today),
        criteria=asked,
        place=resolution.place,
        choices=resolution.choices,
        filters=filter_groups(asked),
        sort_options=sort_options(asked),
        search_url=lambda **changes: _search_url(asked, **{"page": 1, **changes}),
        page_url=lambda number: _search_url(asked, page=number),
    )


@search_bp.get("/providers/<npi>")
def provider(npi: str) -> str:
    """Show everything known of one professional."""
    _check(npi)
    near = _point(request.args.get("near", ""))
    profile = get_profile(db.session(), npi, near=near, today=utc_now().date())
    return render_template("search/provider.html", profile=profile, near=request.args.get("near"))


@search_bp.route("/providers/<npi>/report", methods=["GET", "POST"])
def report(npi: str) -> str | Response | tuple[str, int]:
    """Take note of a fact that a visitor says is wrong."""
    _check(npi)
    found = get_provider(db.session(), npi)
    form = ReportForm()
    if form.validate_on_submit():
        wrong = form.report()
        with writing() as session:
            report_wrong_fact(session, npi, wrong.fact, wrong.message, now=utc_now())
        return redirect(url_for("search.reported", npi=npi), 303)
    page = render_template("search/report.html", form=form, profile=found)
    return (page, 422) if form.errors else page


@search_bp.get("/providers/<npi>/report/sent")
def reported(npi: str) -> str:
    """Thank for the report."""
    _check(npi)
    return render_template("search/report_sent.html", profile=get_provider(db.session(), npi))


def _check(npi: str) -> None:
    if not is_npi(npi):
        raise ProviderNotFoundError(npi[:10])


def _finder() -> PlaceFinder:
    finder: PlaceFinder = current_app.extensions["places"]
    return finder


def _point(text: str) -> Point | None:
    if not text:
        return None
    place = _finder().find_places(text[:200]).place
    return place.point if place else None


def _search_url(asked: SearchRequest, **changes: object) -> str:
    return url_for("search.results", **asked.parameters(**changes))
