"""Peers on SQLite: the R*Tree that comes with it, and the plain index of the prototype.

Each has a file of its own and its best chance: all of the file may stay in memory, the table is
analyzed, statements are prepared once and kept by the driver, and nothing else is asked for.
"""

import sqlite3
from pathlib import Path

import polars as pl

from benchmarks.search.data import chunks
from benchmarks.search.engines import Answer, Kind
from benchmarks.search.latitude_bands import BANDS_A_DEGREE, bands_of, box_of
from directory.geo.points import Circle, Point
from directory.search.query.criteria import PAGE_SIZE

SETTINGS = "cache_size = 4 GB, mmap_size = 8 GB, ANALYZE; statements cached by the driver"
_COLUMNS = ("npi", "place", "specialty", "latitude", "longitude", "sex", "tier", "x", "y", "z")
_CHORD = "(x-:x)*(x-:x)+(y-:y)*(y-:y)+(z-:z)*(z-:z)"
_PAGE = f"ORDER BY chord, npi, place LIMIT {PAGE_SIZE}"


class _Peer:
    name = ""
    tables: tuple[str, ...] = ()

    def __init__(self, folder: Path, rows: pl.DataFrame) -> None:
        self.file = folder / f"{self.name.replace(' ', '-')}.db"
        self._connection = sqlite3.connect(self.file, isolation_level=None, cached_statements=500)
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):
            self._connection.execute(f"PRAGMA {pragma}")
        for pragma in ("cache_size = -4194304", "mmap_size = 8589934592"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("BEGIN")
        self._build(rows)
        self._connection.execute("COMMIT")
        self._connection.execute("ANALYZE")

    @property
    def megabytes(self) -> float:
        """The size on disk."""
        return self.file.stat().st_size / 1e6

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()
        self.file.unlink()

    def search(self, kind: Kind, near: Point) -> Answer:
        """Return the first page and the exact number of matches."""
        circle = Circle(near, kind.miles)
        x, y, z = circle.unit_vector
        statement, box = self._statement(kind, circle)
        values = {**box, "x": x, "y": y, "z": z, "most": circle.chord_squared}
        rows = self._connection.execute(statement, values).fetchall()
        return Answer(tuple((npi, place) for npi, place, _, _ in rows), rows[0][3] if rows else 0)

    def _build(self, rows: pl.DataFrame) -> None:
        raise NotImplementedError

    def _statement(self, kind: Kind, circle: Circle) -> tuple[str, dict[str, float]]:
        raise NotImplementedError

    def _insert(self, table: str, rows: pl.DataFrame) -> None:
        marks = ", ".join("?" * rows.width)
        for piece in chunks(rows):
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", piece)


class RTreePeer(_Peer):
    """R*Tree over the places, joined with the table of listings."""

    name = "R*Tree"

    def _build(self, rows: pl.DataFrame) -> None:
        self._connection.execute(f"CREATE TABLE listing (id INTEGER PRIMARY KEY, {_names()})")
        self._connection.execute("CREATE VIRTUAL TABLE place_box USING rtree(id, s, n, w, e)")
        rows = rows.with_row_index("id", 1)
        at = pl.col("latitude"), pl.col("longitude")
        self._insert("listing", rows.select("id", *_COLUMNS))
        self._insert(
            "place_box",
            rows.select("id", at[0], at[0].alias("n"), at[1], at[1].alias("e")),
        )

    def _statement(self, kind: Kind, circle: Circle) -> tuple[str, dict[str, float]]:
        south, north, west, east = box_of(circle)
        box = {"south": south, "north": north, "west": west, "east": east}
        return _around(
            "place_box JOIN listing USING (id)",
            "n >= :south AND s <= :north AND e >= :west AND w <= :east"
            f" AND specialty IN ({_listed(kind)})",
        ), box


class SpecialtyRTreePeer(_Peer):
    """R*Tree with the specialty as a third side of the boxes, one search a specialty.

    Together with rows in the order of places it is more than the figure asks to be compared
    with, and reported beside it.
    """

    name = "R*Tree with specialty, rows by place"

    def _build(self, rows: pl.DataFrame) -> None:
        self._connection.execute(f"CREATE TABLE listing (id INTEGER PRIMARY KEY, {_names()})")
        self._connection.execute("CREATE VIRTUAL TABLE place_box USING rtree(id, s, n, w, e, k, l)")
        rows = rows.with_row_index("id", 1)
        at, kind = (pl.col("latitude"), pl.col("longitude")), pl.col("specialty")
        box = (at[0], at[0].alias("n"), at[1], at[1].alias("e"), kind, kind.alias("l"))
        self._insert("listing", rows.select("id", *_COLUMNS))
        self._insert("place_box", rows.select("id", *box))

    def _statement(self, kind: Kind, circle: Circle) -> tuple[str, dict[str, float]]:
        south, north, west, east = box_of(circle)
        box = {"south": south, "north": north, "west": west, "east": east}
        boxes = " UNION ALL ".join(
            "SELECT id FROM place_box WHERE n >= :south AND s <= :north AND e >= :west"
            f" AND w <= :east AND l >= {int(group)} AND k <= {int(group)}"
            for group in kind.specialties
        )
        return _around(f"({boxes}) JOIN listing USING (id)", "1"), box


class BandPeer(_Peer):
    """The prototype: a plain index by specialty, band of latitude and longitude."""

    name = "prototype on SQLite"

    def _build(self, rows: pl.DataFrame) -> None:
        self._connection.execute(f"CREATE TABLE listing ({_names()}, lat_band)")
        band = (pl.col("latitude") * BANDS_A_DEGREE).floor().cast(pl.Int32)
        self._insert("listing", rows.select(*_COLUMNS, band.alias("lat_band")))
        self._connection.execute(
            "CREATE INDEX near ON listing"
            " (specialty, lat_band, longitude, latitude, x, y, z, npi, place)"
        )

    def _statement(self, kind: Kind, circle: Circle) -> tuple[str, dict[str, float]]:
        _, _, west, east = box_of(circle)
        # By name and not by value: so that statements are few, and all stay prepared.
        values = {f"band{number}": float(band) for number, band in enumerate(bands_of(circle))}
        bands = ", ".join(f":{name}" for name in values)
        return _around(
            "listing",
            f"specialty IN ({_listed(kind)}) AND lat_band IN ({bands})"
            " AND longitude BETWEEN :west AND :east",
        ), {"west": west, "east": east, **values}


def _around(tables: str, conditions: str) -> str:
    inside = f"SELECT npi, place, {_CHORD} AS chord FROM {tables} WHERE {conditions}"
    return (
        f"SELECT npi, place, chord, count(*) OVER () FROM ({inside}) WHERE chord <= :most {_PAGE}"
    )


def _names() -> str:
    return ", ".join(_COLUMNS)


def _listed(kind: Kind) -> str:
    return ", ".join(str(int(group)) for group in kind.specialties)
