"""The places of a professional, as their page shows them, without duplicates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from directory.clinics.models import Clinic
from directory.geo.points import Point, miles_between
from directory.profiles.facts import StatedPlace, accepting_at, answer_record, place_of
from directory.profiles.values import AnswerRecord
from directory.providers.models import Exclusion, PracticeLocation, Provider, Source
from directory.providers.queries import seen_on
from directory.providers.title_case import organization_name


@dataclass(frozen=True)
class StatedBy:
    """A source that states a fact, and the day it last did."""

    source: Source
    day: date


@dataclass(frozen=True)
class ProfilePlace(StatedPlace):
    """A place where the professional sees patients."""

    miles: float | None
    clinic_public_id: str | None
    takes_inquiries: bool
    languages: tuple[str, ...]
    confirmed_on: date | None
    also: tuple[StatedBy, ...]  # other sources that state the same place
    answers: AnswerRecord | None  # from 5 inquiries on
    is_excluded: bool  # from federal health programs, in this state


def same_places(locations: Sequence[PracticeLocation]) -> list[list[PracticeLocation]]:
    """Return the locations grouped by place, the representative of each first."""
    places = [[each] for each in locations if not each.is_duplicate]
    remaining = [each for each in locations if each.is_duplicate]
    while remaining:
        left = [each for each in remaining if not _joined(each, places)]
        if len(left) == len(remaining):
            # Duplicates of no remaining place: show one place too many rather than too few.
            places.append([left.pop(0)])
        remaining = left
    return places


def places_of(
    provider: Provider,
    clinics: Sequence[Clinic],
    exclusion: Exclusion | None,
    *,
    near: Point | None,
    releases: Mapping[Source, date],
) -> list[ProfilePlace]:
    """Return the current places: those that files state, and clinics that no file states."""
    remaining = sorted(clinics, key=lambda clinic: clinic.id)
    current = [each for each in provider.practice_locations if each.gone_on is None]
    found: list[tuple[list[PracticeLocation], Clinic | None]] = []
    for same in same_places(current):
        keys = {each.address_key for each in same}
        clinic = next((each for each in remaining if each.address_key in keys), None)
        if clinic:
            remaining.remove(clinic)
        found.append((same, clinic))
    found += [([], clinic) for clinic in remaining]
    places = [_place(provider, same, clinic, exclusion, near, releases) for same, clinic in found]
    if near:
        places.sort(key=lambda place: (place.miles is None, place.miles))
    return places


def is_same_place(one: PracticeLocation, other: PracticeLocation) -> bool:
    """Return whether two addresses are one place; the rule by which duplicates are marked."""
    if one.address_key == other.address_key:
        return True
    is_near = (
        one.zip_code[:5] == other.zip_code[:5]
        and one.address_key[6:10] == (other.address_key[6:10])
    )
    return is_near and one.phone is not None and one.phone == other.phone


def filled(place: StatedPlace, others: Sequence[PracticeLocation]) -> StatedPlace:
    """Return the place with what only another statement of it knows."""
    for each in others:
        accepting, as_of = accepting_at(each, None)
        place = replace(
            place,
            name=place.name or (organization_name(each.name) if each.name else None),
            phone=place.phone or each.phone,
            accepting=place.accepting or accepting,
            accepting_as_of=place.accepting_as_of if place.accepting else as_of,
        )
    return place


def _joined(location: PracticeLocation, places: list[list[PracticeLocation]]) -> bool:
    for same in places:
        if any(is_same_place(location, each) for each in same):
            same.append(location)
            return True
    return False


def _place(
    provider: Provider,
    same: Sequence[PracticeLocation],
    clinic: Clinic | None,
    exclusion: Exclusion | None,
    near: Point | None,
    releases: Mapping[Source, date],
) -> ProfilePlace:
    location, others = (same[0], same[1:]) if same else (None, ())
    at = location or clinic
    assert at is not None
    place = filled(place_of(provider, location, clinic, releases), others)
    miles = None
    if near and at.latitude is not None and at.longitude is not None:
        miles = miles_between(near, Point(at.latitude, at.longitude))
    also = {each.source: StatedBy(each.source, seen_on(each, releases)) for each in others}
    return ProfilePlace(
        **vars(place),
        miles=miles,
        clinic_public_id=clinic.public_id if clinic else None,
        takes_inquiries=clinic is not None and clinic.takes_inquiries,
        languages=tuple(clinic.languages.split(",")) if clinic else (),
        confirmed_on=clinic.facts_confirmed_on if clinic else None,
        also=tuple(each for source, each in also.items() if source is not at.source),
        answers=answer_record(clinic),
        is_excluded=exclusion is not None and exclusion.waiver_state != at.state,
    )
