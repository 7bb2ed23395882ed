"""Regenerates the files in `seeds/demo/`: invented people and clinics, always the same.

Run it in the project folder: `python -m seeds.make_demo`
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random

from directory.providers.models import EntityType, Source
from directory.providers.npi import check_digit
from seeds.demo.clinics import ClinicMaker
from seeds.demo.facts import NPPES_DAY, exclusion_rows, license_rows, volume_rows
from seeds.demo.people import Person, PersonMaker
from seeds.demo.rows import LocationRow, ProviderRow, Row, TaxonomyRow, write_rows
from seeds.demo.sites import Area, Site, SiteMaker, another_site, read_areas
from seeds.demo.words import State, likely, read_states, read_words

FOLDER = Path(__file__).resolve().parent / "demo"

_SEED = "headache care directory"
_PROFESSIONALS = 3600
_FEWEST_IN_STATE = 14
_PEOPLE_A_SITE = 2.2
_SHARE_OF_CLINICS = 0.275  # of the sites
_SHARE_OF_LEADING = 0.25  # of the clinics
_FIRST_NPI = 200_000_000  # without the check digit; every state has a million
_NPIS_A_STATE = 1_000_000


def main() -> None:
    """Write the files and print the number of rows of each."""
    for name, count in make_demo(FOLDER).items():
        print(f"{name:<20}{count:>8,}")


def make_demo(folder: Path) -> dict[str, int]:
    """Write the demo files and return the number of rows of each."""
    return write_rows(folder, _rows())


def _rows() -> Iterator[Row]:
    states, areas, words = read_states(), read_areas(), read_words()
    maker = _Maker(states, PersonMaker(words), SiteMaker(words), ClinicMaker(words))
    total = sum(state.population for state in states)
    for index, state in enumerate(states):
        count = max(round(_PROFESSIONALS * state.population / total), _FEWEST_IN_STATE)
        yield from maker.state_rows(index, areas[state.code], count)


class _Maker:
    """Generates the rows of one state after another."""

    def __init__(
        self, states: Sequence[State], people: PersonMaker, sites: SiteMaker, clinics: ClinicMaker
    ) -> None:
        self._states = states
        self._people = people
        self._sites = sites
        self._clinics = clinics

    def state_rows(self, index: int, areas: Sequence[Area], count: int) -> Iterator[Row]:
        """Yield the rows of a state, independent of all other states."""
        state = self._states[index]
        random = Random(f"{_SEED} {state.code}")
        made = self._sites.make(random, state, areas, round(count / _PEOPLE_A_SITE) + 1)
        sites = [site for site, _ in made]
        likelihoods = [likelihood for _, likelihood in made]
        staff: dict[Site, list[tuple[str, Person]]] = {site: [] for site in sites}
        for npi in _npis(random, _FIRST_NPI + index * _NPIS_A_STATE, count):
            person = self._people.make(random)
            site = random.choices(sites, likelihoods)[0]
            other = another_site(random, site, sites) if likely(random, 0.15) else None
            for place in (site, other):
                if place:
                    staff[place].append((npi, person))
                    yield _location_row(npi, place, is_primary=place is site)
            yield from _provider_rows(npi, person)
            yield from license_rows(random, npi, person, state, self._states)
            yield from volume_rows(random, npi, person)
            yield from exclusion_rows(random, npi, person, state.code)
        clinic_sites = _with_clinic(random, staff)
        leading = max(round(len(clinic_sites) * _SHARE_OF_LEADING), 1)
        for rank, clinic_site in enumerate(clinic_sites):
            people = staff[clinic_site]
            yield from self._clinics.make(random, clinic_site, people, is_leading=rank < leading)


def _npis(random: Random, first_nine: int, count: int) -> Iterator[str]:
    for _ in range(count):
        first_nine += random.randint(1, 900)
        yield f"{first_nine}{check_digit(str(first_nine))}"


def _with_clinic(random: Random, staff: dict[Site, list[tuple[str, Person]]]) -> list[Site]:
    """Return the sites with a clinic; larger sites are more likely to have one."""
    taken = [site for site, people in staff.items() if people]
    taken.sort(key=lambda site: math.sqrt(len(staff[site])) * random.random(), reverse=True)
    return taken[: round(len(staff) * _SHARE_OF_CLINICS)]


def _provider_rows(npi: str, person: Person) -> Iterator[Row]:
    yield ProviderRow(
        npi=npi,
        entity_type=EntityType.INDIVIDUAL,
        first_name=person.first_name,
        middle_name=person.middle_name,
        last_name=person.last_name,
        name_suffix=person.suffix,
        credential=person.credential,
        sex=person.sex,
        enumerated_on=person.enumerated_on.isoformat(),
        updated_on=person.updated_on.isoformat(),
        deactivated_on=_text(person.deactivated_on),
        graduation_year=str(person.graduation_year or ""),
        source=Source.NPPES,
        as_of=NPPES_DAY.isoformat(),
    )
    for code in person.codes:
        is_primary = "yes" if code == person.codes[0] else "no"
        yield TaxonomyRow(npi, code, is_primary, Source.NPPES, NPPES_DAY.isoformat())


def _location_row(npi: str, site: Site, *, is_primary: bool) -> LocationRow:
    return LocationRow(
        npi=npi,
        is_primary="yes" if is_primary else "no",
        line1=site.line1,
        line2=site.line2,
        city=site.area.city,
        state=site.state,
        zip_code=site.area.zip_code,
        phone=site.phone,
        source=Source.NPPES,
        as_of=NPPES_DAY.isoformat(),
    )


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


if __name__ == "__main__":
    main()
