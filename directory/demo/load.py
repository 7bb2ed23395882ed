"""Loading the demo's invented people and clinics, and removing them again."""

import csv
import gzip
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import InstrumentedAttribute, Session

from directory.clinics.models import AddressProof, Clinic, ClinicProvider
from directory.core.clock import utc_now
from directory.core.db.columns import Moment
from directory.core.db.database import Base
from directory.core.errors import RefusedError
from directory.core.tokens import new_token, token_digest
from directory.geo.places import zip_position
from directory.inquiries.lifecycle.retention import delete_answers, delete_drafts
from directory.inquiries.models import DraftClinic, Inquiry, InquiryDraft, Submission
from directory.outbox.models import OutboxMessage
from directory.providers.actions import delete_demo_facts
from directory.providers.addresses import address_key
from directory.providers.models import (
    Clinician,
    Exclusion,
    ImportRun,
    License,
    OptOut,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    ProviderTaxonomy,
    Release,
    Report,
    RunState,
    Source,
)
from directory.search.index.listings import rebuild_listings, refresh_listings

Row = dict[str, Any]

# Real NPIs begin with 1, so no real professional is ever taken for an invented one.
_FIRST_NPI, _LAST_NPI = "2000000000", "2999999999"


class DemoRefusedError(RefusedError):
    """The demo may not be loaded here."""


def has_demo(session: Session) -> bool:
    """Return whether the people and clinics shown are invented."""
    done = sa.exists().where(ImportRun.source == Source.DEMO, ImportRun.state == RunState.DONE)
    return session.scalar(sa.select(done)) or False


def has_providers(session: Session) -> bool:
    """Return whether any provider or clinic is stored, invented or real."""
    return session.scalar(sa.select(sa.exists().where(Provider.npi.is_not(None)))) or False


def load_demo(session: Session, folder: Path, now: datetime) -> int:
    """Load the files of the folder and return how many professionals there are now.

    Raises `DemoRefusedError` in production and when anybody is there already.
    """
    _refuse_unless_empty(session)
    providers = list(_rows(folder, Provider, "providers"))
    clinicians = [_clinician(row) for row in providers]
    counts = {
        "providers": _insert(session, Provider, providers),
        "clinicians": _insert(session, Clinician, [row for row in clinicians if row]),
        "taxonomies": _load(session, folder, ProviderTaxonomy, "taxonomies"),
        "licenses": _load(session, folder, License, "licenses"),
        "volumes": _load(session, folder, ProcedureVolume, "volumes"),
        "exclusions": _load_exclusions(session, folder),
        "locations": _load_locations(session, folder),
        "clinics": _load_clinics(session, folder),
    }
    refresh_listings(session, [row["npi"] for row in providers])
    released_on = max(row["as_of"] for row in providers)
    session.add(
        Release(
            source=Source.DEMO,
            file_name="seeds/demo",
            file_digest="",
            released_on=released_on,
            is_full=True,
            rows=len(providers),
            loaded_at=now,
        )
    )
    session.add(
        ImportRun(
            source=Source.DEMO,
            file_name="seeds/demo",
            released_on=released_on,
            state=RunState.DONE,
            started_at=now,
            finished_at=now,
            counts=counts,
            set_aside={},
        )
    )
    session.flush()
    return len(providers)


def remove_demo(session: Session) -> None:
    """Remove the invented people and clinics, and everything that was sent to them."""
    remove_demo_clinics(session)
    delete_demo_facts(session)
    rebuild_listings(session)


def remove_demo_clinics(session: Session) -> None:
    """Remove what belongs to the invented people but is no fact: an import replaces those."""
    clinics = sa.or_(
        Clinic.source == Source.DEMO,
        Clinic.id.in_(sa.select(ClinicProvider.clinic_id).where(_is_demo(ClinicProvider.npi))),
    )
    clinic_ids = sa.select(Clinic.id).where(clinics)
    for subject, condition in (
        (Inquiry.public_id, Inquiry.clinic_id.in_(clinic_ids)),
        (Submission.public_id, Submission.inquiries.any(Inquiry.clinic_id.in_(clinic_ids))),
        (Clinic.public_id, clinics),
    ):
        about = sa.select(subject).where(condition)
        _delete(session, OutboxMessage, OutboxMessage.subject_id.in_(about))
    _delete_inquiries(session, clinic_ids)
    _delete(session, Clinic, clinics)
    for model in (OptOut, Report):
        _delete(session, model, _is_demo(model.npi))
    _delete(session, ImportRun, ImportRun.source == Source.DEMO)
    session.expire_all()


def _delete_inquiries(session: Session, clinic_ids: sa.Select[Any]) -> None:
    """Delete what was sent to these clinics, and submissions that nothing is left of."""
    about = session.scalars(sa.select(Inquiry).where(Inquiry.clinic_id.in_(clinic_ids))).all()
    delete_answers(session, about, now=utc_now())
    _delete(session, Inquiry, Inquiry.clinic_id.in_(clinic_ids))
    left = sa.select(Inquiry.submission_id)
    _delete(session, Submission, Submission.id.not_in(left))
    drafts = sa.select(DraftClinic.draft_id).where(DraftClinic.clinic_id.in_(clinic_ids))
    delete_drafts(
        session, session.scalars(sa.select(InquiryDraft).where(InquiryDraft.id.in_(drafts))).all()
    )


