"""Keeping the blobs of records in step with the listings: all of them, or those that changed.

A blob is never changed in place: a new version of the data gets a new one, and the old one stays
for an hour. So whoever turns pages goes on in the version they began in.
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
    crowd_of,
    summed_up,
)

_READ_AT_ONCE = 50_000
_KEYS_AT_ONCE = 400
_BLOBS_AT_ONCE = 1_000
_RECORDS_AT_ONCE = 500_000
_NONE = np.empty(0, RECORD)

_NUMBERED = {"word": pl.String(), "number": pl.Int32()}


@dataclass(frozen=True)
class _Rows:
    """Listings as records, with what they are filed under."""

    records: Records
    lat_bands: NDArray[np.int16]
    lon_cells: NDArray[np.int16]
    names: Sequence[str]


@contextmanager
def repacking(
    session: Session, scope: Sequence[str] | sa.Select[Any], *, now: datetime, is_import: bool
) -> Iterator[None]:
    """Bring the blobs up to date with what happens to the listings of these providers inside.

    An import lets others go on meanwhile, and settles at its end what they changed.
    """
    if not is_import:
        lock_versions(session)
    before = _read(session, scope)
    yield
    after = _read(session, scope)
    if not is_import and not len(before.records) and not len(after.records):
        return
    # Of an import always: what it loaded may show on cards though no listing changed.
    version = next_version(session, now=now, leap=LEAP if is_import else 1)
    changed = np.union1d(before.records["npi"], after.records["npi"])
    for table, keyed in ((_CELLS, _by_cell), (_NAMES, _by_word)):
        fresh: dict[Any, Records] = dict.fromkeys(keyed(before), _NONE)
        _Blobs(session, table, version).replace(changed, {**fresh, **keyed(after)})


def pack_all(session: Session, *, now: datetime) -> int:
    """Make all blobs anew and return the number of listings. Older versions are gone then."""
    for model in (ListingCell, ListingName):
        session.execute(sa.delete(model), execution_options={"synchronize_session": False})
    version = next_version(session, now=now, leap=LEAP)
    forget_versions(session)
    words = _WordNumbers()
    rows = _read(session, None, take_names=words.take)
    _insert(session, _CELLS, _all_cells(rows), version)
    _insert(session, _NAMES, words.blobs(rows.records), version)
    return len(rows.records)


def read_records(session: Session, npis: Sequence[str]) -> Records:
    """Return the records of these professionals, made from their listings."""
    return _read(session, npis).records


def _read(
    session: Session,
    scope: Sequence[str] | sa.Select[Any] | None,
    *,
    take_names: Callable[[Sequence[str]], None] | None = None,
) -> _Rows:
    """Read listings, by professional and place: the order in which blobs keep them.

    Names are handed on where somebody takes them; they would need much room.
    """
    statement = sa.select(*_columns()).order_by(Listing.npi, Listing.place)
    if scope is not None:
        statement = statement.where(Listing.npi.in_(scope))
    # Through the connection: a session would look at each of millions of rows.
    result = session.connection().execute(statement, execution_options={"yield_per": _READ_AT_ONCE})
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
        return _Rows(_NONE, np.empty(0, np.int16), np.empty(0, np.int16), ())
    records = parts[0] if len(parts) == 1 else np.concatenate(parts)
    _mark_only_places(records)
    return _Rows(records, np.concatenate(bands), np.concatenate(cells), names)


def _place(records: Records, latitudes: NDArray[Any], longitudes: NDArray[Any]) -> None:
    north, east = np.radians(latitudes), np.radians(longitudes)
    records["x"] = np.cos(north) * np.cos(east)
    records["y"] = np.cos(north) * np.sin(east)
    records["z"] = np.sin(north)


def _mark_only_places(records: Records) -> None:
    """Mark who has one place: neighbors are of the same professional, or nobody is."""
    npis = records["npi"]
    differs = np.concatenate(([True], npis[1:] != npis[:-1], [True]))
    records["flags"] |= np.where(differs[:-1] & differs[1:], np.uint64(ONLY), np.uint64(0))


def _columns() -> list[ColumnElement[Any]]:
    at = Listing.__table__.c
    return [
        sa.type_coerce(at.npi, sa.BigInteger),
        at.place,
        _flags(),
        at.treatments,
        sa.func.coalesce(at.answer_minutes, UNKNOWN),
        *(at.latitude, at.longitude, at.lat_band, at.lon_cell, at.name),
    ]


def _flags() -> ColumnElement[int]:
    at = Listing.__table__.c
    shift = sa.literal(1 << 16, sa.BigInteger)
    return (
        sa.case({int(tier): bit for tier, bit in bits.TIER_BITS.items()}, value=at.tier, else_=0)
        + sa.case(*((at.sex == sex, bit) for sex, bit in bits.SEX_BITS.items()), else_=0)
        + sa.case((at.is_accepting, bits.ACCEPTING), else_=0)
        + sa.case((at.takes_inquiries, bits.INQUIRIES), else_=0)
        + sa.case((at.has_telehealth, bits.TELEHEALTH), else_=0)
        # A specialty is one of those shown; everybody else is found among everyone.
        + sa.case((at.is_shown, bits.SHOWN + at.specialties * shift), else_=bits.HIDDEN)
        + at.languages * sa.literal(1 << 32, sa.BigInteger)
    )


def care_groups() -> list[tuple[CareGroup, int]]:
    """Return what blobs are kept for, and the bit that says that a record belongs there."""
    return [
        (CareGroup.USUAL, bits.SHOWN),
        (CareGroup.OTHER, bits.HIDDEN),
        *((group, bits.SPECIALTY_BITS[group]) for group in SPECIALTIES),
    ]


def _by_cell(rows: _Rows) -> dict[int, Records]:
    """File a few records under the cells of their care groups."""
    filed: dict[int, list[int]] = defaultdict(list)
    for index, flags in enumerate(rows.records["flags"].tolist()):
        for group, bit in care_groups():
            if flags & bit:
                at = cell_number(group, int(rows.lat_bands[index]), int(rows.lon_cells[index]))
                filed[at].append(index)
    return {cell: rows.records[indices] for cell, indices in filed.items()}


def _by_word(rows: _Rows) -> dict[str, Records]:
    """File a few records under each word of the name."""
    filed: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(rows.names):
        for word in words_of(name):
            filed[word].append(index)
    return {word: rows.records[indices] for word, indices in filed.items()}


def _all_cells(rows: _Rows) -> Iterator[tuple[int, bytes]]:
    """Yield all cells; `_by_cell` for millions."""
    bands, cells = rows.lat_bands.astype(np.int32), rows.lon_cells.astype(np.int32)
    for group, bit in care_groups():
        members = np.flatnonzero(rows.records["flags"] & np.uint64(bit))
        numbers = cell_number(int(group), 0, 0) + bands[members] * ROW + cells[members]
        order = np.argsort(numbers, kind="stable")
        for cell, blob in _runs(rows.records, members[order], numbers[order]):
            yield cell, blob
            if (crowd := crowd_of(cell)) is not None:
                yield crowd, _summed_up(blob)


def _summed_up(blob: bytes) -> bytes:
    return summed_up(np.frombuffer(blob, RECORD)).tobytes()


class _WordNumbers:
    """The words of all names: `_by_word` for millions."""

    def __init__(self) -> None:
        self._number_of: dict[str, int] = {}
        self._numbers: list[NDArray[np.int32]] = []
        self._members: list[NDArray[np.int32]] = []
        self._taken = 0

    def take(self, names: Sequence[str]) -> None:
        """Take the names of the next records."""
        named, number_of = words_of_all(names), self._number_of
        spelled = named["word"].unique()
        numbers = [number_of.setdefault(word, len(number_of)) for word in spelled]
        known = pl.DataFrame({"word": spelled, "number": numbers}, schema=_NUMBERED)
        numbered = named.join(known, on="word", maintain_order="left")
        self._numbers.append(numbered["number"].to_numpy())
        self._members.append(numbered["row"].cast(pl.Int32).to_numpy() + np.int32(self._taken))
        self._taken += len(names)

    def blobs(self, records: Records) -> Iterator[tuple[str, bytes]]:
        """Yield each word with its records."""
        if not self._numbers:
            return
        numbers, members = np.concatenate(self._numbers), np.concatenate(self._members)
        self._numbers, self._members = [], []
        order = np.argsort(numbers, kind="stable")
        words = list(self._number_of)
        for number, blob in _runs(records, members[order], numbers[order]):
            yield words[number], blob


def _runs(
    records: Records, order: NDArray[Any], keys: NDArray[np.int32]
) -> Iterator[tuple[int, bytes]]:
    """Yield each key with the bytes of its records; equal keys are neighbors."""
    differs = np.concatenate(([True], keys[1:] != keys[:-1]))
    bounds = [*np.flatnonzero(differs[: len(keys)]).tolist(), len(keys)]
    first = 0
    while first < len(bounds) - 1:
        last = first + 1
        while last < len(bounds) - 1 and bounds[last + 1] - bounds[first] <= _RECORDS_AT_ONCE:
            last += 1
        together = memoryview(records[order[bounds[first] : bounds[last]]].tobytes())
        for index in range(first, last):
            begin = (bounds[index] - bounds[first]) * RECORD.itemsize
            end = (bounds[index + 1] - bounds[first]) * RECORD.itemsize
            yield int(keys[bounds[index]]), bytes(together[begin:end])
        first = last


@dataclass(frozen=True)
class _Table:
    """A table of blobs, and the column that its keys are in."""

    model: type[ListingCell] | type[ListingName]
    key: str


_CELLS = _Table(ListingCell, "cell")
_NAMES = _Table(ListingName, "word")


def _insert(
    session: Session, table: _Table, blobs: Iterator[tuple[Any, bytes]], version: Version
) -> None:
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _copy(connection, table, blobs, version)
        return
    rows: list[dict[str, Any]] = []
    for key, blob in blobs:
        rows.append({table.key: key, "since": version.number, "records": blob})
        if len(rows) == _BLOBS_AT_ONCE:
            connection.execute(sa.insert(table.model), rows)
            rows = []
    if rows:
        connection.execute(sa.insert(table.model), rows)


def _copy(
    connection: sa.Connection,
    table: _Table,
    blobs: Iterator[tuple[Any, bytes]],
    version: Version,
) -> None:
    """Insert as PostgreSQL takes many rows fastest, into the generation that is being filled."""
    schemas = connection.get_execution_options().get("schema_translate_map") or {}
    name = f"{schemas.get(FACTS, FACTS)}.{table.model.__tablename__}"
    driver: Any = connection.connection.dbapi_connection
    into = f"COPY {name} ({table.key}, since, records) FROM STDIN (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(into) as copy:
        copy.set_types(["text" if table is _NAMES else "int8", "int8", "bytea"])
        for key, blob in blobs:
            copy.write_row((key, version.number, blob))


class _Blobs:
    """The blobs of one table, of which some get a new version."""

    def __init__(self, session: Session, table: _Table, version: Version) -> None:
        self._session = session
        self._table = table
        self._version = version

    def replace(self, npis: NDArray[np.uint32], fresh: Mapping[Any, Records]) -> None:
        """Take the records of these NPIs out of the blobs of all keys, and put the fresh in."""
        keys = sorted(fresh)
        for start in range(0, len(keys), _KEYS_AT_ONCE):
            batch = keys[start : start + _KEYS_AT_ONCE]
            crowds = {key: crowd for key in batch if (crowd := _crowd(key)) is not None}
            stored = self._stored([*batch, *crowds.values()])
            new = {}
            for key in batch:
                blob = self._merged(stored.get(key), npis, fresh[key])
                if blob is not None:
                    new[key] = blob
                    if key in crowds:
                        new[crowds[key]] = _summed_up(blob)
            self._write(new, stored)

    def _stored(self, keys: Sequence[Any]) -> dict[Any, dict[int, bytes]]:
        at = self._table.model.__table__.c
        key = at[self._table.key]
        statement = sa.select(key, at.since, at.records).where(key.in_(keys)).order_by(at.since)
        found: dict[Any, dict[int, bytes]] = defaultdict(dict)
        for key, since, blob in self._session.execute(statement):
            found[key][since] = blob
        return found

    def _merged(
        self, stored: Mapping[int, bytes] | None, npis: NDArray[np.uint32], fresh: Records
    ) -> bytes | None:
        """Return the new blob, or None where it would be what is stored."""
        newest = stored[max(stored)] if stored else b""
        old = np.frombuffer(newest, RECORD)
        kept = old[~np.isin(old["npi"], npis)]
        merged = np.concatenate([kept, fresh])
        blob = merged[np.lexsort((merged["place"], merged["npi"]))].tobytes()
        return None if blob == newest else blob

    def _write(self, new: Mapping[Any, bytes], stored: Mapping[Any, Mapping[int, bytes]]) -> None:
        at, version = self._table.model, self._version
        own_key = at.__table__.c[self._table.key]
        # Older than what the oldest version still in use reads: nobody asks for them any more.
        outdated = {
            key: [since for since in found if since < _last_until(version.oldest, found)]
            for key, found in stored.items()
        }
        for key, sinces in outdated.items():
            replaced = [version.number] if key in new and version.number in stored[key] else []
            for since in (*sinces, *replaced):
                self._session.execute(
                    sa.delete(at).where(own_key == key, at.since == since),
                    execution_options={"synchronize_session": False},
                )
        _insert(self._session, self._table, iter(new.items()), version)


def _crowd(key: Any) -> int | None:
    return crowd_of(key) if isinstance(key, int) else None


def _last_until(oldest: int, sinces: Iterable[int]) -> int:
    """Return the version of a blob that the oldest version of the data reads."""
    return max((since for since in sinces if since <= oldest), default=-1)
