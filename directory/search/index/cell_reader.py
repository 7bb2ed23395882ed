"""Reads the records a search needs: of the cells around a point, or of a name.

One query reads the blocks that are not cached. A version of the data never changes, so each
process caches the blocks it has read, up to a size limit.
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

_CACHE_LIMIT_BYTES = 128 * 1024**2
_BLOCK_OVERHEAD_BYTES = 200  # memory of a cached block in addition to its content
_AFTER_Z = "{"  # the character after z: what begins with "smi" is between "smi" and "smi{"
_NO_RECORDS = np.empty(0, RECORD)


@dataclass(frozen=True)
class Area:
    """The records of some care groups around a circle."""

    care_groups: tuple[CareGroup, ...]
    circle: Circle

    def rows(self) -> list[tuple[int, int]]:
        """Return the first and last cell of each row of the circle's bounding box."""
        columns = self.circle.lon_cells
        return [
            (cell_number(group, band, first), cell_number(group, band, last))
            for group in self.care_groups
            for band in self.circle.lat_bands
            for first, last in columns
        ]


@dataclass
class CellCache:
    """The posting blocks a process has read, of one version of the data."""

    limit: int = _CACHE_LIMIT_BYTES
    _tag: str = ""
    _size: int = 0
    _blocks: dict[int, bytes] = field(default_factory=dict)

    def blocks_of(self, version: Version) -> dict[int, bytes]:
        """Return the cached blocks of this version, by cell."""
        if self._tag != version.tag or self._size > self.limit:
            # Another thread may still add to the old dict, which is harmless.
            self._tag, self._size, self._blocks = version.tag, 0, {}
        return self._blocks

    def add_size(self, size: int) -> None:
        """Record that this many bytes were added."""
        self._size += size

    def clear(self) -> None:
        """Drop all cached blocks."""
        self._tag = ""


def cell_cache() -> CellCache:
    """Return the cell cache of the running application."""
    cache: CellCache = current_app.extensions.setdefault("search-cells", CellCache())
    return cache


def records_around(
    session: Session, areas: Sequence[Area], *, version: Version | None, as_of: int
) -> list[Records]:
    """Return for each area the records of all its cells, including those outside the circle.

    Runs at most one query, whatever the number of areas. Blocks of `version` are cached.
    """
    is_cacheable = version is not None and version.number == as_of
    cached = cell_cache().blocks_of(version) if version and is_cacheable else {}
    rows = [area.rows() for area in areas]
    cells = [[each for first, last in own for each in range(first, last + 1)] for own in rows]
    blocks = [list(map(cached.get, own)) for own in cells]
    missing = [number for number, found in enumerate(blocks) if None in found]
    if missing:
        read = _read_cells(session, [row for number in missing for row in rows[number]], as_of)
        # Empty cells are not stored: an empty block marks a cell that was already read.
        every = {cell: b"" for number in missing for cell in cells[number]} | read
        if is_cacheable:
            cell_cache().add_size(sum(map(len, read.values())) + _BLOCK_OVERHEAD_BYTES * len(every))
            cached.update(every)
        for number in missing:
            blocks[number] = [every[cell] for cell in cells[number]]
    return [np.frombuffer(b"".join(found), RECORD) for found in blocks]  # type: ignore[arg-type]


# Plain SQL, because building a statement costs more than running this one.
# The ranges come first, so that each is one range scan of the primary key.
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
    for cell, since, block in rows:
        if since >= newest.get(cell, 0):
            found[cell], newest[cell] = block, since
    return found


def records_named(session: Session, name: TypedName, *, as_of: int) -> Records:
    """Return the records of all professionals with this name, anywhere, without duplicates."""
    if name.npi is not None:
        return read_records(session, [name.npi])
    blocks = _read_words(session, name.words, as_of)
    found: Records | None = None
    for word in name.words:
        own = _with_word(blocks, word)
        found = own if found is None else found[np.isin(found["npi"], own["npi"])]
    return _NO_RECORDS if found is None else _without_duplicates(found)


def _read_words(
    session: Session, words: Iterable[TypedWord], as_of: int
) -> dict[str, dict[int, bytes]]:
    columns = ListingName.__table__.c
    pieces = {piece for word in words for spelling in word.spellings for piece in spelling}
    statement = sa.select(columns.word, columns.since, columns.records).where(
        sa.or_(
            *(
                begins_with(columns.word, piece) if _is_beginning(piece) else columns.word == piece
                for piece in sorted(pieces)
            )
        ),
        columns.since <= as_of,
    )
    found: dict[str, dict[int, bytes]] = {}
    for word, since, block in session.execute(statement, execution_options={BINARY: True}):
        found.setdefault(word, {})[since] = block
    return found


def begins_with(word: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Return the condition that a word begins with the text, as a range of the primary key."""
    return sa.and_(word >= text, word < text + _AFTER_Z)


def _with_word(blocks: dict[str, dict[int, bytes]], typed: TypedWord) -> Records:
    spelled = []
    for spelling in typed.spellings:
        records: Records | None = None
        for piece in spelling:
            own = np.frombuffer(b"".join(_blocks_of(blocks, piece)), RECORD)
            records = own if records is None else records[np.isin(records["npi"], own["npi"])]
        if records is not None:
            spelled.append(records)
    return np.concatenate(spelled)


def _blocks_of(blocks: dict[str, dict[int, bytes]], piece: str) -> list[bytes]:
    """Return the newest block of each word that the piece matches."""
    return [
        versions[max(versions)]
        for word, versions in blocks.items()
        if word == piece or (_is_beginning(piece) and word.startswith(piece))
    ]


def _is_beginning(piece: str) -> bool:
    return len(piece) >= SHORTEST_BEGINNING


def _without_duplicates(records: Records) -> Records:
    """Drop duplicate records found by several words of one name."""
    keys = records["npi"].astype(np.int64) << 32 | (records["place"].astype(np.int64) & 0xFFFFFFFF)
    _, first = np.unique(keys, return_index=True)
    return records[first]


def chords(records: Records, circle: Circle) -> Any:
    """Return the squared chord of each record to the center of the circle."""
    x, y, z = circle.unit_vector
    east, north, up = records["x"] - x, records["y"] - y, records["z"] - z
    return east * east + north * north + up * up
