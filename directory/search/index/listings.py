"""Builds the listing rows from the provider tables by SQL, for some providers or all."""

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

# Which providers: NPIs, or a query that returns them; None for all.
Scope = Sequence[str] | sa.Select[Any] | None


def change_listings(session: Session, npis: Iterable[str]) -> None:
    """Rebuild listings after a change outside an import, and record it for a running import."""
    npis = sorted(set(npis))
    refresh_listings(session, npis)
    for batch in _batches(npis):
        known = set(session.scalars(sa.select(ListingChange.npi).where(_in(ListingChange, batch))))
        session.add_all(ListingChange(npi=npi) for npi in batch if npi not in known)
    session.flush()


def refresh_listings(session: Session, npis: Iterable[str]) -> None:
    """Rebuild the listings of these providers; those who are not listed end up with none."""
    session.flush()
    for batch in _batches(npis):
        _refresh(session, batch, is_import=False)


def refresh_imported(session: Session, scope: sa.Select[Any]) -> None:
    """Rebuild the listings of the providers that an import changed."""
    _refresh(session, scope, is_import=True)


def _refresh(session: Session, scope: Sequence[str] | sa.Select[Any], *, is_import: bool) -> None:
    with repacking(session, scope, now=utc_now(), is_import=is_import):
        _delete_listings(session, scope)
        _add_listings(session, scope)


def rebuild_listings(session: Session) -> int:
    """Rebuild all listings and return how many there are. Removes older versions."""
    _delete_listings(session, None)
    _add_listings(session, None)
    return pack_all(session, now=utc_now())


def needs_listings(session: Session) -> bool:
    """Return whether there are providers but no index, as after a migration."""
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


def _listable_providers(scope: Scope) -> sa.Subquery:
    """Select the providers that may be listed, with the facts that rank them."""
    facts = (
        Provider.npi,
        (Provider.entity_type == EntityType.INDIVIDUAL).label("is_individual"),
        Provider.sex,
        _name().label("name"),
        sa.func.coalesce(_specialties(), 0).label("specialties"),
        sa.func.coalesce(_treatments(), 0).label("treatments"),
        sa.exists()
        .where(
            ClinicProvider.npi == Provider.npi, ClinicProvider.treatment_confirmed_on.is_not(None)
        )
        .label("is_confirmed"),
        sa.exists()
        .where(
            Clinician.npi == Provider.npi,
            Clinician.gone_on.is_(None),
            Clinician.telehealth.is_(True),
        )
        .label("has_telehealth"),
    )
    statement = sa.select(*facts).where(
        _in(Provider, scope),
        Provider.gone_on.is_(None),
        Provider.deactivated_on.is_(None),
        ~sa.exists().where(Deactivation.npi == Provider.npi, Deactivation.gone_on.is_(None)),
        ~sa.exists().where(OptOut.npi == Provider.npi),
    )
    # Grouping by the key changes no row. It makes SQLite compute each fact once per provider,
    # instead of once for every expression below that uses it.
    return statement.group_by(Provider.npi).subquery("listable_provider")


def _name() -> ColumnElement[str]:
    """Return the last name, a comma and the other names; or an organization's name."""
    return sa.case(
        (
            Provider.entity_type == EntityType.ORGANIZATION,
            sa.func.coalesce(Provider.organization_name, ""),
        ),
        else_=sa.func.coalesce(Provider.last_name, "")
        + ", "
        + sa.func.coalesce(Provider.first_name, "")
        + " "
        + sa.func.coalesce(Provider.middle_name, ""),
    )


def _specialties() -> sa.ScalarSelect[int]:
    """Select the provider's specialties as bits; the sum of distinct bits combines them."""
    codes = codes_by_group()
    bit = sa.case(
        *(
            (ProviderTaxonomy.code.in_(codes[group]), 1 << number)
            for number, group in enumerate(SPECIALTIES)
        ),
        else_=0,
    )
    return (
        sa.select(sa.cast(sa.func.sum(sa.distinct(bit)), sa.Integer))
        .where(ProviderTaxonomy.npi == Provider.npi, ProviderTaxonomy.gone_on.is_(None))
        .scalar_subquery()
    )


_USUAL_BITS = sum(
    1 << number for number, group in enumerate(SPECIALTIES) if group in USUAL_SPECIALTIES
)


def _treatments() -> sa.ScalarSelect[int]:
    """Select the number of treatments in the latest year."""
    return (
        sa.select(ProcedureVolume.services)
        .where(
            ProcedureVolume.npi == Provider.npi,
            ProcedureVolume.procedure_code == MIGRAINE_INJECTION,
            ProcedureVolume.gone_on.is_(None),
        )
        .order_by(ProcedureVolume.year.desc())
        .limit(1)
        .scalar_subquery()
    )


def _ranking_columns(provider: sa.Subquery) -> dict[str, ColumnElement[Any]]:
    """Return the columns of a listing that depend on its provider only."""
    tier = sa.case(
        (provider.c.is_confirmed, int(Tier.CONFIRMED)),
        (provider.c.treatments > 0, int(Tier.DOCUMENTED)),
        (provider.c.specialties.bitwise_and(_USUAL_BITS) != 0, int(Tier.SPECIALTY)),
        else_=int(Tier.NONE),
    )
    is_shown = sa.and_(provider.c.is_individual, tier <= int(Tier.SPECIALTY))
    return {
        "npi": provider.c.npi,
        "name": provider.c.name,
        "is_shown": sa.case((is_shown, sa.true()), else_=sa.false()),
        "tier": tier,
        "specialties": provider.c.specialties,
        "treatments": provider.c.treatments,
        "sex": provider.c.sex,
        "has_telehealth": provider.c.has_telehealth,
    }


