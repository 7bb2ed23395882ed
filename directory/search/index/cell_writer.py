"""Writes the posting blocks from the listings: all of them, or those that changed.

A block is never changed in place: a new version of the data gets a new one, and the old one is
kept for an hour, so that pagination continues in the version it began in.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from directory.care.specialties import SPECIALTIES, CareGroup
from directory.core.db.database import FACTS
from directory.search.index import packed_listing as bits
from directory.search.index.data_versions import (
    LEAP,
    Version,
    forget_versions,
    lock_versions,
    next_version,
)
from directory.search.index.models import Listing, ListingCell, ListingName
from directory.search.index.name_words import words_of, words_of_all
from directory.search.index.packed_listing import (
    ONLY,
    RECORD,
    ROW,
    UNKNOWN,
    Records,
    cell_number,
    summarized,
    summary_cell_of,
)

_ROWS_PER_FETCH = 50_000
_KEYS_PER_BATCH = 400
_BLOCKS_PER_INSERT = 1_000
_RECORDS_PER_COPY = 500_000
_NO_RECORDS = np.empty(0, RECORD)

_NUMBERED = {"word": pl.String(), "number": pl.Int32()}


@dataclass(frozen=True)
class _Rows:
    """Listings as records, with the keys they are indexed by."""

    records: Records
    lat_bands: NDArray[np.int16]
    lon_cells: NDArray[np.int16]
    names: Sequence[str]


@contextmanager
def repacking(
    session: Session, scope: Sequence[str] | sa.Select[Any], *, now: datetime, is_import: bool
) -> Iterator[None]:
    """Update the blocks with the changes made to these providers' listings inside the context.

    An import takes no lock, and applies concurrent changes at its end.
    """
    if not is_import:
        lock_versions(session)
    before = _read(session, scope)
    yield
    after = _read(session, scope)
    if not is_import and not len(before.records) and not len(after.records):
        return
    # An import always begins a version: it may change cards without changing a listing.
    version = next_version(session, now=now, leap=LEAP if is_import else 1)
    changed = np.union1d(before.records["npi"], after.records["npi"])
    for table, keyed in ((_CELLS, _by_cell), (_NAMES, _by_word)):
        fresh: dict[Any, Records] = dict.fromkeys(keyed(before), _NO_RECORDS)
        _BlockTable(session, table, version).replace(changed, {**fresh, **keyed(after)})


def pack_all(session: Session, *, now: datetime) -> int:
    """Rebuild all blocks and return the number of listings. Removes older versions."""
    for model in (ListingCell, ListingName):
        session.execute(sa.delete(model), execution_options={"synchronize_session": False})
    version = next_version(session, now=now, leap=LEAP)
    forget_versions(session)
    words = _WordNumbers()
    rows = _read(session, None, take_names=words.take)
    _insert(session, _CELLS, _all_cells(rows), version)
    _insert(session, _NAMES, words.blocks(rows.records), version)
    return len(rows.records)


def read_records(session: Session, npis: Sequence[str]) -> Records:
    """Return the records of these professionals, packed from their listings."""
    return _read(session, npis).records


def _read(
    session: Session,
    scope: Sequence[str] | sa.Select[Any] | None,
    *,
    take_names: Callable[[Sequence[str]], None] | None = None,
) -> _Rows:
    """Read listings by professional and place, the order inside a block.

    Names go to `take_names` if given, instead of being held in memory.
    """
    statement = sa.select(*_columns()).order_by(Listing.npi, Listing.place)
    if scope is not None:
        statement = statement.where(Listing.npi.in_(scope))
    # Through the connection: a session would process each of millions of rows.
    result = session.connection().execute(
        statement, execution_options={"yield_per": _ROWS_PER_FETCH}
    )
    parts, bands, cells = [], [], []
    names: list[str] = []
    for rows in result.partitions():
        npis, places, flags, treatments, answers, latitudes, longitudes, lat, lon, named = zip(
            *rows, strict=True
        )
        records = np.empty(len(rows), RECORD)
        records["npi"] = np.array(npis, np.uint32)
        records["place"] = np.array(places, np.int32)
        records["flags"] = np.array(flags, np.uint64)
        records["treatments"] = np.array(treatments, np.uint32)
        records["answer_minutes"] = np.array(answers, np.uint32)
        _place(records, np.array(latitudes), np.array(longitudes))
        parts.append(records)
        bands.append(np.array(lat, np.int16))
        cells.append(np.array(lon, np.int16))
        if take_names:
            take_names(named)
        else:
            names += named
    if not parts:
        return _Rows(_NO_RECORDS, np.empty(0, np.int16), np.empty(0, np.int16), ())
    records = parts[0] if len(parts) == 1 else np.concatenate(parts)
    _mark_only_places(records)
    return _Rows(records, np.concatenate(bands), np.concatenate(cells), names)


def _place(records: Records, latitudes: NDArray[Any], longitudes: NDArray[Any]) -> None:
    north, east = np.radians(latitudes), np.radians(longitudes)
    records["x"] = np.cos(north) * np.cos(east)
    records["y"] = np.cos(north) * np.sin(east)
    records["z"] = np.sin(north)


def _mark_only_places(records: Records) -> None:
    """Set the ONLY flag of professionals with a single place; records are sorted by NPI."""
    npis = records["npi"]
    differs = np.concatenate(([True], npis[1:] != npis[:-1], [True]))
    records["flags"] |= np.where(differs[:-1] & differs[1:], np.uint64(ONLY), np.uint64(0))


def _columns() -> list[ColumnElement[Any]]:
    columns = Listing.__table__.c
    return [
        sa.type_coerce(columns.npi, sa.BigInteger),
        columns.place,
        _flags(),
        columns.treatments,
        sa.func.coalesce(columns.answer_minutes, UNKNOWN),
        *(columns.latitude, columns.longitude, columns.lat_band, columns.lon_cell, columns.name),
    ]


def _flags() -> ColumnElement[int]:
    columns = Listing.__table__.c
    shift = sa.literal(1 << 16, sa.BigInteger)
    return (
        sa.case(
            {int(tier): bit for tier, bit in bits.TIER_BITS.items()}, value=columns.tier, else_=0
        )
        + sa.case(*((columns.sex == sex, bit) for sex, bit in bits.SEX_BITS.items()), else_=0)
        + sa.case((columns.is_accepting, bits.ACCEPTING), else_=0)
        + sa.case((columns.takes_inquiries, bits.INQUIRIES), else_=0)
        + sa.case((columns.has_telehealth, bits.TELEHEALTH), else_=0)
        # Only shown listings have specialty bits; the rest are found under OTHER.
        + sa.case((columns.is_shown, bits.SHOWN + columns.specialties * shift), else_=bits.HIDDEN)
        + columns.languages * sa.literal(1 << 32, sa.BigInteger)
    )


def care_groups() -> list[tuple[CareGroup, int]]:
    """Return the care groups that have blocks, and the flag of a record in each."""
    return [
        (CareGroup.USUAL, bits.SHOWN),
        (CareGroup.OTHER, bits.HIDDEN),
        *((group, bits.SPECIALTY_BITS[group]) for group in SPECIALTIES),
    ]


def _by_cell(rows: _Rows) -> dict[int, Records]:
    """Group a few records by the cells of their care groups."""
    filed: dict[int, list[int]] = defaultdict(list)
    for index, flags in enumerate(rows.records["flags"].tolist()):
        for group, bit in care_groups():
            if flags & bit:
                cell = cell_number(group, int(rows.lat_bands[index]), int(rows.lon_cells[index]))
                filed[cell].append(index)
    return {cell: rows.records[indices] for cell, indices in filed.items()}


def _by_word(rows: _Rows) -> dict[str, Records]:
    """Group a few records by each word of the name."""
    filed: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(rows.names):
        for word in words_of(name):
            filed[word].append(index)
    return {word: rows.records[indices] for word, indices in filed.items()}


def _all_cells(rows: _Rows) -> Iterator[tuple[int, bytes]]:
    """Yield all cells with their blocks; `_by_cell` for millions of records."""
    bands, cells = rows.lat_bands.astype(np.int32), rows.lon_cells.astype(np.int32)
    for group, bit in care_groups():
        members = np.flatnonzero(rows.records["flags"] & np.uint64(bit))
        numbers = cell_number(int(group), 0, 0) + bands[members] * ROW + cells[members]
        order = np.argsort(numbers, kind="stable")
        for cell, block in _runs(rows.records, members[order], numbers[order]):
            yield cell, block
            if (summary := summary_cell_of(cell)) is not None:
                yield summary, _summarized(block)


def _summarized(block: bytes) -> bytes:
    return summarized(np.frombuffer(block, RECORD)).tobytes()


class _WordNumbers:
    """The words of all names, numbered: `_by_word` for millions of records."""

    def __init__(self) -> None:
        self._number_of: dict[str, int] = {}
        self._numbers: list[NDArray[np.int32]] = []
        self._members: list[NDArray[np.int32]] = []
        self._taken = 0

    def take(self, names: Sequence[str]) -> None:
        """Add the names of the next records."""
        named, number_of = words_of_all(names), self._number_of
        spelled = named["word"].unique()
        numbers = [number_of.setdefault(word, len(number_of)) for word in spelled]
        known = pl.DataFrame({"word": spelled, "number": numbers}, schema=_NUMBERED)
        numbered = named.join(known, on="word", maintain_order="left")
        self._numbers.append(numbered["number"].to_numpy())
        self._members.append(numbered["row"].cast(pl.Int32).to_numpy() + np.int32(self._taken))
        self._taken += len(names)

    def blocks(self, records: Records) -> Iterator[tuple[str, bytes]]:
        """Yield each word with the block of its records."""
        if not self._numbers:
            return
        numbers, members = np.concatenate(self._numbers), np.concatenate(self._members)
        self._numbers, self._members = [], []
        order = np.argsort(numbers, kind="stable")
        words = list(self._number_of)
        for number, block in _runs(records, members[order], numbers[order]):
            yield words[number], block


def _runs(
    records: Records, order: NDArray[Any], keys: NDArray[np.int32]
) -> Iterator[tuple[int, bytes]]:
    """Yield each key with the bytes of its records; equal keys must be adjacent."""
    differs = np.concatenate(([True], keys[1:] != keys[:-1]))
    bounds = [*np.flatnonzero(differs[: len(keys)]).tolist(), len(keys)]
    first = 0
    while first < len(bounds) - 1:
        last = first + 1
        while last < len(bounds) - 1 and bounds[last + 1] - bounds[first] <= _RECORDS_PER_COPY:
            last += 1
        together = memoryview(records[order[bounds[first] : bounds[last]]].tobytes())
        for index in range(first, last):
            begin = (bounds[index] - bounds[first]) * RECORD.itemsize
            end = (bounds[index + 1] - bounds[first]) * RECORD.itemsize
            yield int(keys[bounds[index]]), bytes(together[begin:end])
        first = last


@dataclass(frozen=True)
class _Table:
    """A table of posting blocks, and its key column."""

    model: type[ListingCell] | type[ListingName]
    key: str


_CELLS = _Table(ListingCell, "cell")
_NAMES = _Table(ListingName, "word")


def _insert(
    session: Session, table: _Table, blocks: Iterator[tuple[Any, bytes]], version: Version
) -> None:
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _copy(connection, table, blocks, version)
        return
    rows: list[dict[str, Any]] = []
    for key, block in blocks:
        rows.append({table.key: key, "since": version.number, "records": block})
        if len(rows) == _BLOCKS_PER_INSERT:
            connection.execute(sa.insert(table.model), rows)
            rows = []
    if rows:
        connection.execute(sa.insert(table.model), rows)


def _copy(
    connection: sa.Connection,
    table: _Table,
    blocks: Iterator[tuple[Any, bytes]],
    version: Version,
) -> None:
    """Insert with COPY, into the generation of the facts that is being loaded."""
    schemas = connection.get_execution_options().get("schema_translate_map") or {}
    name = f"{schemas.get(FACTS, FACTS)}.{table.model.__tablename__}"
    driver: Any = connection.connection.dbapi_connection
    into = f"COPY {name} ({table.key}, since, records) FROM STDIN (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(into) as copy:
        copy.set_types(["text" if table is _NAMES else "int8", "int8", "bytea"])
        for key, block in blocks:
            copy.write_row((key, version.number, block))


class _BlockTable:
    """Replaces the posting blocks of one table by a new version."""

    def __init__(self, session: Session, table: _Table, version: Version) -> None:
        self._session = session
        self._table = table
        self._version = version

    def replace(self, npis: NDArray[np.uint32], fresh: Mapping[Any, Records]) -> None:
        """Remove the records of these NPIs from the blocks of all keys, and add the new ones."""
        keys = sorted(fresh)
        for start in range(0, len(keys), _KEYS_PER_BATCH):
            batch = keys[start : start + _KEYS_PER_BATCH]
            summary_keys = {
                key: summary for key in batch if (summary := _summary_key(key)) is not None
            }
            stored = self._stored([*batch, *summary_keys.values()])
            new = {}
            for key in batch:
                block = self._merged(stored.get(key), npis, fresh[key])
                if block is not None:
                    new[key] = block
                    if key in summary_keys:
                        new[summary_keys[key]] = _summarized(block)
            self._write(new, stored)

    def _stored(self, keys: Sequence[Any]) -> dict[Any, dict[int, bytes]]:
        columns = self._table.model.__table__.c
        key = columns[self._table.key]
        statement = (
            sa.select(key, columns.since, columns.records)
            .where(key.in_(keys))
            .order_by(columns.since)
        )
        found: dict[Any, dict[int, bytes]] = defaultdict(dict)
        for key, since, block in self._session.execute(statement):
            found[key][since] = block
        return found

    def _merged(
        self, stored: Mapping[int, bytes] | None, npis: NDArray[np.uint32], fresh: Records
    ) -> bytes | None:
        """Return the new block, or None if it equals the stored one."""
        newest = stored[max(stored)] if stored else b""
        old = np.frombuffer(newest, RECORD)
        kept = old[~np.isin(old["npi"], npis)]
        merged = np.concatenate([kept, fresh])
        block = merged[np.lexsort((merged["place"], merged["npi"]))].tobytes()
        return None if block == newest else block

    def _write(self, new: Mapping[Any, bytes], stored: Mapping[Any, Mapping[int, bytes]]) -> None:
        model, version = self._table.model, self._version
        key_column = model.__table__.c[self._table.key]
        # No version still in use reads blocks older than this.
        outdated = {
            key: [since for since in found if since < _last_until(version.oldest, found)]
            for key, found in stored.items()
        }
        for key, sinces in outdated.items():
            replaced = [version.number] if key in new and version.number in stored[key] else []
            for since in (*sinces, *replaced):
                self._session.execute(
                    sa.delete(model).where(key_column == key, model.since == since),
                    execution_options={"synchronize_session": False},
                )
        _insert(self._session, self._table, iter(new.items()), version)


def _summary_key(key: Any) -> int | None:
    return summary_cell_of(key) if isinstance(key, int) else None


def _last_until(oldest: int, sinces: Iterable[int]) -> int:
    """Return the version of a block that the oldest version of the data reads."""
    return max((since for since in sinces if since <= oldest), default=-1)
