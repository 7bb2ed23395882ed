"""Peers on PostgreSQL: PostGIS, and the plain index of the prototype.

All share one table and one connection, as prepared statements, with what a careful operator sets.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import psycopg

from benchmarks.search.data import csv_pieces
from benchmarks.search.engines import Answer, Kind
from benchmarks.search.latitude_bands import BANDS_A_DEGREE, bands_of, box_of
from directory.geo.points import Circle, Point
from directory.search.query.criteria import PAGE_SIZE
from tests.postgres import ServerAccount, server_folder

SETTINGS = {
    "shared_buffers": "4GB",
    "effective_cache_size": "12GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "8GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # one search at a time: starting helpers costs more
}
_METERS_A_MILE = 1609.344
_COLUMNS = ("npi", "place", "specialty", "latitude", "longitude", "sex", "tier", "x", "y", "z")
_TABLE = """
CREATE TABLE listing (
    npi bigint, place integer, specialty smallint, latitude float8, longitude float8,
    sex text, tier smallint, x float8, y float8, z float8, lat_band smallint
)
"""
_CHORD = (
    "(x-%(x)s::float8)*(x-%(x)s::float8)+(y-%(y)s::float8)*(y-%(y)s::float8)"
    "+(z-%(z)s::float8)*(z-%(z)s::float8)"
)
_POINT = "ST_MakePoint(%(east)s::float8, %(north)s::float8)::geography"


@contextmanager
def tuned_postgres(programs: Path) -> Iterator[str]:
    """Start a server of our own with the settings above, and give the URL of its database."""
    with server_folder() as folder:
        run = ServerAccount(programs, folder)
        data = ("-D", str(folder / "data"))
        run("initdb", "--no-sync", "-A", "trust", "-U", "tester", "-E", "UTF8", *data)
        settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        options = f"-c listen_addresses='' -k {folder} {settings}"
        run("pg_ctl", *data, "-w", "-s", "-o", options, "-l", str(folder / "log"), "start")
        try:
            yield f"postgresql+psycopg://tester@/postgres?host={folder}"
        finally:
            run("pg_ctl", *data, "-w", "-s", "-m", "immediate", "stop")


def new_database(url: str, name: str) -> str:
    """Make a database on this server and return its URL."""
    with psycopg.connect(plain_url(url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.replace("/postgres?", f"/{name}?")


def drop_database(url: str, name: str) -> None:
    """Remove a database of this server."""
    with psycopg.connect(plain_url(url), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def plain_url(url: str) -> str:
    """Return the URL without the name of SQLAlchemy's driver."""
    return url.replace("postgresql+psycopg://", "postgresql://")


class PostgreSQLRows:
    """A table that peers share, in a schema of its own."""

    def __init__(self, url: str, rows: pl.DataFrame, *, schema: str = "peers") -> None:
        self.connection = psycopg.connect(plain_url(url), autocommit=True)
        self._schema = schema
        self.connection.execute(f"CREATE SCHEMA {schema}")
        self.connection.execute(f"SET search_path = {schema}, public")
        self.connection.execute(_TABLE)
        band = (pl.col("latitude") * BANDS_A_DEGREE).floor().cast(pl.Int32)
        with self.connection.cursor().copy("COPY listing FROM STDIN (FORMAT csv)") as copy:
            for piece in csv_pieces(rows.select(*_COLUMNS, band.alias("lat_band"))):
                copy.write(piece)

    def run(self, *statements: str) -> None:
        """Execute one after the other."""
        for statement in statements:
            self.connection.execute(statement)

    def add_positions(self) -> float:
        """Give the table positions of PostGIS and their index; return megabytes."""
        self.run(
            "CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public",
            "CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public",
            "ALTER TABLE listing ADD position geography(Point)",
            "UPDATE listing SET position = ST_MakePoint(longitude, latitude)::geography",
            "VACUUM FULL listing",
            "CREATE INDEX by_position ON listing USING gist (specialty, position)",
            "VACUUM ANALYZE listing",
        )
        return self.megabytes("listing", "by_position")

    def add_bands(self) -> float:
        """Give the table the index of the prototype, which covers a search; return megabytes."""
        self.run(
            "CREATE INDEX by_band ON listing"
            " (specialty, lat_band, longitude) INCLUDE (x, y, z, npi, place)",
            "VACUUM ANALYZE listing",
        )
        return self.megabytes("listing", "by_band")

    def megabytes(self, *names: str) -> float:
        """The size on disk of these tables and indexes."""
        total = 0.0
        for name in names:
            found = self.connection.execute("SELECT pg_table_size(%s::regclass)", [name])
            total += float((found.fetchone() or (0,))[0])
        return total / 1e6

    def close(self) -> None:
        """Remove the table."""
        self.run(f"DROP SCHEMA {self._schema} CASCADE")
        self.connection.close()


