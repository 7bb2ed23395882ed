"""Group practices in public files, from which clinics can be created."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.clinics.actions import ClinicDraft
from directory.clinics.csv_file import draft_of
from directory.clinics.errors import ClinicError
from directory.clinics.models import Clinic, ClinicProvider
from directory.core.text import digits, folded
from directory.providers.addresses import address_key
from directory.providers.models import GroupPractice, PracticeLocation, Provider
from directory.providers.title_case import address_line, organization_name


@dataclass(frozen=True)
class FoundGroup:
    """A group at one address, with how many of its members are loaded here."""

    group_id: str
    name: str
    address: str
    phone: str | None
    members: int


def find_groups(
    session: Session, text: str, *, state: str | None = None, limit: int = 100
) -> tuple[list[FoundGroup], int]:
    """Return the groups whose name contains the text, by name, and how many there are in all.

    Case, accents and punctuation are ignored.
    """
    wanted = folded(text)
    if not wanted:
        raise ClinicError("Give a part of the name, in letters or digits.")
    statement = sa.select(
        GroupPractice.group_id, GroupPractice.address_key, GroupPractice.name
    ).where(GroupPractice.gone_on.is_(None))
    if state:
        statement = statement.where(GroupPractice.state == state)
    rows = session.execute(statement.execution_options(yield_per=10_000))
    names = ((folded(row.name), row.group_id, row.address_key) for row in rows)
    keys = [(group_id, key) for name, group_id, key in sorted(names) if wanted in name]
    groups = [session.get_one(GroupPractice, key) for key in keys[:limit]]
    members = _member_counts(session, sorted({each.group_id for each in groups}))
    found = [
        FoundGroup(
            group_id=each.group_id,
            name=organization_name(each.name),
            address=address_of(each),
            phone=each.phone,
            members=members.get((each.group_id, each.address_key), 0),
        )
        for each in groups
    ]
    return found, len(keys)


def address_of(group: GroupPractice) -> str:
    """Return the address in one line."""
    line = address_line(group.line1)
    return f"{line}, {address_line(group.city)}, {group.state} {group.zip_code[:5]}"


def draft_from_group(
    session: Session, group_id: str, *, zip_code: str, address: str, given: dict[str, str]
) -> ClinicDraft:
    """Return a clinic for a group at one of its addresses, with its loaded members.

    `given` holds values missing from files: email, second_email, languages. Raises `ClinicError` if
    the group, address or members are missing, or if they have a clinic already.
    """
    group = _group_at(session, group_id, zip_code, address)
    npis = _members(session, group)
    name = organization_name(group.name)
    if not npis:
        raise ClinicError(f"{name}, {address_of(group)}: none of its members is loaded here.")
    _refuse_existing(session, group, npis)
    values = {
        "name": name,
        "address": address_line(group.line1),
        "address2": address_line(group.line2) if group.line2 else "",
        "city": address_line(group.city),
        "state": group.state,
        "zip": group.zip_code,
        "phone": group.phone or "",
        "npis": " ".join(npis),
        **given,
    }
    return draft_of("clinics adopt", values)


def _group_at(session: Session, group_id: str, zip_code: str, address: str) -> GroupPractice:
    group_id = group_id.zfill(10)  # spreadsheets drop leading zeros
    statement = sa.select(GroupPractice).where(
        GroupPractice.group_id == group_id, GroupPractice.gone_on.is_(None)
    )
    groups = list(session.scalars(statement.order_by(GroupPractice.address_key)))
    if not groups:
        raise ClinicError(
            f"No group with the id {group_id} is loaded; look it up with: clinics groups"
        )
    wanted = digits(zip_code)[:5]
    there = [each for each in groups if each.zip_code[:5] == wanted]
    if not there:
        known = ", ".join(sorted({each.zip_code[:5] for each in groups}))
        raise ClinicError(f"The group {group_id} has no address in {zip_code!r}; it has: {known}.")
    key = address_key(address, wanted)
    named = [each for each in there if each.address_key == key] or [
        each for each in there if each.address_key.startswith(key)
    ]
    if len(named) != 1:
        lines = "".join(f"\n  {address_line(each.line1)}" for each in there)
        reason = "several addresses" if not address else "not one such address"
        raise ClinicError(
            f"The group {group_id} has {reason} in {wanted}; choose one with --address:{lines}"
        )
    return named[0]


def _members(session: Session, group: GroupPractice) -> list[str]:
    statement = sa.select(PracticeLocation.npi).where(
        PracticeLocation.group_id == group.group_id,
        PracticeLocation.address_key == group.address_key,
        _is_current(),
    )
    return list(session.scalars(statement.distinct().order_by(PracticeLocation.npi)))


def _member_counts(session: Session, group_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    group_id = sa.func.coalesce(PracticeLocation.group_id, "")
    statement = (
        sa.select(
            group_id, PracticeLocation.address_key, sa.func.count(PracticeLocation.npi.distinct())
        )
        .where(PracticeLocation.group_id.in_(group_ids), _is_current())
        .group_by(PracticeLocation.group_id, PracticeLocation.address_key)
    )
    return {(group, key): number for group, key, number in session.execute(statement)}


def _is_current() -> sa.ColumnElement[bool]:
    """Return the condition of locations that are current, of providers that are current."""
    loaded = sa.exists().where(Provider.npi == PracticeLocation.npi, Provider.gone_on.is_(None))
    return sa.and_(PracticeLocation.gone_on.is_(None), loaded)


def _refuse_existing(session: Session, group: GroupPractice, npis: Sequence[str]) -> None:
    """Raise if a clinic at this address has this name or one of these providers."""
    statement = (
        sa.select(Clinic.public_id, Clinic.name, ClinicProvider.npi)
        .outerjoin(ClinicProvider, ClinicProvider.clinic_id == Clinic.id)
        .where(Clinic.address_key == group.address_key)
    )
    for public_id, name, npi in session.execute(statement):
        if npi in npis or folded(name) == folded(group.name):
            raise ClinicError(
                f"{address_of(group)} has a clinic already: {name} ({public_id}). "
                "Change that one with: clinics load"
            )
