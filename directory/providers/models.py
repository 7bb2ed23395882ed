"""Tables of what public files state about people and organizations with an NPI."""

import enum
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.core.db.columns import NPIColumn, one_of
from directory.core.db.database import FACTS, Base
from directory.geo.points import Precision
from directory.providers.title_case import organization_name, person_name


class Source(enum.StrEnum):
    """Where a fact comes from."""

    NPPES = "nppes"  # the main file
    NPPES_LOCATIONS = "nppes-locations"  # its further practice locations
    NPPES_NAMES = "nppes-names"  # its other names
    NPPES_ENDPOINTS = "nppes-endpoints"
    NPPES_DEACTIVATED = "nppes-deactivated"  # the monthly report
    MEDICARE = "medicare"  # Physician & Other Practitioners, by Provider and Service
    CLINICIANS = "clinicians"  # Doctors and Clinicians national file
    EXCLUSIONS = "exclusions"  # the federal exclusion list (LEIE)
    STATE = "state"  # a state's license file
    NUCC = "nucc"
    OPERATOR = "operator"
    CLINIC = "clinic"
    OWN = "own"  # words and groupings of this project
    DEMO = "demo"


class EntityType(enum.StrEnum):
    """The two NPPES entity types."""

    INDIVIDUAL = "individual"
    ORGANIZATION = "organization"


class Sex(enum.StrEnum):
    """As reported to NPPES; unknown is None."""

    FEMALE = "F"
    MALE = "M"
    OTHER = "X"


class AcceptingPatients(enum.StrEnum):
    """The four Plan-Net answers; unknown is None."""

    NO = "no"
    YES = "yes"
    EXISTING_ONLY = "existing-only"
    FAMILY_ONLY = "family-only"


class LicenseStatus(enum.StrEnum):
    """Only ever taken from a state's file."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    RESTRICTED = "restricted"
    REVOKED = "revoked"


class Sourced:
    """The source of a fact, and the date as of which the source states it."""

    source: Mapped[Source] = mapped_column(one_of(Source))
    as_of: Mapped[date]


class Fact(Sourced):
    """What a public file states, as of a release that stated it as it is here.

    A later full release that states the same changes no row: `providers.queries.seen_on` says
    when a fact was last seen. One that such a release no longer has is gone, not deleted.
    """

    gone_on: Mapped[date | None]


def _facts(*items: Any, has_row_id: bool = False) -> tuple[Any, ...]:
    """Return the table arguments of a table of facts.

    No foreign keys: whoever refers to a provider does so by NPI, and files come in any order.
    Without row ids SQLite keeps one tree a table instead of two.
    """
    return (*items, {"schema": FACTS, "sqlite_with_rowid": has_row_id})


def _npi_key() -> Mapped[str]:
    return mapped_column(NPIColumn, primary_key=True, autoincrement=False)


def _of_provider(order_by: str, model: str) -> Any:
    return relationship(
        model,
        primaryjoin=f"Provider.npi == foreign({model}.npi)",
        order_by=order_by,
        viewonly=True,
        uselist=True,
    )


class Provider(Fact, Base):
    """A person or an organization with an NPI."""

    __tablename__ = "provider"
    __table_args__ = _facts(has_row_id=True)

    npi: Mapped[str] = _npi_key()
    entity_type: Mapped[EntityType] = mapped_column(one_of(EntityType))
    organization_name: Mapped[str | None] = mapped_column(sa.String(300))
    first_name: Mapped[str | None] = mapped_column(sa.String(100))
    middle_name: Mapped[str | None] = mapped_column(sa.String(100))
    last_name: Mapped[str | None] = mapped_column(sa.String(100))
    name_suffix: Mapped[str | None] = mapped_column(sa.String(20))
    credential: Mapped[str | None] = mapped_column(sa.String(60))
    sex: Mapped[Sex | None] = mapped_column(one_of(Sex, length=1))
    enumerated_on: Mapped[date | None]
    updated_on: Mapped[date | None]
    deactivated_on: Mapped[date | None]
    # Digest of what the file said, so that an unchanged row costs one comparison.
    row_digest: Mapped[int | None] = mapped_column(sa.BigInteger)

    licenses: Mapped[list["License"]] = _of_provider("License.state, License.number", "License")
    practice_locations: Mapped[list["PracticeLocation"]] = _of_provider(
        "PracticeLocation.is_primary.desc(), PracticeLocation.id", "PracticeLocation"
    )

    @property
    def is_individual(self) -> bool:
        """Return whether this is a person."""
        return self.entity_type is EntityType.INDIVIDUAL

    @property
    def name(self) -> str:
        """The name without credential, as it is shown."""
        if not self.is_individual:
            return organization_name(self.organization_name or "")
        parts = (self.first_name, self.middle_name, self.last_name, self.name_suffix)
        return " ".join(person_name(part) for part in parts if part)

    @property
    def full_name(self) -> str:
        """The name with the credential behind it."""
        return f"{self.name}, {self.credential}" if self.credential else self.name


class OtherName(Fact, Base):
    """Another name an organization does business under."""

    __tablename__ = "other_name"
    __table_args__ = _facts()

    npi: Mapped[str] = _npi_key()
    name: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    kind: Mapped[str | None] = mapped_column(sa.String(1))  # 3 doing business as, 4 former, 5 other


class Endpoint(Fact, Base):
    """An electronic address that a provider reported, such as a Direct address or a FHIR URL."""

    __tablename__ = "endpoint"
    __table_args__ = _facts()

    npi: Mapped[str] = _npi_key()
    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    address: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    use: Mapped[str | None] = mapped_column(sa.String(100))


class Deactivation(Fact, Base):
    """An NPI that was deactivated; in force until a later release states the provider again."""

    __tablename__ = "deactivation"
    __table_args__ = _facts()

    npi: Mapped[str] = _npi_key()
    deactivated_on: Mapped[date]


class Clinician(Fact, Base):
    """What the Medicare file of doctors and clinicians says of a person."""

    __tablename__ = "clinician"
    __table_args__ = _facts()

    npi: Mapped[str] = _npi_key()
    graduation_year: Mapped[int | None] = mapped_column(sa.SmallInteger)
    school: Mapped[str | None] = mapped_column(sa.String(200))
    telehealth: Mapped[bool | None]


class GroupPractice(Fact, Base):
    """A group practice at one address: a clinic that nobody has claimed yet."""

    __tablename__ = "group_practice"
    __table_args__ = _facts()

    group_id: Mapped[str] = mapped_column(sa.String(12), primary_key=True)  # PAC id
    address_key: Mapped[str] = mapped_column(sa.String(160), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    line1: Mapped[str] = mapped_column(sa.String(120))
    line2: Mapped[str | None] = mapped_column(sa.String(120))
    city: Mapped[str] = mapped_column(sa.String(80))
    state: Mapped[str] = mapped_column(sa.String(40))
    zip_code: Mapped[str] = mapped_column(sa.String(20))
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    member_count: Mapped[int | None]


class Taxonomy(Fact, Base):
    """A NUCC code and its name, from the operator's own NUCC download."""

    __tablename__ = "taxonomy"
    __table_args__ = _facts()

    code: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))


