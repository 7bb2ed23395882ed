"""Reports to the operator where files differ from what a clinic has confirmed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.clinics.models import Clinic
from directory.core.text import digits, folded
from directory.providers.models import PracticeLocation, Provider, Source
from directory.providers.queries import latest_full_releases, seen_on
from directory.providers.title_case import address_line, organization_name

_ADDRESS_FACT = "address"


@dataclass(frozen=True)
class Statement:
    """The value in a file and its day; a fact that is gone was last stated before."""

    value: str
    source: Source
    day: date
    is_gone: bool = False


@dataclass(frozen=True)
class Difference:
    """A fact about a provider at a clinic: the confirmed value and those in files."""

    clinic_id: str
    clinic_name: str
    npi: str
    full_name: str
    fact: str
    confirmed: str
    stated: tuple[Statement, ...]  # empty: no file says anything


def differences(session: Session) -> Iterator[Difference]:
    """Yield the differences of each clinic that has confirmed its facts."""
    releases = latest_full_releases(session)
    confirmed = sa.select(Clinic).where(Clinic.facts_confirmed_on.is_not(None))
    for clinic in session.scalars(confirmed.order_by(Clinic.state, Clinic.city, Clinic.name)):
        npis = [each.npi for each in clinic.providers]
        names = _names(session, npis)
        for npi, locations in _locations(session, npis).items():
            for fact, own, stated in _compare_provider(clinic, locations, releases):
                yield Difference(
                    clinic_id=clinic.public_id,
                    clinic_name=clinic.name,
                    npi=npi,
                    full_name=names.get(npi, "no longer loaded"),
                    fact=fact,
                    confirmed=own,
                    stated=tuple(stated),
                )


def _compare_provider(
    clinic: Clinic, locations: Sequence[PracticeLocation], releases: Mapping[Source, date]
) -> Iterator[tuple[str, str, list[Statement]]]:
    here = [
        each
        for each in locations
        if each.gone_on is None and each.address_key == clinic.address_key
    ]
    for each in here:
        for fact, own, other in _differing_facts(clinic, each):
            yield fact, own, [Statement(other, each.source, seen_on(each, releases))]
    if not here:
        own = _address(clinic)
        yield _ADDRESS_FACT, own, [_stated_address(each, releases) for each in locations]


def _differing_facts(clinic: Clinic, location: PracticeLocation) -> Iterator[tuple[str, str, str]]:
    """Yield the facts for which both sides have a value, and the values differ."""
    if clinic.phone and location.phone and digits(clinic.phone) != digits(location.phone):
        yield "phone", clinic.phone, location.phone
    if location.name and folded(clinic.name) != folded(location.name):
        yield "name", clinic.name, organization_name(location.name)
    own, other = clinic.accepting_patients, location.accepting_patients
    if own and other and own is not other:
        yield "new patients", own.value, other.value


def _stated_address(location: PracticeLocation, releases: Mapping[Source, date]) -> Statement:
    return Statement(
        value=_address(location),
        source=location.source,
        day=location.gone_on or seen_on(location, releases),
        is_gone=location.gone_on is not None,
    )


def _address(place: Clinic | PracticeLocation) -> str:
    street, city = address_line(place.line1), address_line(place.city)
    return f"{street}, {city}, {place.state} {place.zip_code[:5]}"


def _names(session: Session, npis: Sequence[str]) -> dict[str, str]:
    statement = sa.select(Provider).where(Provider.npi.in_(npis))
    return {each.npi: each.full_name for each in session.scalars(statement)}


def _locations(session: Session, npis: Sequence[str]) -> dict[str, list[PracticeLocation]]:
    """Return the locations of each provider: current first, then gone, newest first."""
    found: dict[str, list[PracticeLocation]] = {npi: [] for npi in npis}
    statement = sa.select(PracticeLocation).where(PracticeLocation.npi.in_(npis))
    order = (
        PracticeLocation.gone_on.is_not(None),
        PracticeLocation.gone_on.desc(),
        PracticeLocation.is_primary.desc(),
        PracticeLocation.id,
    )
    for each in session.scalars(statement.order_by(*order)):
        found[each.npi].append(each)
    return found
