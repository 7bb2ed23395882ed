"""Reading the records of a search: those of the cells around a place, or of a name.

One statement reads what is missing; what a process has read of a version of the data it keeps,
up to a limit, since a version never changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa
from flask import current_app
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from directory.care.specialties import CareGroup
from directory.core.db.database import BINARY
from directory.geo.points import Circle
from directory.search.index.cell_writer import read_records
from directory.search.index.data_versions import Version
from directory.search.index.models import ListingName
from directory.search.index.name_words import SHORTEST_BEGINNING, TypedName, TypedWord
from directory.search.index.packed_listing import RECORD, Records, cell_number

_CACHED_BYTES = 128 * 1024**2
_CELL_BYTES = 200  # what a blob takes beside its content
_AFTER_Z = "{"  # the character after z: what begins with "smi" is between "smi" and "smi{"
_NOTHING = np.empty(0, RECORD)


@dataclass(frozen=True)
class Area:
    """The records of some care groups around a circle."""

    care_groups: tuple[CareGroup, ...]
    circle: Circle

    def rows(self) -> list[tuple[int, int]]:
        """Return the first and last cell of each row that the box around the circle touches."""
        columns = self.circle.lon_cells
        return [
            (cell_number(group, band, first), cell_number(group, band, last))
            for group in self.care_groups
            for band in self.circle.lat_bands
            for first, last in columns
        ]


@dataclass
class CellCache:
    """The blobs that a process has read, of one version of the data."""

    limit: int = _CACHED_BYTES
    _tag: str = ""
    _size: int = 0
    _blobs: dict[int, bytes] = field(default_factory=dict)

    def blobs_of(self, version: Version) -> dict[int, bytes]:
        """Return what is kept of this version."""
        if self._tag != version.tag or self._size > self.limit:
            # Another thread may go on filling the old one: it is of no harm there.
            self._tag, self._size, self._blobs = version.tag, 0, {}
        return self._blobs

    def note(self, size: int) -> None:
        """Take note that this many bytes were added."""
        self._size += size

    def clear(self) -> None:
        """Forget all."""
        self._tag = ""


def cell_cache() -> CellCache:
    """Return the cache of this application."""
    cache: CellCache = current_app.extensions.setdefault("search-cells", CellCache())
    return cache


def records_around(
    session: Session, areas: Sequence[Area], *, version: Version | None, as_of: int
) -> list[Records]:
    """Return for each area the records of all its cells; those outside the circle are there too.

    One statement at most, whatever the number of areas. Blobs of `version` are kept in memory.
    """
    is_kept = version is not None and version.number == as_of
    kept = cell_cache().blobs_of(version) if version and is_kept else {}
    rows = [area.rows() for area in areas]
    cells = [[each for first, last in own for each in range(first, last + 1)] for own in rows]
    blobs = [list(map(kept.get, own)) for own in cells]
    missing = [number for number, found in enumerate(blobs) if None in found]
    if missing:
        read = _read_cells(session, [row for number in missing for row in rows[number]], as_of)
        # Where nobody is, nothing is stored: an empty blob says that it was looked for.
        every = {cell: b"" for number in missing for cell in cells[number]} | read
        if is_kept:
            cell_cache().note(sum(map(len, read.values())) + _CELL_BYTES * len(every))
            kept.update(every)
        for number in missing:
            blobs[number] = [every[cell] for cell in cells[number]]
    return [np.frombuffer(b"".join(found), RECORD) for found in blobs]  # type: ignore[arg-type]


# Plain text, for a statement put together anew costs more than the database takes to answer it.
# The ranges come first: for each, the key of the table is looked up once.
_ON_SQLITE = (
    "WITH wanted (first, last) AS (VALUES {ranges}) "
    "SELECT cell, since, records FROM wanted CROSS JOIN facts.listing_cell "
    "WHERE cell BETWEEN first AND last AND since <= ?"
)
_ON_POSTGRESQL = (
    "SELECT found.* FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (first, last), LATERAL ("
    "SELECT cell, since, records FROM facts.listing_cell "
    "WHERE cell BETWEEN first AND last AND since <= %s OFFSET 0) AS found"
)


def _read_cells(
    session: Session, ranges: Sequence[tuple[int, int]], as_of: int
) -> dict[int, bytes]:
    connection = session.connection()
    firsts, lasts = map(list, zip(*ranges, strict=True))
    if connection.dialect.name == "sqlite":
        marks = ", ".join(["(?, ?)"] * len(ranges))
        bounds = tuple(bound for row in ranges for bound in row)
        rows = connection.exec_driver_sql(_ON_SQLITE.format(ranges=marks), (*bounds, as_of))
    else:
        rows = connection.exec_driver_sql(
            _ON_POSTGRESQL, (firsts, lasts, as_of), execution_options={BINARY: True}
        )
    found: dict[int, bytes] = {}
    newest: dict[int, int] = {}
    for cell, since, blob in rows:
        if since >= newest.get(cell, 0):
            found[cell], newest[cell] = blob, since
    return found


def records_named(session: Session, name: TypedName, *, as_of: int) -> Records:
    """Return the records of everyone with this name, wherever they are, each once."""
    if name.npi is not None:
        return read_records(session, [name.npi])
    blobs = _read_words(session, name.words, as_of)
    found: Records | None = None
    for word in name.words:
        own = _with_word(blobs, word)
        found = own if found is None else found[np.isin(found["npi"], own["npi"])]
    return _NOTHING if found is None else _each_once(found)


def _read_words(
    session: Session, words: Iterable[TypedWord], as_of: int
) -> dict[str, dict[int, bytes]]:
    at = ListingName.__table__.c
    pieces = {piece for word in words for spelling in word.spellings for piece in spelling}
    statement = sa.select(at.word, at.since, at.records).where(
        sa.or_(
            *(
                begins_with(at.word, piece) if _is_beginning(piece) else at.word == piece
                for piece in sorted(pieces)
            )
        ),
        at.since <= as_of,
    )
    found: dict[str, dict[int, bytes]] = {}
    for word, since, blob in session.execute(statement, execution_options={BINARY: True}):
        found.setdefault(word, {})[since] = blob
    return found


def begins_with(word: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Tell whether a word begins with the text, as a range of the key."""
    return sa.and_(word >= text, word < text + _AFTER_Z)


