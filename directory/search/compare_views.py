"""A comparison of up to three professionals, at an address that can be shared."""

from urllib.parse import urlencode

from flask import Blueprint, current_app, render_template, request, url_for

from directory.core.clock import utc_now
from directory.core.database import db
from directory.core.text import squeezed
from directory.geo.places import Place
from directory.providers.npi import is_npi
from directory.search.compare import MOST, compare

compare_bp = Blueprint("compare", __name__)


@compare_bp.get("/compare")
def side_by_side() -> str:
    """Show the chosen ones beside each other, and say who is missing and why."""
    asked = list(dict.fromkeys(filter(None, map(squeezed, request.args.getlist("npi")))))
    near = squeezed(request.args.get("near", ""))[:200]
    place = _find_place(near)
    npis = [npi for npi in asked[:MOST] if is_npi(npi)]
    compared = compare(
        db.session(), npis, near=place.point if place else None, today=utc_now().date()
    )
    shown = [each.npi for each in compared]
    chosen = urlencode([("npi", npi) for npi in shown])  # what compare.js takes back to the list
    return render_template(
        "search/compare.html",
        compared=compared,
        unknown=[npi[:10] for npi in asked[:MOST] if npi not in shown],
        is_too_many=len(asked) > MOST,
        most=MOST,
        near=near,
        is_near_unknown=bool(near) and place is None,
        back_url=url_for("search.results", near=near or None, _anchor=chosen or None),
        chosen=chosen,
        without={
            npi: url_for("compare.side_by_side", npi=[*_others(shown, npi)], near=near or None)
            for npi in shown
        },
    )


def _others(npis: list[str], npi: str) -> list[str]:
    return [each for each in npis if each != npi]


def _find_place(near: str) -> Place | None:
    place: Place | None = current_app.extensions["places"].find_places(near).place if near else None
    return place
