"""NPPES, the registry of everyone with an NPI: its main file, monthly or weekly.

Only the columns named here are read. The mailing address, the fax and the authorized
official are not among them.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.clinics.models import Clinic, ClinicProvider
from directory.geo.places import zip_position
from directory.geo.states import find_state
from directory.providers.actions import mark_deactivated, store_providers
from directory.providers.addresses import address_key, formatted_phone
from directory.providers.models import EntityType, Sex, Source
from directory.providers.npi import is_npi
from directory.providers.records import (
    DeactivationRecord,
    LicenseRecord,
    LocationRecord,
    ProviderRecord,
)
from directory.providers.taxonomies import STUDENT, TAXONOMY_NAMES, find_care_group
from directory.search.actions import refresh_listings
from directory.sources.capitals import address_line, organization_name, person_name
from directory.sources.credentials import normalized_credential
from directory.sources.fields import FieldError, text_or_none, us_date, us_zip_code
from directory.sources.importing import Importer, Merged, SetAside
from directory.sources.reading import Columns, Row
from directory.sources.releases import release_in_name
from directory.sources.seen import LoadedNPIs, SeenNPIs

NPPESRecord = ProviderRecord | DeactivationRecord
Slot = tuple[str, str, str, str]  # code, license number, state, primary switch

# Part of every digest. Raise it when rows are read differently, so that all are stored anew.
_READING = b"nppes 1"
_ADDRESS = "Provider Business Practice Location Address"
_MAIN: tuple[tuple[str, ...], ...] = (
    ("NPI",),
    ("Entity Type Code",),
    ("Provider Organization Name (Legal Business Name)",),
    ("Provider First Name",),
    ("Provider Middle Name",),
    ("Provider Last Name (Legal Name)",),
    ("Provider Name Suffix Text",),
    ("Provider Credential Text",),
    ("Provider Sex Code", "Provider Gender Code"),  # V2, V1
    ("Provider Enumeration Date",),
    ("Last Update Date",),
    ("NPI Deactivation Date",),
    ("NPI Reactivation Date",),
    ("Provider First Line Business Practice Location Address",),
    ("Provider Second Line Business Practice Location Address",),
    (f"{_ADDRESS} City Name",),
    (f"{_ADDRESS} State Name",),
    (f"{_ADDRESS} Postal Code",),
    (f"{_ADDRESS} Country Code (If outside U.S.)",),
    (f"{_ADDRESS} Telephone Number",),
)
_REPEATED = (
    "Healthcare Provider Taxonomy Code",
    "Provider License Number",
    "Provider License Number State Code",
    "Healthcare Provider Primary Taxonomy Switch",
)
_SLOTS = range(1, 16)
_US = frozenset({"", "US", "PR", "GU", "VI", "AS", "MP"})
_ENTITY_TYPES = {"1": EntityType.INDIVIDUAL, "2": EntityType.ORGANIZATION}
_SEXES = {sex.value: sex for sex in Sex}
_WANTED = frozenset(code for code in TAXONOMY_NAMES if find_care_group(code) is not None)

_NOT_AN_NPI = SetAside("the NPI is not ten digits with a right check digit")
_TWICE = SetAside("the NPI is in the file twice")
_NO_ENTITY_TYPE = SetAside("the Entity Type Code is neither 1 nor 2")
_STUDENTS = SetAside("a student, nothing else", is_bad=False)
_OTHERS = SetAside("not one of the specialties of this directory", is_bad=False)
_ONLY_DEACTIVATED = "deactivated, nothing else known"


class NPPESParser:
    """Makes records of the rows of one main file, of either version."""

    def __init__(self, session: Session, columns: Columns, keep_all: bool) -> None:  # noqa: FBT001
        self.notes: Counter[str] = Counter()
        self._seen = SeenNPIs()
        self._loaded = None if keep_all else LoadedNPIs.of(session)
        main = [columns.index(*names) for names in _MAIN]
        self._npi, self._entity_type, self._deactivated = main[0], main[1], main[11]
        self._main = itemgetter(*main)
        self._slots = [
            itemgetter(*(columns.index(f"{name}_{slot}") for slot in _SLOTS)) for name in _REPEATED
        ]
        self._codes = self._slots[0]

    def parse(self, row: Row) -> NPPESRecord | SetAside:
        """Return what the row says: a provider, or a mere deactivation."""
        npi = row[self._npi].strip()
        if not is_npi(npi):
            return _NOT_AN_NPI
        if not self._seen.add(npi):
            return _TWICE
        try:
            if not row[self._entity_type].strip() and row[self._deactivated].strip():
                return _deactivation(npi, row[self._deactivated])
            return self._why_not(npi, row) or self._provider(npi, row)
        except FieldError as error:
            return SetAside(str(error))

    def _why_not(self, npi: str, row: Row) -> SetAside | None:
        if row[self._entity_type].strip() not in _ENTITY_TYPES:
            return _NO_ENTITY_TYPE
        codes = self._codes(row)
        if self._loaded is None or not _WANTED.isdisjoint(codes) or npi in self._loaded:
            return None
        given = {code for code in codes if code}
        return _STUDENTS if given == {STUDENT} else _OTHERS

    def _provider(self, npi: str, row: Row) -> ProviderRecord:
        main = self._main(row)
        slots = [slot for slot in zip(*(of(row) for of in self._slots), strict=True) if slot[0]]
        (_, entity, organization, first, middle, last, suffix, credential, sex) = main[:9]
        enumerated, updated, deactivated, reactivated = main[9:13]
        is_person = _ENTITY_TYPES[entity.strip()] is EntityType.INDIVIDUAL
        if not text_or_none(last if is_person else organization, longest=300, name="name"):
            raise FieldError("there is no name")
        return ProviderRecord(
            npi=npi,
            entity_type=_ENTITY_TYPES[entity.strip()],
            organization_name=None if is_person else _organization(organization),
            first_name=_person(first, 100, "first name") if is_person else None,
            middle_name=_person(middle, 100, "middle name") if is_person else None,
            last_name=_person(last, 100, "last name") if is_person else None,
            name_suffix=_person(suffix, 20, "name suffix") if is_person else None,
            credential=normalized_credential(credential) if is_person and credential else None,
            sex=_SEXES.get(sex.strip().upper()) if is_person else None,
            enumerated_on=us_date(enumerated, "Provider Enumeration Date"),
            updated_on=us_date(updated, "Last Update Date"),
            deactivated_on=_still_deactivated(deactivated, reactivated),
            taxonomies=tuple(_taxonomies(slots)),
            licenses=tuple(_licenses(slots)),
            location=self._location(*main[13:]),
            digest=_digest([*main, *(value for slot in slots for value in slot)]),
        )

    def _location(
        self, line1: str, line2: str, city: str, state: str, zip_code: str, country: str, phone: str
    ) -> LocationRecord | None:
        if country.strip().upper() not in _US:
            self.notes["practice location outside the United States"] += 1
            return None
        first = text_or_none(line1, longest=120, name="practice address")
        town = text_or_none(city, longest=80, name="city")
        five = us_zip_code(zip_code)
        if not (first and town and five):
            self.notes["no practice location: no street, city or ZIP code"] += 1
            return None
        position = zip_position(five)
        if position is None:
            self.notes["no position for the ZIP code"] += 1
        second = text_or_none(line2, longest=120, name="practice address")
        number = formatted_phone(phone)
        return LocationRecord(
            address_key=address_key(first, five),
            line1=address_line(first),
            line2=address_line(second) if second else None,
            city=address_line(town),
            state=_state(state),
            zip_code=five,
            phone=number if number and len(number) <= 20 else None,
            position=position,
        )


def merge(session: Session, records: Sequence[NPPESRecord], as_of: date) -> Merged:
    """Store a batch, and make the listings of all who changed anew."""
    stored = store_providers(
        session,
        [record for record in records if isinstance(record, ProviderRecord)],
        source=Source.NPPES,
        as_of=as_of,
        places_to_keep=_places_of_clinics,
    )
    days = {r.npi: r.deactivated_on for r in records if isinstance(r, DeactivationRecord)}
    gone = mark_deactivated(session, days, as_of=as_of)
    refresh_listings(session, [*stored.new, *stored.changed, *gone.marked])
    return Merged(
        Counter(
            new=len(stored.new),
            changed=len(stored.changed),
            unchanged=len(stored.unchanged) + len(gone.unchanged),
            older=len(stored.older) + len(gone.older),
            deactivated=len(gone.marked),
        ),
        Counter({_ONLY_DEACTIVATED: len(gone.unknown)}),
    )


def _places_of_clinics(session: Session, npis: Collection[str]) -> set[tuple[str, str]]:
    """Return where these providers work at a clinic, which a file does not end."""
    statement = (
        sa.select(ClinicProvider.npi, Clinic.address_key)
        .join(Clinic, Clinic.id == ClinicProvider.clinic_id)
        .where(ClinicProvider.npi.in_(list(npis)))
    )
    return {(npi, key) for npi, key in session.execute(statement)}


def _deactivation(npi: str, text: str) -> DeactivationRecord:
    day = us_date(text, "NPI Deactivation Date")
    assert day is not None
    return DeactivationRecord(npi, day)


def _still_deactivated(deactivated: str, reactivated: str) -> date | None:
    """Return the day of a deactivation that no reactivation has ended."""
    ended = us_date(reactivated, "NPI Reactivation Date")
    day = us_date(deactivated, "NPI Deactivation Date")
    return None if day is None or (ended is not None and ended >= day) else day


def _taxonomies(slots: Sequence[Slot]) -> Iterator[str]:
    """Yield each code once, the primary one first; where none is marked, the first one."""
    given = dict.fromkeys(code.strip() for code, *_ in slots)
    for code in given:
        if len(code) != 10 or not (code.isascii() and code.isalnum()):
            raise FieldError(f"the taxonomy code {code[:20]!r} is not ten letters and digits")
    marked = (code.strip() for code, _, _, switch in slots if switch.strip() == "Y")
    primary = next(marked, next(iter(given), None))
    if primary:
        yield primary
    yield from (code for code in given if code != primary)


def _licenses(slots: Sequence[Slot]) -> Iterator[LicenseRecord]:
    """Yield each license once; a number without its state means nothing."""
    given = set()
    for code, number, state, _ in slots:
        known = text_or_none(number, longest=40, name="license number")
        two_letters = state.strip().upper()
        identity = (known, two_letters, code.strip())
        if known and len(two_letters) == 2 and identity not in given:
            given.add(identity)
            yield LicenseRecord(known, two_letters, code.strip())


def _person(text: str, longest: int, name: str) -> str | None:
    known = text_or_none(text, longest=longest, name=name)
    return person_name(known) if known else None


def _organization(text: str) -> str | None:
    known = text_or_none(text, longest=300, name="organization name")
    return organization_name(known) if known else None


@lru_cache(1 << 12)
def _state(text: str) -> str:
    return find_state(text) or text.strip()[:40]


def _digest(values: Sequence[str]) -> bytes:
    text = "\x1f".join(values)
    return blake2b(text.encode(), digest_size=16, key=_READING).digest()


NPPES: Importer[NPPESRecord] = Importer(
    name="nppes",
    source=Source.NPPES,
    title="NPPES, the registry of everyone with an NPI",
    pattern="npidata_pfile_*.csv",
    find_release=release_in_name,
    parser=NPPESParser,
    merge=merge,
)
