"""Making the search rows anew from what is known of providers: one statement, few or all."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from directory.care.procedures import MIGRAINE_INJECTION
from directory.care.specialties import SPECIALTIES, USUAL_SPECIALTIES, codes_by_group
from directory.clinics.models import Clinic, ClinicProvider
from directory.core.clock import utc_now
from directory.geo.points import CELLS_PER_DEGREE
from directory.providers.evidence import Tier
from directory.providers.models import (
    AcceptingPatients,
    Clinician,
    Deactivation,
    EntityType,
    Exclusion,
    OptOut,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    ProviderTaxonomy,
)
from directory.search.index.cell_writer import pack_all, repacking
from directory.search.index.models import DataVersion, Listing, ListingChange
from directory.search.index.packed_listing import LANGUAGES

_BATCH = 400  # below the 999 parameters that old SQLite builds allow

# Which providers: an expression that a column of NPIs is compared with, or None for all.
Scope = Sequence[str] | sa.Select[Any] | None


def change_listings(session: Session, npis: Iterable[str]) -> None:
    """Make listings anew because of something that is no import, and keep note for one."""
    npis = sorted(set(npis))
    refresh_listings(session, npis)
    for batch in _batches(npis):
        known = set(session.scalars(sa.select(ListingChange.npi).where(_in(ListingChange, batch))))
        session.add_all(ListingChange(npi=npi) for npi in batch if npi not in known)
    session.flush()


def refresh_listings(session: Session, npis: Iterable[str]) -> None:
    """Make the listings of these providers anew; those not to be found end up with none."""
    session.flush()
    for batch in _batches(npis):
        _refresh(session, batch, is_import=False)


def refresh_imported(session: Session, scope: sa.Select[Any]) -> None:
    """Make the listings of those anew whom an import touched."""
    _refresh(session, scope, is_import=True)


def _refresh(session: Session, scope: Sequence[str] | sa.Select[Any], *, is_import: bool) -> None:
    with repacking(session, scope, now=utc_now(), is_import=is_import):
        _delete_listings(session, scope)
        _add_listings(session, scope)


def rebuild_listings(session: Session) -> int:
    """Make all listings anew and return how many there are. Older versions are gone then."""
    _delete_listings(session, None)
    _add_listings(session, None)
    return pack_all(session, now=utc_now())


def needs_listings(session: Session) -> bool:
    """Tell whether nothing can be found although there is somebody: after a migration."""
    is_packed = session.scalar(sa.select(sa.exists().where(DataVersion.number > 0)))
    return not is_packed and session.scalar(sa.select(Provider.npi).limit(1)) is not None


def _add_listings(session: Session, scope: Scope) -> None:
    for rows in (_places_of_files(scope), _places_of_clinics(scope)):
        session.execute(
            sa.insert(Listing).from_select([each.name for each in rows.selected_columns], rows)
        )


def _batches(npis: Iterable[str]) -> Iterable[list[str]]:
    remaining = iter(npis)
    while batch := list(islice(remaining, _BATCH)):
        yield batch


def _in(model: Any, scope: Scope) -> ColumnElement[bool]:
    return sa.true() if scope is None else model.npi.in_(scope)


def _who(scope: Scope) -> sa.Subquery:
    """Select who may be found, and what speaks for each."""
    at = Provider
    facts = (
        at.npi,
        (at.entity_type == EntityType.INDIVIDUAL).label("is_individual"),
        at.sex,
        _name().label("name"),
        sa.func.coalesce(_specialties(), 0).label("specialties"),
        sa.func.coalesce(_treatments(), 0).label("treatments"),
        sa.exists()
        .where(ClinicProvider.npi == at.npi, ClinicProvider.treatment_confirmed_on.is_not(None))
        .label("is_confirmed"),
        sa.exists()
        .where(Clinician.npi == at.npi, Clinician.gone_on.is_(None), Clinician.telehealth.is_(True))
        .label("has_telehealth"),
    )
    statement = sa.select(*facts).where(
        _in(at, scope),
        at.gone_on.is_(None),
        at.deactivated_on.is_(None),
        ~sa.exists().where(Deactivation.npi == at.npi, Deactivation.gone_on.is_(None)),
        ~sa.exists().where(OptOut.npi == at.npi),
    )
    # Grouping by the key changes nothing but this: SQLite works each fact out once a provider,
    # instead of once for every place that an expression below names it.
    return statement.group_by(at.npi).subquery("who")


def _name() -> ColumnElement[str]:
    """Return the last name, a comma and the other names; or an organization's name."""
    at = Provider
    return sa.case(
        (at.entity_type == EntityType.ORGANIZATION, sa.func.coalesce(at.organization_name, "")),
        else_=sa.func.coalesce(at.last_name, "")
        + ", "
        + sa.func.coalesce(at.first_name, "")
        + " "
        + sa.func.coalesce(at.middle_name, ""),
    )


