"""The cards of one results page, and their HTML, cached by version of the data."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app
from markupsafe import Markup
from sqlalchemy.orm import Session

from directory.clinics.models import Clinic
from directory.core.versioned_cache import cache_named
from directory.geo.points import Point, miles_between
from directory.profiles.facts import (
    answer_record,
    evidence_of,
    license_fact,
    license_for,
    place_of,
    specialty_of,
    taxonomy_name_of,
)
from directory.profiles.labels import language_name
from directory.profiles.places import filled, is_same_place
from directory.providers.models import PracticeLocation, Provider, Source
from directory.providers.queries import experience_of
from directory.search.index.data_versions import Version
from directory.search.index.models import Listing
from directory.search.query.criteria import PAGE_SIZE, Criteria
from directory.search.query.nearest import Match, nearest
from directory.search.results.card_facts import CardFacts, load_card_facts
from directory.search.results.values import Card, ResultPage, SearchResult

_KEPT = 16_384  # about two kilobytes each


def card_part(part: str, card: Card, *, language: str, script_root: str, tag: str) -> Markup:
    """Return the HTML of the facts or the actions of a card, cached by the tag of the data.

    It depends on nothing else but the language and the URL prefix of the request.
    """
    kept = cache_named("search-card-parts", _KEPT).of(tag)
    # The key is the identity of the card; keeping the card prevents reuse of its id.
    key = (id(card), part, language, script_root)
    known: tuple[Card, Markup] | None = kept.get(key)
    if known is None:
        known = kept[key] = (card, _rendered(part, card))
    return known[1]


def _rendered(part: str, card: Card) -> Markup:
    macros = current_app.jinja_env.get_template("macros/card.html").module
    html: Markup = getattr(macros, part)(card, _languages(card))
    return html


def _languages(card: Card) -> list[str]:
    """Return the names of the languages; none if only English is spoken."""
    if card.languages in ((), ("en",)):
        return []
    return [language_name(code) for code in card.languages]


_CACHED_CARDS = 20_000
_CACHED_PAGES = 2_000

# Built once: building the statement takes longer than running it.
_LISTED = (
    sa.select(Listing, Provider, PracticeLocation, Clinic)
    .join(Provider, Provider.npi == Listing.npi)
    .outerjoin(PracticeLocation, PracticeLocation.id == Listing.place)
    .outerjoin(Clinic, Clinic.id == Listing.clinic_id)
    .where(Listing.npi.in_(sa.bindparam("npis", expanding=True)))
    .order_by(Listing.npi, Listing.place)
)


def result_page(
    session: Session,
    criteria: Criteria,
    version: Version,
    *,
    page: int,
    today: date,
    as_of: int | None = None,
) -> ResultPage:
    """Return one page of results, ready for the template.

    `as_of` is the version of the data that the preceding pages were made from. If it is no longer
    available, the page uses the current data, and says so.
    """
    # Many requests are the same: the first page around a city, without filters.
    pages = cache_named("search-pages", _CACHED_PAGES).of(_tag(version, today))
    key = (criteria, page, as_of)
    known: ResultPage | None = pages.get(key)
    if known is None:
        known = pages[key] = _make_page(
            session, criteria, version, page=page, today=today, as_of=as_of
        )
    return known


def _make_page(
    session: Session,
    criteria: Criteria,
    version: Version,
    *,
    page: int,
    today: date,
    as_of: int | None,
) -> ResultPage:
    is_kept = as_of is not None and version.oldest <= as_of <= version.number
    found = nearest(session, criteria, page=page, version=version, as_of=as_of if is_kept else None)
    assert found.facets is not None
    cards = cards_for(session, found.matches, version, today=today)
    first = (page - 1) * PAGE_SIZE + 1
    return ResultPage(
        results=tuple(
            SearchResult(first + index, _miles(criteria.near, match, card), card)
            for index, match in enumerate(found.matches)
            # Professionals delisted since that version are not shown.
            if (card := cards.get((match.npi, match.place))) is not None
        ),
        criteria=criteria,
        total=found.total,
        confirmed_or_documented=found.confirmed_or_documented,
        radius_miles=found.radius_miles,
        tiers=found.tiers,
        facets=found.facets,
        page=page,
        pages=max(1, -(-found.total // PAGE_SIZE)),
        version=found.version,
        is_renewed=as_of is not None and not is_kept,
    )


def cards_for(
    session: Session, matches: Sequence[Match], version: Version, *, today: date
) -> Mapping[tuple[str, int], Card]:
    """Return the card of each match that is still listed, from the cache where possible."""
    kept = cache_named("search-cards", _CACHED_CARDS).of(_tag(version, today))
    keys = [(match.npi, match.place) for match in matches]
    found = {key: card for key in keys if (card := kept.get(key)) is not None}
    missing = [key for key in keys if key not in found]
    if missing:
        made = _make_cards(session, missing, today)
        kept.update(made)
        found.update(made)
    return found


def _tag(version: Version, today: date) -> str:
    """Return the cache tag; it includes the year, because cards show years of experience."""
    return f"{version.tag} {today.year}"


def _make_cards(
    session: Session, keys: Sequence[tuple[str, int]], today: date
) -> dict[tuple[str, int], Card]:
    """Load the cards of one results page in two queries."""
    npis = [npi for npi, _ in keys]
    listed = _listed(session, npis)
    facts_by_npi, releases = load_card_facts(session, npis)
    return {
        (npi, place): _card(*row, facts=facts_by_npi[npi], releases=releases, today=today)
        for npi, place in keys
        if (row := _row_of(place, listed[npi])) is not None
    }


def _row_of(place: int, rows: Sequence[Any]) -> Any:
    """Return the row of the place, or, if it has moved since, the professional's first."""
    return next((row for row in rows if row[0].place == place), rows[0] if rows else None)


