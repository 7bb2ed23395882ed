"""The comparison page: up to three professionals, at a URL that can be shared."""

from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for

from directory.core.clock import utc_now
from directory.core.db.database import db
from directory.core.text import squeezed
from directory.geo.geocoder import place_finder
from directory.geo.places import Place
from directory.providers.npi import is_npi
from directory.search.compare.comparison import MAX_COMPARED, compare
from directory.search.query.request import parse_search

compare_bp = Blueprint("compare", __name__)


@compare_bp.get("/compare")
def side_by_side() -> str:
    """Show the chosen professionals side by side, and which NPIs are unknown."""
    requested = list(dict.fromkeys(filter(None, map(squeezed, request.args.getlist("npi")))))
    # The search they were chosen from, for the link back to it.
    search = parse_search(request.args.to_dict(flat=False))
    place = _find_place(search.near)
    npis = [npi for npi in requested[:MAX_COMPARED] if is_npi(npi)]
    compared = compare(
        db.session(), npis, near=place.point if place else None, today=utc_now().date()
    )
    shown = [each.npi for each in compared]
    chosen = urlencode([("npi", npi) for npi in shown])  # what compare.js takes back to the list
    list_query = search.parameters(page=1)
    return render_template(
        "search/compare.html",
        compared=compared,
        unknown=[npi[:10] for npi in requested[:MAX_COMPARED] if npi not in shown],
        is_too_many=len(requested) > MAX_COMPARED,
        most=MAX_COMPARED,
        near=search.near,
        is_from_list=bool(list_query),
        is_near_unknown=bool(search.near) and place is None,
        back_url=url_for("search.results", **list_query, _anchor=chosen or None),
        chosen=chosen,
        without={
            npi: url_for("compare.side_by_side", npi=_others(shown, npi), **list_query)
            for npi in shown
        },
    )


def _others(npis: list[str], npi: str) -> list[str]:
    return [each for each in npis if each != npi]


def _find_place(near: str) -> Place | None:
    return place_finder().find_places(near).place if near else None