def _with_word(blobs: dict[str, dict[int, bytes]], typed: TypedWord) -> Records:
    spelled = []
    for spelling in typed.spellings:
        records: Records | None = None
        for piece in spelling:
            own = np.frombuffer(b"".join(_blobs_of(blobs, piece)), RECORD)
            records = own if records is None else records[np.isin(records["npi"], own["npi"])]
        if records is not None:
            spelled.append(records)
    return np.concatenate(spelled)


def _blobs_of(blobs: dict[str, dict[int, bytes]], piece: str) -> list[bytes]:
    """Return the newest blob of each word that the piece stands for."""
    return [
        versions[max(versions)]
        for word, versions in blobs.items()
        if word == piece or (_is_beginning(piece) and word.startswith(piece))
    ]


def _is_beginning(piece: str) -> bool:
    return len(piece) >= SHORTEST_BEGINNING


def _each_once(records: Records) -> Records:
    """Drop what several words of one name found again."""
    keys = records["npi"].astype(np.int64) << 32 | (records["place"].astype(np.int64) & 0xFFFFFFFF)
    _, first = np.unique(keys, return_index=True)
    return records[first]


def chords(records: Records, circle: Circle) -> Any:
    """Return the squared chord of each record to the center of the circle."""
    x, y, z = circle.unit_vector
    east, north, up = records["x"] - x, records["y"] - y, records["z"] - z
    return east * east + north * north + up * up