class _Peer:
    name = ""

    def __init__(self, rows: PostgreSQLRows, *, note: str = "") -> None:
        self._rows = rows
        self.name += note

    def search(self, kind: Kind, near: Point) -> Answer:
        """Return the first page and the exact number of matches."""
        circle = Circle(near, kind.miles)
        x, y, z = circle.unit_vector
        _, _, west, east = box_of(circle)
        values = {
            "specialties": [int(group) for group in kind.specialties],
            "north": near.latitude,
            "east": near.longitude,
            "meters": kind.miles * _METERS_A_MILE,
            "bands": bands_of(circle),
            "x": x,
            "y": y,
            "z": z,
            "most": circle.chord_squared,
            "from_west": west,
            "to_east": east,
        }
        found = self._rows.connection.execute(self._statement(kind), values, prepare=True)
        rows = found.fetchall()
        return Answer(
            tuple((npi, place) for npi, place, _, _ in rows[:PAGE_SIZE]), self._total(rows)
        )

    def _statement(self, _kind: Kind) -> str:
        raise NotImplementedError

    def _total(self, rows: list[tuple[int, int, float, int]]) -> int | None:
        return rows[0][3] if rows else 0


class PostGISPeer(_Peer):
    """ST_DWithin on geography, with a GiST index over specialty and place.

    The specialties have the type of the column: with any other the index looks at places only,
    and each row is asked for its specialty.
    On the sphere, which is faster than on the spheroid and is what all others here measure by.
    """

    name = "PostGIS"
    specialty_type = "smallint"

    def _statement(self, _kind: Kind) -> str:
        return (
            f"SELECT npi, place, meters, count(*) OVER () FROM (SELECT npi, place,"
            f" ST_Distance(position, {_POINT}, false) AS meters"
            f" FROM listing WHERE specialty = ANY(%(specialties)s::{self.specialty_type}[])"
            f" AND ST_DWithin(position, {_POINT}, %(meters)s, false)) AS inside"
            f" ORDER BY meters, npi, place LIMIT {PAGE_SIZE}"
        )


class MistypedPostGISPeer(PostGISPeer):
    """The same with specialties of another integer type than the column: an easy mistake.

    Reported beside, for it explains figures of PostGIS that are many times slower.
    """

    name = "PostGIS, integers of another type"
    specialty_type = "integer"


class NearestPostGISPeer(_Peer):
    """The nearest twenty by the index alone: no distance is a limit, and nothing is counted."""

    name = "PostGIS <->"

    def _statement(self, kind: Kind) -> str:
        nearest = " UNION ALL ".join(
            f"(SELECT npi, place, position <-> {_POINT} AS meters FROM listing"
            f" WHERE specialty = {int(group)}::smallint"
            f" ORDER BY position <-> {_POINT} LIMIT {PAGE_SIZE})"
            for group in kind.specialties
        )
        return (
            f"SELECT npi, place, meters, 0 FROM ({nearest}) AS found"
            f" ORDER BY meters, npi, place LIMIT {PAGE_SIZE}"
        )

    def _total(self, _rows: list[tuple[int, int, float, int]]) -> int | None:
        return None


class BandPeer(_Peer):
    """The prototype: a plain index by specialty, band of latitude and longitude."""

    name = "prototype on PostgreSQL"

    def _statement(self, _kind: Kind) -> str:
        return (
            "SELECT npi, place, chord, count(*) OVER () FROM ("
            f"SELECT npi, place, {_CHORD} AS chord FROM listing"
            " WHERE specialty = ANY(%(specialties)s::smallint[])"
            " AND lat_band = ANY(%(bands)s::smallint[])"
            " AND longitude BETWEEN %(from_west)s::float8 AND %(to_east)s::float8) AS boxed"
            f" WHERE chord <= %(most)s::float8 ORDER BY chord, npi, place LIMIT {PAGE_SIZE}"
        )