def _listed(session: Session, npis: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in session.execute(_LISTED, {"npis": list(npis)}):
        found[row[0].npi].append(row)
    return found


def _card(
    listing: Listing,
    provider: Provider,
    location: PracticeLocation | None,
    clinic: Clinic | None,
    *,
    facts: CardFacts,
    releases: Mapping[Source, date],
    today: date,
) -> Card:
    same = [each for each in facts.locations if location and is_same_place(each, location)]
    place = filled(place_of(provider, location, clinic, releases), same)
    own_license = license_for(facts.licenses, place.state)
    return Card(
        npi=provider.npi,
        place=listing.place,
        is_individual=provider.is_individual,
        full_name=provider.full_name,
        sex=provider.sex,
        specialty=specialty_of(facts.codes),
        taxonomy_name=taxonomy_name_of(facts.codes, facts.taxonomy_names),
        evidence=evidence_of(facts.codes, facts.volumes, facts.confirmation),
        point=Point(listing.latitude, listing.longitude),
        precision=place.precision,
        place_name=place.name,
        line1=place.line1,
        line2=place.line2,
        city=place.city,
        state=place.state,
        zip_code=place.zip_code,
        phone=place.phone,
        location_source=place.source,
        location_as_of=place.as_of,
        license=license_fact(own_license, releases) if own_license else None,
        experience=experience_of(provider, facts.licenses, facts.clinician, today=today),
        accepting=place.accepting,
        accepting_as_of=place.accepting_as_of,
        clinic_public_id=clinic.public_id if clinic else None,
        takes_inquiries=clinic is not None and clinic.takes_inquiries,
        answers=answer_record(clinic),
        languages=tuple(clinic.languages.split(",")) if clinic else (),
        has_telehealth=listing.has_telehealth,
    )


def _miles(near: Point | None, match: Match, card: Card) -> float | None:
    if near is None or match.miles is None or card.place == match.place:
        return match.miles
    return miles_between(near, card.point)  # to where they have moved
