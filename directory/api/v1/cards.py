"""A card as JSON, cached for each card in memory."""

import json
from datetime import date
from typing import Any

from directory.core.http import public_url
from directory.core.versioned_cache import cache_named
from directory.profiles.values import LicenseFact
from directory.providers.evidence import Evidence, Tier
from directory.search.query.criteria import EVIDENCE_SLUGS
from directory.search.results.values import Card, SearchResult

TIER_SLUGS = {tier: slug for slug, tier in EVIDENCE_SLUGS.items()} | {Tier.NONE: "none"}
_CACHED = 20_000


def _plain(value: object) -> str:
    assert isinstance(value, date), value
    return value.isoformat()


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)


def results_json(results: tuple[SearchResult, ...], version_tag: str) -> bytes:
    """Return the results as a JSON list; only number and distance are not cached."""
    # The key is the identity of the card, which is faster to compare than its content. The card
    # is kept with its JSON, so that its id is not reused.
    kept = cache_named("api-cards", _CACHED).of(version_tag)
    parts = []
    for result in results:
        known = kept.get(id(result.card))
        if known is None:
            known = kept[id(result.card)] = (result.card, _fragment(result.card))
        miles = b"null" if result.miles is None else b"%.2f" % result.miles
        parts.append(b'{"number":%d,"miles":%s,%s' % (result.number, miles, known[1]))
    return b"[%s]" % b",".join(parts)


def as_json(values: dict[str, Any]) -> bytes:
    """Return the values as compact JSON."""
    return _encoder.encode(values).encode()


def _fragment(card: Card) -> bytes:
    """Return the object without the brace that begins it."""
    return as_json(_values(card))[1:]


def _values(card: Card) -> dict[str, Any]:
    return {
        "npi": card.npi,
        "entity_type": "individual" if card.is_individual else "organization",
        "name": card.full_name,
        "sex": card.sex,
        "specialty": card.specialty.name.lower() if card.specialty else None,
        "taxonomy": card.taxonomy_name,
        "evidence": _evidence(card.evidence),
        "latitude": card.point.latitude,
        "longitude": card.point.longitude,
        "precision": card.precision,
        "address": {
            "name": card.place_name,
            "line1": card.line1,
            "line2": card.line2,
            "city": card.city,
            "state": card.state,
            "zip_code": card.zip_code,
            "source": card.location_source,
            "as_of": card.location_as_of,
        },
        "phone": card.phone,
        "license": _license(card.license) if card.license else None,
        "experience": vars(card.experience) if card.experience else None,
        "accepting": card.accepting,
        "accepting_as_of": card.accepting_as_of,
        "takes_inquiries": card.takes_inquiries,
        "answers": _answers(card),
        "languages": list(card.languages) or None,
        # No file says of anybody that they offer none.
        "telehealth": card.has_telehealth or None,
        "url": public_url("profiles.provider", npi=card.npi),
        "inquiry_url": _inquiry_url(card),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {**vars(evidence), "tier": TIER_SLUGS[evidence.tier]}


def _license(each: LicenseFact) -> dict[str, Any]:
    return vars(each)


def _answers(card: Card) -> dict[str, int | None] | None:
    return vars(card.answers) if card.answers else None


def _inquiry_url(card: Card) -> str | None:
    if not card.takes_inquiries or card.clinic_public_id is None:
        return None
    return public_url("inquiries.start", clinic=card.clinic_public_id, npi=card.npi)