def _position(latitude: ColumnElement[Any], longitude: ColumnElement[Any]) -> dict[str, Any]:
    """Return the coordinates and the index cell; see docs/search.md."""
    return {
        "latitude": latitude,
        "longitude": longitude,
        "lat_band": sa.cast(sa.func.floor(latitude * CELLS_PER_DEGREE), sa.SmallInteger),
        "lon_cell": sa.cast(sa.func.floor(longitude * CELLS_PER_DEGREE), sa.SmallInteger),
    }


def _memberships() -> sa.Subquery:
    """Select the clinic of each professional and address; of two clinics, the older."""
    return (
        sa.select(ClinicProvider.npi, Clinic.address_key, sa.func.min(Clinic.id).label("clinic_id"))
        .join(Clinic, Clinic.id == ClinicProvider.clinic_id)
        .group_by(ClinicProvider.npi, Clinic.address_key)
        .subquery("membership")
    )


def _is_accepting(stated: ColumnElement[Any] | None) -> ColumnElement[Any]:
    """Return whether new patients are accepted; the clinic's confirmation precedes the file."""
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
    """Return the languages spoken at the clinic as bits."""
    codes = "," + Clinic.__table__.c.languages + ","
    total: ColumnElement[int] = sa.literal(0)
    for number, language in enumerate(LANGUAGES):
        total = total + sa.case((codes.contains(f",{language},"), 1 << number), else_=0)
    return sa.case((Clinic.id.is_(None), 0), else_=total)


def _clinic_columns() -> dict[str, ColumnElement[Any]]:
    """Return the columns of a listing that depend on its clinic, if it has one."""
    return {
        "clinic_id": Clinic.__table__.c.id,
        "takes_inquiries": _takes_inquiries(),
        "languages": _languages(),
        "answer_minutes": Clinic.__table__.c.answer_minutes,
    }


def _is_excluded(npi: ColumnElement[Any], state: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return whether an exclusion is in force; a waiver lifts it in its state only."""
    return sa.exists().where(
        Exclusion.npi == npi,
        Exclusion.reinstated_on.is_(None),
        Exclusion.gone_on.is_(None),
        sa.or_(Exclusion.waiver_state.is_(None), Exclusion.waiver_state != state),
    )


def _places_of_files(scope: Scope) -> sa.Select[Any]:
    provider, member = _listable_providers(scope), _memberships()
    columns_of_location = PracticeLocation.__table__.c
    columns = {
        **_ranking_columns(provider),
        "place": PracticeLocation.id,
        **_clinic_columns(),
        **_position(columns_of_location.latitude, columns_of_location.longitude),
        "is_accepting": _is_accepting(columns_of_location.accepting_patients),
    }
    return (
        sa.select(*(column.label(name) for name, column in columns.items()))
        .select_from(provider)
        .join(PracticeLocation, PracticeLocation.npi == provider.c.npi)
        .outerjoin(
            member,
            sa.and_(
                member.c.npi == PracticeLocation.npi,
                member.c.address_key == PracticeLocation.address_key,
            ),
        )
        .outerjoin(Clinic, Clinic.id == member.c.clinic_id)
        .where(
            PracticeLocation.gone_on.is_(None),
            PracticeLocation.is_duplicate.is_(False),
            PracticeLocation.latitude.is_not(None),
            ~_is_excluded(provider.c.npi, columns_of_location.state),
        )
    )


def _places_of_clinics(scope: Scope) -> sa.Select[Any]:
    """Select the clinics' own addresses that no file states for their professionals."""
    provider = _listable_providers(_members_of_clinics(scope))
    columns = {
        **_ranking_columns(provider),
        "place": -Clinic.__table__.c.id,
        **_clinic_columns(),
        **_position(Clinic.__table__.c.latitude, Clinic.__table__.c.longitude),
        "is_accepting": _is_accepting(None),
    }
    stated = sa.exists().where(
        PracticeLocation.npi == provider.c.npi,
        PracticeLocation.address_key == Clinic.address_key,
        PracticeLocation.gone_on.is_(None),
        PracticeLocation.is_duplicate.is_(False),
        PracticeLocation.latitude.is_not(None),
    )
    return (
        sa.select(*(column.label(name) for name, column in columns.items()))
        .select_from(provider)
        .join(ClinicProvider, ClinicProvider.npi == provider.c.npi)
        .join(Clinic, Clinic.id == ClinicProvider.clinic_id)
        .where(
            Clinic.latitude.is_not(None),
            ~stated,
            ~_is_excluded(provider.c.npi, Clinic.__table__.c.state),
        )
    )


def _members_of_clinics(scope: Scope) -> Scope:
    members = sa.select(ClinicProvider.npi)
    return members if scope is None else members.where(_in(ClinicProvider, scope))


def _delete_listings(session: Session, scope: Scope) -> None:
    statement = sa.delete(Listing).where(_in(Listing, scope))
    session.execute(statement, execution_options={"synchronize_session": False})


def changed_meanwhile(session: Session) -> list[str]:
    """Return the providers whose listings changed outside an import."""
    return list(session.scalars(sa.select(ListingChange.npi)))


def settle_changes(session: Session) -> None:
    """Rebuild the listings in `changed_meanwhile` from the current facts, and clear the list."""
    npis = changed_meanwhile(session)
    refresh_listings(session, npis)
    for batch in _batches(npis):
        session.execute(sa.delete(ListingChange).where(_in(ListingChange, batch)))