class ProviderTaxonomy(Fact, Base):
    """A taxonomy that a provider reported."""

    __tablename__ = "provider_taxonomy"
    __table_args__ = _facts()

    npi: Mapped[str] = _npi_key()
    code: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    is_primary: Mapped[bool]


class License(Fact, Base):
    """A license number with its state, as reported, and what the state's own file says of it."""

    __tablename__ = "license"
    __table_args__ = _facts()

    npi: Mapped[str] = _npi_key()
    state: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    taxonomy_code: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    # From the state's file alone, and None until such a file gave it.
    status: Mapped[LicenseStatus | None] = mapped_column(one_of(LicenseStatus))
    status_checked_on: Mapped[date | None]
    status_gone_on: Mapped[date | None]  # the full file of that day no longer has the license
    first_issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    has_board_action: Mapped[bool | None]


class PracticeLocation(Fact, Base):
    """A place where a provider sees patients, as one file states it. Never a mailing address."""

    __tablename__ = "practice_location"
    __table_args__ = _facts(
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_in_range"),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_in_range"),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL) = (precision IS NULL)",
            name="position_whole",
        ),
        sa.UniqueConstraint("npi", "address_key", "source"),
        has_row_id=True,
    )

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True
    )
    npi: Mapped[str] = mapped_column(NPIColumn)
    # First line and ZIP, folded: the same place written differently has the same key.
    address_key: Mapped[str] = mapped_column(sa.String(160))
    is_primary: Mapped[bool]
    # The same place as another row of this provider, which represents both.
    is_duplicate: Mapped[bool] = mapped_column(default=False)
    group_id: Mapped[str | None] = mapped_column(sa.String(12))
    name: Mapped[str | None] = mapped_column(sa.String(300))
    line1: Mapped[str] = mapped_column(sa.String(120))
    line2: Mapped[str | None] = mapped_column(sa.String(120))
    city: Mapped[str] = mapped_column(sa.String(80))
    state: Mapped[str] = mapped_column(sa.String(40))
    zip_code: Mapped[str] = mapped_column(sa.String(20))
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    precision: Mapped[Precision | None] = mapped_column(one_of(Precision, length=12))
    accepting_patients: Mapped[AcceptingPatients | None] = mapped_column(one_of(AcceptingPatients))