def _specialties() -> sa.ScalarSelect[int]:
    """Select the provider's specialties: a bit each, so that a sum of distinct bits joins them."""
    at = ProviderTaxonomy
    codes = codes_by_group()
    bit = sa.case(
        *((at.code.in_(codes[group]), 1 << number) for number, group in enumerate(SPECIALTIES)),
        else_=0,
    )
    return (
        sa.select(sa.cast(sa.func.sum(sa.distinct(bit)), sa.Integer))
        .where(at.npi == Provider.npi, at.gone_on.is_(None))
        .scalar_subquery()
    )


_USUAL_BITS = sum(
    1 << number for number, group in enumerate(SPECIALTIES) if group in USUAL_SPECIALTIES
)


def _treatments() -> sa.ScalarSelect[int]:
    """Select the count of the latest year."""
    at = ProcedureVolume
    return (
        sa.select(at.services)
        .where(
            at.npi == Provider.npi,
            at.procedure_code == MIGRAINE_INJECTION,
            at.gone_on.is_(None),
        )
        .order_by(at.year.desc())
        .limit(1)
        .scalar_subquery()
    )


def _ranked(who: sa.Subquery) -> dict[str, ColumnElement[Any]]:
    """Return the columns of a listing that its provider alone decides."""
    tier = sa.case(
        (who.c.is_confirmed, int(Tier.CONFIRMED)),
        (who.c.treatments > 0, int(Tier.DOCUMENTED)),
        (who.c.specialties.bitwise_and(_USUAL_BITS) != 0, int(Tier.SPECIALTY)),
        else_=int(Tier.NONE),
    )
    is_shown = sa.and_(who.c.is_individual, tier <= int(Tier.SPECIALTY))
    return {
        "npi": who.c.npi,
        "name": who.c.name,
        "is_shown": sa.case((is_shown, sa.true()), else_=sa.false()),
        "tier": tier,
        "specialties": who.c.specialties,
        "treatments": who.c.treatments,
        "sex": who.c.sex,
        "has_telehealth": who.c.has_telehealth,
    }


def _position(latitude: ColumnElement[Any], longitude: ColumnElement[Any]) -> dict[str, Any]:
    """Return the place and the cell of the map it lies in; see docs/search.md."""
    return {
        "latitude": latitude,
        "longitude": longitude,
        "lat_band": sa.cast(sa.func.floor(latitude * CELLS_PER_DEGREE), sa.SmallInteger),
        "lon_cell": sa.cast(sa.func.floor(longitude * CELLS_PER_DEGREE), sa.SmallInteger),
    }


def _memberships() -> sa.Subquery:
    """Select the clinic of each professional and address; where there are two, the older."""
    return (
        sa.select(ClinicProvider.npi, Clinic.address_key, sa.func.min(Clinic.id).label("clinic_id"))
        .join(Clinic, Clinic.id == ClinicProvider.clinic_id)
        .group_by(ClinicProvider.npi, Clinic.address_key)
        .subquery("membership")
    )


def _is_accepting(stated: ColumnElement[Any] | None) -> ColumnElement[Any]:
    """Tell whether new patients are taken; what the clinic confirmed beats the file."""
    confirmed = sa.and_(
        Clinic.facts_confirmed_on.is_not(None), Clinic.accepting_patients.is_not(None)
    )
    answers = [(confirmed, Clinic.accepting_patients == AcceptingPatients.YES)]
    if stated is not None:
        answers.append((stated.is_not(None), stated == AcceptingPatients.YES))
    return sa.case(*answers, else_=sa.null())


