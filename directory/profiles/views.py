"""The page of a professional, and reports of wrong facts."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.geo.geocoder import place_finder
from directory.geo.points import Point
from directory.profiles.forms import ReportForm
from directory.profiles.profile import get_profile
from directory.providers.npi import is_npi
from directory.providers.queries import ProviderNotFoundError, get_provider
from directory.providers.wrong_facts import report_wrong_fact

profiles_bp = Blueprint("profiles", __name__)


@profiles_bp.get("/providers/<npi>")
def provider(npi: str) -> str:
    """Show the facts of one professional."""
    _check(npi)
    near = _point(request.args.get("near", ""))
    profile = get_profile(db.session(), npi, near=near, today=utc_now().date())
    return render_template("profiles/provider.html", profile=profile, near=request.args.get("near"))


@profiles_bp.route("/providers/<npi>/report", methods=["GET", "POST"])
def report(npi: str) -> str | Response | tuple[str, int]:
    """Accept a visitor's report of a wrong fact."""
    _check(npi)
    found = get_provider(db.session(), npi)
    form = ReportForm()
    if form.validate_on_submit():
        wrong = form.report()
        with writing() as session:
            report_wrong_fact(session, npi, wrong.fact, wrong.message, now=utc_now())
        return redirect(url_for("profiles.reported", npi=npi), 303)
    page = render_template("profiles/report.html", form=form, profile=found)
    return (page, 422) if form.errors else page


@profiles_bp.get("/providers/<npi>/report/sent")
def reported(npi: str) -> str:
    """Confirm that the report was received."""
    _check(npi)
    return render_template("profiles/report_sent.html", profile=get_provider(db.session(), npi))


def _check(npi: str) -> None:
    if not is_npi(npi):
        raise ProviderNotFoundError(npi[:10])


def _point(text: str) -> Point | None:
    if not text:
        return None
    place = place_finder().find_places(text[:200]).place
    return place.point if place else None
