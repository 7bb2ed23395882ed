"""Facts of a professional that the current files no longer state."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from directory.care.specialties import TAXONOMY_NAMES
from directory.geo.states import STATES
from directory.profiles.places import is_same_place
from directory.providers.models import (
    Fact,
    License,
    OtherName,
    PracticeLocation,
    Provider,
    ProviderTaxonomy,
    Source,
)
from directory.providers.queries import taxonomy_names
from directory.providers.title_case import address_line, organization_name


@dataclass(frozen=True)
class FormerFact:
    """A fact that a later release no longer has."""

    kind: str  # "place", "license", "specialty" or "name"
    text: str
    source: Source
    gone_on: date


def former_facts(
    session: Session,
    provider: Provider,
    *,
    taxonomies: Sequence[ProviderTaxonomy],
    names: Sequence[OtherName],
) -> list[FormerFact]:
    """Return the facts that are gone and that no other source or row still states."""
    codes = {"gone": [each.code for each in taxonomies]}
    name_of = {**taxonomy_names(session, codes), **TAXONOMY_NAMES}
    return [
        *_places(provider.practice_locations),
        *_licenses(provider.licenses),
        *_former("specialty", {name_of.get(each.code, each.code): each for each in taxonomies}),
        *_former("name", {organization_name(each.name): each for each in names}),
    ]


def _places(locations: Sequence[PracticeLocation]) -> Iterator[FormerFact]:
    current = [each for each in locations if each.gone_on is None]
    gone = {
        f"{address_line(each.line1)}, {address_line(each.city)}, {each.state}": each
        for each in locations
        if each.gone_on and not any(is_same_place(each, other) for other in current)
    }
    return _former("place", gone)


def _licenses(licenses: Sequence[License]) -> Iterator[FormerFact]:
    current = {(each.state, each.number) for each in licenses if each.gone_on is None}
    gone = {
        f"{STATES.get(each.state, each.state)} {each.number}": each
        for each in licenses
        if each.gone_on and (each.state, each.number) not in current
    }
    return _former("license", gone)


def _former(kind: str, gone: Mapping[str, Fact]) -> Iterator[FormerFact]:
    for text, fact in gone.items():
        if fact.gone_on:
            yield FormerFact(kind, text, fact.source, fact.gone_on)