def _takes_inquiries() -> ColumnElement[bool]:
    takes = sa.and_(Clinic.email.is_not(None), Clinic.email_confirmed_at.is_not(None))
    return sa.func.coalesce(takes, sa.false())


def _languages() -> ColumnElement[int]:
    """Return the languages spoken at the clinic, a bit each."""
    codes = "," + Clinic.__table__.c.languages + ","
    total: ColumnElement[int] = sa.literal(0)
    for number, language in enumerate(LANGUAGES):
        total = total + sa.case((codes.contains(f",{language},"), 1 << number), else_=0)
    return sa.case((Clinic.id.is_(None), 0), else_=total)


def _at_clinic() -> dict[str, ColumnElement[Any]]:
    """Return the columns of a listing that its clinic decides, if it has one."""
    return {
        "clinic_id": Clinic.__table__.c.id,
        "takes_inquiries": _takes_inquiries(),
        "languages": _languages(),
        "answer_minutes": Clinic.__table__.c.answer_minutes,
    }


def _is_excluded(npi: ColumnElement[Any], state: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether an exclusion is in force; a waiver lifts it in its state only."""
    at = Exclusion
    return sa.exists().where(
        at.npi == npi,
        at.reinstated_on.is_(None),
        at.gone_on.is_(None),
        sa.or_(at.waiver_state.is_(None), at.waiver_state != state),
    )


def _places_of_files(scope: Scope) -> sa.Select[Any]:
    who, member, at = _who(scope), _memberships(), PracticeLocation
    columns = {
        **_ranked(who),
        "place": at.id,
        **_at_clinic(),
        **_position(at.__table__.c.latitude, at.__table__.c.longitude),
        "is_accepting": _is_accepting(at.__table__.c.accepting_patients),
    }
    return (
        sa.select(*(column.label(name) for name, column in columns.items()))
        .select_from(who)
        .join(at, at.npi == who.c.npi)
        .outerjoin(member, sa.and_(member.c.npi == at.npi, member.c.address_key == at.address_key))
        .outerjoin(Clinic, Clinic.id == member.c.clinic_id)
        .where(
            at.gone_on.is_(None),
            at.is_duplicate.is_(False),
            at.latitude.is_not(None),
            ~_is_excluded(who.c.npi, at.__table__.c.state),
        )
    )


def _places_of_clinics(scope: Scope) -> sa.Select[Any]:
    """Select the clinics' own addresses where no file places their professionals."""
    who, at = _who(_at_clinics(scope)), PracticeLocation
    columns = {
        **_ranked(who),
        "place": -Clinic.__table__.c.id,
        **_at_clinic(),
        **_position(Clinic.__table__.c.latitude, Clinic.__table__.c.longitude),
        "is_accepting": _is_accepting(None),
    }
    stated = sa.exists().where(
        at.npi == who.c.npi,
        at.address_key == Clinic.address_key,
        at.gone_on.is_(None),
        at.is_duplicate.is_(False),
        at.latitude.is_not(None),
    )
    return (
        sa.select(*(column.label(name) for name, column in columns.items()))
        .select_from(who)
        .join(ClinicProvider, ClinicProvider.npi == who.c.npi)
        .join(Clinic, Clinic.id == ClinicProvider.clinic_id)
        .where(
            Clinic.latitude.is_not(None),
            ~stated,
            ~_is_excluded(who.c.npi, Clinic.__table__.c.state),
        )
    )


def _at_clinics(scope: Scope) -> Scope:
    members = sa.select(ClinicProvider.npi)
    return members if scope is None else members.where(_in(ClinicProvider, scope))


def _delete_listings(session: Session, scope: Scope) -> None:
    statement = sa.delete(Listing).where(_in(Listing, scope))
    session.execute(statement, execution_options={"synchronize_session": False})


def changed_meanwhile(session: Session) -> list[str]:
    """Return the providers whose listings changed for another reason than an import."""
    return list(session.scalars(sa.select(ListingChange.npi)))


def settle_changes(session: Session) -> None:
    """Make those listings anew in the facts that count now, and forget them."""
    npis = changed_meanwhile(session)
    refresh_listings(session, npis)
    for batch in _batches(npis):
        session.execute(sa.delete(ListingChange).where(_in(ListingChange, batch)))