class ProcedureVolume(Fact, Base):
    """How often a provider billed a procedure to Medicare in a year; 11 or more."""

    __tablename__ = "procedure_volume"
    __table_args__ = _facts(
        sa.CheckConstraint("services >= 0", name="services_not_negative"),
    )

    npi: Mapped[str] = _npi_key()
    procedure_code: Mapped[str] = mapped_column(sa.String(5), primary_key=True)
    year: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    services: Mapped[int]
    beneficiaries: Mapped[int | None]


class Exclusion(Fact, Base):
    """An entry on the federal exclusion list. Dates of birth are never stored."""

    __tablename__ = "exclusion"
    __table_args__ = _facts(
        sa.Index(None, "npi"), sa.Index(None, "last_name", "state"), has_row_id=True
    )

    # A digest of the names, the type and the day: the list itself numbers nothing.
    entry: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    # None when the list does not know it; such an entry is for the operator alone.
    npi: Mapped[str | None] = mapped_column(NPIColumn)
    last_name: Mapped[str | None] = mapped_column(sa.String(100))
    first_name: Mapped[str | None] = mapped_column(sa.String(100))
    business_name: Mapped[str | None] = mapped_column(sa.String(100))
    state: Mapped[str | None] = mapped_column(sa.String(2))
    exclusion_type: Mapped[str] = mapped_column(sa.String(12))
    excluded_on: Mapped[date]
    reinstated_on: Mapped[date | None]
    waiver_state: Mapped[str | None] = mapped_column(sa.String(2))  # not excluded there


class Release(Base):
    """A file that is loaded: part of the facts, so that it counts exactly when they do."""

    __tablename__ = "release"
    __table_args__ = _facts(sa.Index(None, "source", "released_on"), has_row_id=True)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[Source] = mapped_column(one_of(Source))
    # Distinguishes the releases of a source: the state of a license file, a year of counts.
    part: Mapped[str] = mapped_column(sa.String(10), default="")
    file_name: Mapped[str] = mapped_column(sa.String(255))
    file_digest: Mapped[str] = mapped_column(sa.String(64))
    released_on: Mapped[date]
    is_full: Mapped[bool]
    rows: Mapped[int]
    # What else made a difference to the loading, such as --all.
    options: Mapped[str] = mapped_column(sa.String(40), default="")
    loaded_at: Mapped[datetime]


class OptOut(Base):
    """A provider who asked not to be listed. Kept apart, so that no import brings them back."""

    __tablename__ = "opt_out"

    npi: Mapped[str] = mapped_column(NPIColumn, primary_key=True, autoincrement=False)
    created_at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(sa.String(500))


class ReportState(enum.StrEnum):
    """Whether the operator has dealt with a report."""

    OPEN = "open"
    CLOSED = "closed"


class WrongFact(enum.StrEnum):
    """What a visitor says is wrong."""

    ADDRESS = "address"
    PHONE = "phone"
    TREATMENT = "treatment"
    NEW_PATIENTS = "new-patients"
    LICENSE = "license"
    OTHER = "other"


class Report(Base):
    """A fact that a visitor reported as wrong."""

    __tablename__ = "report"
    __table_args__ = (sa.Index(None, "state", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    npi: Mapped[str] = mapped_column(NPIColumn)
    fact: Mapped[WrongFact] = mapped_column(one_of(WrongFact))
    message: Mapped[str] = mapped_column(sa.String(1000))
    state: Mapped[ReportState] = mapped_column(one_of(ReportState))
    created_at: Mapped[datetime]


class GeocodedAddress(Base):
    """A practice address that the operator's geocoder was asked about: found, or not."""

    __tablename__ = "geocoded_address"
    __table_args__ = (
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="position_whole"),
    )

    address_key: Mapped[str] = mapped_column(sa.String(160), primary_key=True)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    asked_at: Mapped[datetime]


class RunState(enum.StrEnum):
    """The state of an import run."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportRun(Base):
    """One loading of a public file."""

    __tablename__ = "import_run"
    __table_args__ = (sa.Index(None, "source", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[Source] = mapped_column(one_of(Source))
    file_name: Mapped[str] = mapped_column(sa.String(255))
    file_digest: Mapped[str | None] = mapped_column(sa.String(64))
    released_on: Mapped[date | None]
    state: Mapped[RunState] = mapped_column(one_of(RunState))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    set_aside: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    message: Mapped[str | None] = mapped_column(sa.String(1000))
