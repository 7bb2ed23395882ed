"""Generates facts about invented providers: licenses, Medicare counts, exclusions."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from directory.care.procedures import MIGRAINE_INJECTION, ONABOTULINUMTOXINA
from directory.care.specialties import CareGroup
from directory.providers.models import LicenseStatus, Source
from seeds.demo.people import Person
from seeds.demo.rows import ExclusionRow, LicenseRow, VolumeRow
from seeds.demo.words import State, day_between, likely, numbered, weighted

NPPES_DAY = date(2026, 10, 12)
_EXCLUSIONS_DAY = date(2026, 10, 9)
_YEARS = (2022, 2023, 2024)

# Providers other than physicians have different license formats.
_LICENSE_FORMS = {
    CareGroup.NURSE: ("APRN######", "NP#####", "AP#######", "RN-NP ######"),
    CareGroup.ASSISTANT: ("PA#####", "PA-####", "085-00####"),
    CareGroup.ORAL: ("DEN#####", "D-####"),
}

_STATUSES = {
    LicenseStatus.ACTIVE: 95.5,
    LicenseStatus.EXPIRED: 2.2,
    LicenseStatus.INACTIVE: 1.6,
    LicenseStatus.RESTRICTED: 0.7,
}

_DOCUMENTED = {
    CareGroup.NEUROLOGY: 0.195,
    CareGroup.PAIN: 0.085,
    CareGroup.REHABILITATION: 0.09,
    CareGroup.NURSE: 0.05,
    CareGroup.ASSISTANT: 0.045,
    CareGroup.EYE: 0.08,
}
_DOCUMENTED_ELSEWHERE = 0.015


def license_rows(
    random: Random, npi: str, person: Person, state: State, states: Sequence[State]
) -> Iterator[LicenseRow]:
    """Yield the license in the state of practice, and for some a second one elsewhere."""
    yield _license_row(random, npi, person, state)
    if likely(random, 0.09):
        other = random.choice([one for one in states if one is not state])
        yield _license_row(random, npi, person, other)


def _license_row(random: Random, npi: str, person: Person, state: State) -> LicenseRow:
    forms = _LICENSE_FORMS.get(person.specialty, (state.license_form,))
    is_matched = state.has_file and likely(random, 0.95)
    checked_on = day_between(random, date(2026, 9, 1), date(2026, 10, 28))
    issued_on = day_between(random, person.started_on, person.started_on + timedelta(days=500))
    return LicenseRow(
        npi=npi,
        number=numbered(random, random.choice(forms)),
        state=state.code,
        taxonomy_code=person.codes[0],
        status=weighted(random, _STATUSES).value if is_matched else "",
        status_checked_on=checked_on.isoformat() if is_matched else "",
        first_issued_on=issued_on.isoformat() if is_matched else "",
        source=Source.NPPES,
        as_of=NPPES_DAY.isoformat(),
    )


def volume_rows(random: Random, npi: str, person: Person) -> Iterator[VolumeRow]:
    """Yield the Medicare counts of providers of the treatment, and a few of other uses."""
    if not likely(random, _DOCUMENTED.get(person.specialty, _DOCUMENTED_ELSEWHERE)):
        if likely(random, 0.008):
            units = random.randint(800, 9000)
            yield _volume_row(npi, ONABOTULINUMTOXINA, _YEARS[-1], units, random.randint(11, 60))
        return
    # Half treat fewer than thirty patients, a few treat hundreds.
    usual = int(14 / (1 - 0.984 * random.random()))
    bills_the_drug = likely(random, 0.75)
    for year in _YEARS:
        if year == _YEARS[-1] or likely(random, 0.75):
            services = min(max(int(usual * random.uniform(0.75, 1.2)), 11), 900)
            patients = max(int(services / random.uniform(1.7, 3.1)), min(11, services - 1))
            yield _volume_row(npi, MIGRAINE_INJECTION, year, services, patients)
            if bills_the_drug:
                units = services * random.randint(155, 200)
                yield _volume_row(npi, ONABOTULINUMTOXINA, year, units, patients)


def _volume_row(npi: str, code: str, year: int, services: int, patients: int) -> VolumeRow:
    return VolumeRow(
        npi=npi,
        procedure_code=code,
        year=str(year),
        services=str(services),
        beneficiaries=str(patients),
        source=Source.MEDICARE,
        as_of=date(year, 12, 31).isoformat(),
    )


def exclusion_rows(random: Random, npi: str, person: Person, state: str) -> Iterator[ExclusionRow]:
    """Yield an exclusion for very few providers; some have been reinstated."""
    if not likely(random, 0.003):
        return
    excluded_on = day_between(random, date(2014, 1, 1), date(2026, 8, 31))
    reinstated_on = day_between(random, excluded_on, _EXCLUSIONS_DAY)
    yield ExclusionRow(
        npi=npi,
        last_name=person.last_name,
        first_name=person.first_name,
        state=state,
        exclusion_type=random.choice(("1128a1", "1128a3", "1128b4", "1128b4", "1128b7")),
        excluded_on=excluded_on.isoformat(),
        reinstated_on=reinstated_on.isoformat() if likely(random, 0.25) else "",
        source=Source.EXCLUSIONS,
        as_of=_EXCLUSIONS_DAY.isoformat(),
    )
