"""Storing what sources state about providers. A clinic's own word is never overwritten."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.providers.models import Provider, Source
from directory.providers.records import ProviderRecord
from directory.providers.rows import Place, RowWriter

# The few columns of a stored provider that decide what becomes of a record.
Before = sa.Row[str, bytes | None, date | None, date, date | None]


@dataclass
class Stored:
    """What became of the providers of one batch, by NPI."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)  # we know something newer already


@dataclass
class Deactivated:
    """What became of the deactivations of one batch, by NPI."""

    marked: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def store_providers(
    session: Session,
    records: Sequence[ProviderRecord],
    *,
    source: Source,
    as_of: date,
    places_to_keep: Callable[[Session, Collection[str]], set[Place]],
) -> Stored:
    """Bring the tables to what the records say, unless they know something newer.

    Only what the same source stated before is replaced. A former practice location stays,
    no longer the primary one, where `places_to_keep` names it.
    """
    by_npi = {record.npi: record for record in records}
    known = _known(session, by_npi)
    stored = Stored()
    to_touch = []
    for npi, record in by_npi.items():
        before = known.get(npi)
        if before is None:
            stored.new.append(npi)
        elif before.row_digest == record.digest:
            stored.unchanged.append(npi)
            if before.as_of < as_of:
                to_touch.append(npi)
        elif _knows_newer(before, record, as_of):
            stored.older.append(npi)
        else:
            stored.changed.append(npi)
    writer = RowWriter(session.connection(), source, as_of)
    writer.touch(to_touch)
    writer.insert([by_npi[npi] for npi in stored.new])
    kept = places_to_keep(session, stored.changed) if stored.changed else set()
    writer.replace([by_npi[npi] for npi in stored.changed], kept)
    return stored


def mark_deactivated(session: Session, days: Mapping[str, date], *, as_of: date) -> Deactivated:
    """Mark known providers as deactivated, and leave all else that is known of them."""
    known = _known(session, days)
    result = Deactivated(unknown=[npi for npi in days if npi not in known])
    rows = []
    for npi, before in known.items():
        day = days[npi]
        if before.as_of > as_of and (before.updated_on or date.min) > day:
            result.older.append(npi)
        elif before.deactivated_on == day:
            result.unchanged.append(npi)
        else:
            result.marked.append(npi)
            rows.append({"key": npi, "day": day, "on": max(as_of, before.as_of)})
    if rows:
        # Without a digest: a complete row that comes later is never taken as unchanged.
        session.connection().execute(
            sa.update(Provider)
            .where(Provider.npi == sa.bindparam("key"))
            .values(
                deactivated_on=sa.bindparam("day"), as_of=sa.bindparam("on"), row_digest=sa.null()
            ),
            rows,
        )
    return result


def _known(session: Session, npis: Collection[str]) -> dict[str, Before]:
    columns = (
        *(Provider.npi, Provider.row_digest, Provider.updated_on),
        *(Provider.as_of, Provider.deactivated_on),
    )
    statement = sa.select(*columns).where(Provider.npi.in_(list(npis)))
    return {row.npi: row for row in session.connection().execute(statement)}


def _knows_newer(before: Before, record: ProviderRecord, as_of: date) -> bool:
    """Tell whether what is stored is newer than the record, in whatever order files come."""
    stated_on = record.updated_on or date.min
    if (before.updated_on or date.min) > stated_on:
        return True
    latest = max(before.updated_on or date.min, before.deactivated_on or date.min)
    return bool(before.as_of > as_of and latest >= stated_on)
