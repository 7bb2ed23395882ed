"""Making the search rows anew from what is known of providers: one statement, few or all."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from directory.clinics.models import Clinic, ClinicProvider
from directory.geo.circle import BANDS_PER_DEGREE
from directory.providers.evidence import MIGRAINE_INJECTION, Tier
from directory.providers.models import (
    AcceptingPatients,
    Deactivation,
    EntityType,
    Exclusion,
    OptOut,
    PracticeLocation,
    ProcedureVolume,
    Provider,
    ProviderTaxonomy,
)
from directory.providers.taxonomies import CareGroup, codes_by_group, usual_codes
from directory.search.models import Listing, ListingChange

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
        session.execute(sa.delete(Listing).where(_in(Listing, batch)))
        add_listings(session, batch)


def add_listings(session: Session, scope: Scope) -> None:
    """Add the listings of providers who have none yet."""
    for rows in (_places_of_files(scope), _places_of_clinics(scope)):
        session.execute(
            sa.insert(Listing).from_select([each.name for each in rows.selected_columns], rows)
        )
    rows = _specialties(scope)
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
        sa.exists()
        .where(
            ProviderTaxonomy.npi == at.npi,
            ProviderTaxonomy.gone_on.is_(None),
            ProviderTaxonomy.code.in_(usual_codes()),
        )
        .label("is_usual"),
        sa.func.coalesce(_treatments(), 0).label("treatments"),
        sa.exists()
        .where(ClinicProvider.npi == at.npi, ClinicProvider.treatment_confirmed_on.is_not(None))
        .label("is_confirmed"),
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
        (who.c.is_usual, int(Tier.SPECIALTY)),
        else_=int(Tier.NONE),
    )
    is_shown = sa.and_(who.c.is_individual, tier <= int(Tier.SPECIALTY))
    return {
        "npi": who.c.npi,
        "care_group": sa.case((is_shown, int(CareGroup.USUAL)), else_=int(CareGroup.OTHER)),
        "tier": tier,
        "treatments": who.c.treatments,
        "sex": who.c.sex,
    }


def _position(latitude: ColumnElement[Any], longitude: ColumnElement[Any]) -> dict[str, Any]:
    """Return the place as a unit vector and its band; see docs/search.md."""
    north, east = sa.func.radians(latitude), sa.func.radians(longitude)
    return {
        "latitude": latitude,
        "longitude": longitude,
        "lat_band": sa.cast(sa.func.floor(latitude * BANDS_PER_DEGREE), sa.SmallInteger),
        "x": sa.func.cos(north) * sa.func.cos(east),
        "y": sa.func.cos(north) * sa.func.sin(east),
        "z": sa.func.sin(north),
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
        "practice_location_id": at.id,
        "clinic_id": Clinic.id,
        **_position(at.__table__.c.latitude, at.__table__.c.longitude),
        "is_accepting": _is_accepting(at.__table__.c.accepting_patients),
        "takes_inquiries": _takes_inquiries(),
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
        "practice_location_id": sa.cast(sa.null(), sa.BigInteger),
        "clinic_id": Clinic.id,
        **_position(Clinic.__table__.c.latitude, Clinic.__table__.c.longitude),
        "is_accepting": _is_accepting(None),
        "takes_inquiries": _takes_inquiries(),
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


def _specialties(scope: Scope) -> sa.Select[Any]:
    """Select each shown listing once more for every specialty of its provider."""
    base, at = Listing.__table__, ProviderTaxonomy
    group = sa.case(
        *((at.code.in_(codes), int(group)) for group, codes in codes_by_group().items())
    )
    known = [code for codes in codes_by_group().values() for code in codes]
    copied = [each for each in base.c if each.name not in {"id", "care_group"}]
    return (
        sa.select(*copied, group.label("care_group"))
        .join(at, at.npi == base.c.npi)
        .where(
            _in(base.c, scope),
            base.c.care_group == int(CareGroup.USUAL),
            at.gone_on.is_(None),
            at.code.in_(known),
        )
        .distinct()
    )


def delete_listings(session: Session, scope: Scope) -> None:
    """Delete the listings of these providers, or all."""
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