def _refuse_unless_empty(session: Session) -> None:
    if current_app.config["SETTINGS"].is_production:
        raise DemoRefusedError("The demo's people are invented; it is not loaded in production.")
    if has_demo(session):
        raise DemoRefusedError("The demo is loaded already; remove it with: flask demo remove")
    if has_providers(session):
        raise DemoRefusedError(
            "The demo is loaded only into an empty database, and this one holds professionals."
        )


def _load(session: Session, folder: Path, model: type[Base], name: str) -> int:
    return _insert(session, model, list(_rows(folder, model, name)))


def _clinician(provider: Row) -> Row | None:
    """Move the year of graduation out of a provider's row, into a row of its own."""
    kind = Clinician.__table__.c.graduation_year.type
    year = _parser(kind)(text) if (text := provider.pop("graduation_year")) else None
    fact = {"npi": provider["npi"], "source": Source.CLINICIANS, "as_of": provider["as_of"]}
    return {**fact, "graduation_year": year} if year else None


def _load_exclusions(session: Session, folder: Path) -> int:
    rows = list(_rows(folder, Exclusion, "exclusions"))
    for number, row in enumerate(rows):
        row["entry"] = f"demo-{number}"
    return _insert(session, Exclusion, rows)


def _load_locations(session: Session, folder: Path) -> int:
    rows = list(_rows(folder, PracticeLocation, "locations"))
    for row in rows:
        row["address_key"] = address_key(row["line1"], row["zip_code"])
        row |= _position(row["zip_code"])
        row["is_duplicate"] = False
    return _insert(session, PracticeLocation, rows)


def _load_clinics(session: Session, folder: Path) -> int:
    rows = list(_rows(folder, Clinic, "clinics"))
    for row in rows:
        row["address_key"] = address_key(row["line1"], row["zip_code"])
        row |= _position(row["zip_code"])
    _insert(session, Clinic, rows)
    demo_clinics = sa.select(Clinic).where(Clinic.source == Source.DEMO)
    id_of = {clinic.public_id: clinic.id for clinic in session.scalars(demo_clinics)}
    members = list(_rows(folder, ClinicProvider, "clinic_providers"))
    for member in members:
        member["clinic_id"] = id_of[member.pop("public_id")]
    _insert(session, ClinicProvider, members)
    _insert(session, AddressProof, [_proof(row, id_of) for row in rows if row["second_email"]])
    return len(rows)


def _proof(clinic: Row, id_of: dict[str, int]) -> Row:
    """Return the word of a second contact: it has confirmed its address, as the first has."""
    confirmed_at = clinic["email_confirmed_at"] or clinic["created_at"]
    return {
        "clinic_id": id_of[clinic["public_id"]],
        "email": clinic["second_email"],
        "token_digest": token_digest(new_token()),
        "created_at": clinic["created_at"],
        "expires_at": confirmed_at,
        "used_at": confirmed_at,
    }


def _position(zip_code: str) -> Row:
    position = zip_position(zip_code)
    point, precision = position if position else (None, None)
    return {
        "latitude": point.latitude if point else None,
        "longitude": point.longitude if point else None,
        "precision": precision,
    }


def _insert(session: Session, model: type[Base], rows: list[Row]) -> int:
    # With the nulls written out, all rows go in by one statement.
    if rows:
        session.execute(sa.insert(model), rows, execution_options={"render_nulls": True})
    return len(rows)


def _rows(folder: Path, model: type[Base], name: str) -> Iterator[Row]:
    """Yield the rows of a file as values for the model's columns."""
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        columns = model.__table__.columns
        parsers = [_parser(columns[name].type if name in columns else None) for name in header]
        for row in reader:
            yield {
                name: parse(text) if text else None
                for name, parse, text in zip(header, parsers, row, strict=True)
            }


def _parser(kind: sa.types.TypeEngine[Any] | None) -> Callable[[str], Any]:
    """Return what turns the text of a file into a value of this type of column."""
    match kind:
        case sa.Enum(enum_class=known) if known is not None:
            return known
        case Moment():
            return datetime.fromisoformat
        case sa.Date():
            return date.fromisoformat
        case sa.Boolean():
            return "yes".__eq__
        case sa.Integer():
            return int
    return str


def _is_demo(npi: InstrumentedAttribute[Any]) -> sa.ColumnElement[bool]:
    return npi.between(_FIRST_NPI, _LAST_NPI)


def _delete(session: Session, model: type[Base], condition: sa.ColumnElement[bool]) -> None:
    session.execute(
        sa.delete(model).where(condition), execution_options={"synchronize_session": False}
    )
