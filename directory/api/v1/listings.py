"""A page of results as JSON."""

from collections.abc import Mapping
from typing import Any

from directory.api.v1.cards import TIER_SLUGS, as_json, results_json
from directory.geo.places import Place, Resolution
from directory.providers.evidence import Tier
from directory.search.query.criteria import ANYWHERE, EVIDENCE_SLUGS, SPECIALTY_SLUGS, Facets
from directory.search.query.request import ALL_SPECIALTIES
from directory.search.results.values import ResultPage


def listings_json(
    page: ResultPage, resolution: Resolution, *, version_tag: str, next_url: str | None
) -> bytes:
    """Return the content of the results page as JSON values."""
    near = page.criteria.near
    head = {
        "total": page.total,
        "confirmed_or_documented": page.confirmed_or_documented,
        "within": None if page.radius_miles == ANYWHERE else page.radius_miles,
        "asked_within": page.criteria.radius_miles if near else None,
        "evidence": _tiers(page.tiers),
        "asked_evidence": _tiers(page.criteria.tiers),
        "widened": page.is_widened,
        "place": _place(resolution.place) if resolution.place else None,
        "choices": [_place(each) for each in resolution.choices],
        "page": page.page,
        "pages": page.pages,
        "version": page.version,
        "next": next_url,
        "facets": _facets(page.facets),
    }
    return b'%s,"results":%s}' % (as_json(head)[:-1], results_json(page.results, version_tag))


def _tiers(tiers: frozenset[Tier]) -> list[str]:
    return [TIER_SLUGS[tier] for tier in sorted(tiers)]


def _place(place: Place) -> dict[str, Any]:
    return {
        "label": place.label,
        "near": place.query,
        "latitude": place.point.latitude,
        "longitude": place.point.longitude,
        "precision": place.precision,
        "state": place.state,
        "zip_code": place.zip_code,
    }


def _facets(facets: Facets) -> dict[str, Mapping[Any, int]]:
    """Return under the name of each parameter its values, as they are to be given."""
    return {
        "within": facets.within,
        "evidence": {slug: facets.evidence.get(tier, 0) for slug, tier in EVIDENCE_SLUGS.items()},
        "specialty": {
            "": facets.usual,
            **{slug: facets.specialty.get(group, 0) for slug, group in SPECIALTY_SLUGS.items()},
            ALL_SPECIALTIES: facets.all_specialties,
        },
        "sex": facets.sex,
        "language": facets.language,
        "telehealth": {"yes": facets.telehealth},
        "accepting": {"yes": facets.accepting},
        "inquiries": {"yes": facets.inquiries},
    }
