"""Plain rows of what a source states of providers, written many at once.

Objects would cost several times as much, and a public file has millions of rows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from directory.geo.precision import Precision
from directory.providers.models import (
    License,
    PracticeLocation,
    Provider,
    ProviderTaxonomy,
    Source,
)
from directory.providers.records import LocationRecord, ProviderRecord

LocationBefore = sa.Row[int, str, str, Source, bool, Precision | None]
# A provider and the key of an address.
Place = tuple[str, str]

# What these state about a place stands, whatever a file says.
_CONFIRMED = frozenset({Source.CLINIC, Source.OPERATOR})
_PROVIDER_FIELDS = (
    *("npi", "entity_type", "organization_name", "first_name", "middle_name", "last_name"),
    *("name_suffix", "credential", "sex", "enumerated_on", "updated_on", "deactivated_on"),
)
_LOCATION_FIELDS = ("line1", "line2", "city", "state", "zip_code", "phone")


class RowWriter:
    """Writes what one source states on one day."""

    def __init__(self, connection: sa.Connection, source: Source, as_of: date) -> None:
        self._connection = connection
        self._source = source
        self._origin: dict[str, Any] = {"source": source, "as_of": as_of}

    def touch(self, npis: Sequence[str]) -> None:
        """Say of unchanged providers that the source still states the same."""
        if not npis:
            return
        for table in (Provider, ProviderTaxonomy, License, PracticeLocation):
            statement = sa.update(table).where(table.npi.in_(npis), table.source == self._source)
            if table is PracticeLocation:
                statement = statement.where(PracticeLocation.is_primary.is_(True))
            self._connection.execute(statement.values(as_of=self._origin["as_of"]))

    def insert(self, records: Sequence[ProviderRecord]) -> None:
        """Store providers that are not known yet."""
        self._add(Provider, (self._provider(record) for record in records))
        self._add(ProviderTaxonomy, self._taxonomies(records, without=()))
        self._add(License, self._licenses(records, without=()))
        self._add(PracticeLocation, self._locations(records, without=()))

    def replace(self, records: Sequence[ProviderRecord], kept: set[Place]) -> None:
        """Store providers of whom the source now says something else."""
        if not records:
            return
        rows = [{"key": record.npi, **self._provider(record)} for record in records]
        names = [name for name in rows[0] if name not in {"key", "npi"}]
        self._connection.execute(
            sa.update(Provider)
            .where(Provider.npi == sa.bindparam("key"))
            .values({name: sa.bindparam(name) for name in names}),
            [{name: value for name, value in row.items() if name != "npi"} for row in rows],
        )
        self._replace_taxonomies(records)
        self._replace_licenses(records)
        self._replace_locations(records, kept)

    def _replace_taxonomies(self, records: Sequence[ProviderRecord]) -> None:
        npis = [record.npi for record in records]
        at = ProviderTaxonomy
        self._connection.execute(
            sa.delete(at).where(at.npi.in_(npis), at.source == self._source),
        )
        others = self._connection.execute(sa.select(at.npi, at.code).where(at.npi.in_(npis)))
        self._add(at, self._taxonomies(records, without={(npi, code) for npi, code in others}))

    def _replace_licenses(self, records: Sequence[ProviderRecord]) -> None:
        """Replace the licenses; one that stays keeps what a state file said about it."""
        stated = {
            (record.npi, each.state, each.number, each.taxonomy_code)
            for record in records
            for each in record.licenses
        }
        at = License
        present: set[tuple[str, ...]] = set()
        gone: list[int] = []
        still: list[int] = []
        columns = (at.id, at.npi, at.state, at.number, at.taxonomy_code, at.source)
        npis = [record.npi for record in records]
        for key, *rest, source in self._connection.execute(
            sa.select(*columns).where(at.npi.in_(npis))
        ):
            identity = tuple(rest)
            if identity in stated or source != self._source:
                present.add(identity)
            if source == self._source:
                (still if identity in stated else gone).append(key)
        self._delete(at.id, gone)
        for ids in _sliced(still):
            as_of = self._origin["as_of"]
            self._connection.execute(sa.update(at).where(at.id.in_(ids)).values(as_of=as_of))
        self._add(at, self._licenses(records, without=present))

    def _replace_locations(self, records: Sequence[ProviderRecord], kept: set[Place]) -> None:
        at = PracticeLocation
        columns = (at.id, at.npi, at.address_key, at.source, at.is_primary, at.precision)
        npis = [record.npi for record in records]
        before: dict[str, list[LocationBefore]] = defaultdict(list)
        for row in self._connection.execute(sa.select(*columns).where(at.npi.in_(npis))):
            before[row.npi].append(row)
        present: set[Place] = set()
        gone: list[int] = []
        former: list[int] = []
        for record in records:
            for row in before[record.npi]:
                if record.location and row.address_key == record.location.address_key:
                    present.add((record.npi, row.address_key))
                    self._renew(row, record.location)
                elif row.source == self._source and row.is_primary:
                    is_kept = (record.npi, row.address_key) in kept
                    (former if is_kept else gone).append(row.id)
        self._delete(at.id, gone)
        for ids in _sliced(former):
            self._connection.execute(sa.update(at).where(at.id.in_(ids)).values(is_primary=False))
        self._add(at, self._locations(records, without=present))

    def _renew(self, row: LocationBefore, location: LocationRecord) -> None:
        """Rewrite a location that stays, so that what belongs to it stays too."""
        if row.source in _CONFIRMED:
            return
        values = {name: getattr(location, name) for name in _LOCATION_FIELDS}
        if row.precision is not Precision.EXACT:
            values |= _position(location)
        self._connection.execute(
            sa.update(PracticeLocation)
            .where(PracticeLocation.id == row.id)
            .values(is_primary=True, **values, **self._origin)
        )

    def _provider(self, record: ProviderRecord) -> dict[str, Any]:
        fields = {name: getattr(record, name) for name in _PROVIDER_FIELDS}
        return {**fields, "row_digest": record.digest, **self._origin}

    def _taxonomies(
        self, records: Sequence[ProviderRecord], *, without: Collection[tuple[str, str]]
    ) -> Iterable[dict[str, Any]]:
        for record in records:
            for place, code in enumerate(record.taxonomies):
                if (record.npi, code) not in without:
                    primary = {"is_primary": place == 0}
                    yield {"npi": record.npi, "code": code, **primary, **self._origin}

    def _licenses(
        self, records: Sequence[ProviderRecord], *, without: Collection[tuple[str, ...]]
    ) -> Iterable[dict[str, Any]]:
        for record in records:
            for each in record.licenses:
                if (record.npi, each.state, each.number, each.taxonomy_code) not in without:
                    yield {
                        "npi": record.npi,
                        "number": each.number,
                        "state": each.state,
                        "taxonomy_code": each.taxonomy_code,
                        **self._origin,
                    }

    def _locations(
        self, records: Sequence[ProviderRecord], *, without: Collection[Place]
    ) -> Iterable[dict[str, Any]]:
        for record in records:
            location = record.location
            if location and (record.npi, location.address_key) not in without:
                yield {
                    "npi": record.npi,
                    "address_key": location.address_key,
                    "is_primary": True,
                    **{name: getattr(location, name) for name in _LOCATION_FIELDS},
                    **_position(location),
                    **self._origin,
                }

    def _add(self, table: type[Any], rows: Iterable[dict[str, Any]]) -> None:
        if listed := list(rows):
            self._connection.execute(sa.insert(table), listed)

    def _delete(self, key: Any, ids: Sequence[int]) -> None:
        for some in _sliced(ids):
            self._connection.execute(sa.delete(key.class_).where(key.in_(some)))


def _position(location: LocationRecord) -> dict[str, Any]:
    if location.position is None:
        return {"latitude": None, "longitude": None, "precision": None}
    point, precision = location.position
    return {
        "latitude": point.latitude,
        "longitude": point.longitude,
        "precision": precision,
    }


def _sliced(ids: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
