"""Our search on both databases: loaded and queried as the product does."""

import os
import sqlite3
import time
from pathlib import Path

import polars as pl
import psycopg
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.orm import Session

from benchmarks.search.data import chunks, csv_pieces
from benchmarks.search.engines import Answer, Kind
from benchmarks.search.postgresql import plain_url
from directory import create_app
from directory.config import Settings
from directory.core.clock import utc_now
from directory.core.db.database import db, facts_file, writing
from directory.geo.points import Point
from directory.search.index.cell_reader import cell_cache
from directory.search.index.cell_writer import pack_all
from directory.search.index.data_versions import current_version
from directory.search.index.models import Listing
from directory.search.query.criteria import Criteria, Sort
from directory.search.query.nearest import Found, nearest

_COLUMNS = tuple(column.name for column in Listing.__table__.columns)


class Ours:
    """A database of ours with these listings, packed."""

    def __init__(self, url: str, folder: Path, listings: pl.DataFrame) -> None:
        self.app = make_app(url, folder)
        self.url, self.folder = url, folder
        with self.app.app_context():
            upgrade()
            db.engine.dispose()
        rows = listings.select(*_COLUMNS)
        began = time.perf_counter()
        if self.is_sqlite:
            _insert_sqlite(facts_file(self._file, 0), rows)
        else:
            _insert_postgresql(url, rows)
        self.insert_seconds = time.perf_counter() - began
        with self.app.app_context(), writing() as session:
            pack_all(session, now=utc_now())
        self.pack_seconds = time.perf_counter() - began - self.insert_seconds
        self._finish()

    @property
    def is_sqlite(self) -> bool:
        """Tell which of the two databases it is."""
        return self.url.startswith("sqlite")

    @property
    def megabytes(self) -> dict[str, float]:
        """The size on disk of the blobs that searches read, of those of names, and the rows."""
        tables = ("listing_cell", "listing_name", "listing")
        if self.is_sqlite:
            return dict(zip(tables, _sizes_sqlite(facts_file(self._file, 0), tables), strict=True))
        with psycopg.connect(plain_url(self.url)) as connection:
            sizes = [
                connection.execute("SELECT pg_total_relation_size(%s)", [f"facts.{table}"])
                for table in tables
            ]
            found = [row[0] / 1e6 for size in sizes if (row := size.fetchone())]
        return dict(zip(tables, found, strict=True))

    def close(self) -> None:
        """Let the database go."""
        close_app(self.app)

    def _finish(self) -> None:
        if not self.is_sqlite:
            with psycopg.connect(plain_url(self.url), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")

    @property
    def _file(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))


class OurSearch:
    """Our search, through a session that stays open as the peers' connections do.

    Plain: nearest first, collapsed by professional, with the exact count. Full: what a page does,
    recommended first, with the version of the data asked for, every facet counted, and further when
    too few match. Cold: nothing that an earlier search has read is kept.
    """

    def __init__(self, ours: Ours, *, is_cold: bool, is_full: bool) -> None:
        database = "SQLite" if ours.is_sqlite else "PostgreSQL"
        self.name = f"ours on {database}, {'full' if is_full else 'plain'}"
        self.name += ", cold" if is_cold else ", warm"
        # What is kept belongs to an application: none clears what another is to find.
        self._app = make_app(ours.url, ours.folder)
        with self._app.app_context():
            self._session = Session(db.engine)
        self._is_cold = is_cold
        self.is_full = is_full

    def close(self) -> None:
        """Let the database go."""
        self._session.close()
        close_app(self._app)

    def search(self, kind: Kind, near: Point) -> Answer:
        """Return the first page and the exact number of matches."""
        criteria = Criteria(
            near=near,
            radius_miles=kind.miles,
            specialties=frozenset() if kind.is_default else frozenset(kind.specialties),
            sort=Sort.RECOMMENDED if self.is_full else Sort.DISTANCE,
            may_widen=self.is_full,
        )
        if self._is_cold and not self.is_full:
            found = nearest(self._session, criteria, with_facets=False)
        else:
            found = self._as_a_page(criteria)
        return Answer(tuple((int(match.npi), match.place) for match in found.matches), found.total)

    def _as_a_page(self, criteria: Criteria) -> Found:
        with self._app.app_context():
            if self._is_cold:
                cell_cache().clear()
            version = current_version(self._session)
            return nearest(self._session, criteria, version=version, with_facets=self.is_full)


def make_app(url: str, folder: Path) -> Flask:
    """Build the application for a database of the benchmark."""
    folder.mkdir(parents=True, exist_ok=True)
    environ = {"DATABASE_URL": url, "INSTANCE_FOLDER": str(folder), "PATH": os.environ["PATH"]}
    return create_app(Settings.from_environ(environ))


def close_app(app: Flask) -> None:
    """Close the connections of an application."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _insert_sqlite(file: Path, rows: pl.DataFrame) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("BEGIN")
    marks = ", ".join("?" * len(_COLUMNS))
    statement = f"INSERT INTO listing ({', '.join(_COLUMNS)}) VALUES ({marks})"
    for piece in chunks(rows):
        connection.executemany(statement, piece)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _insert_postgresql(url: str, rows: pl.DataFrame) -> None:
    with psycopg.connect(plain_url(url)) as connection:
        into = f"COPY facts.listing ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT csv)"
        with connection.cursor().copy(into) as copy:
            for piece in csv_pieces(rows):
                copy.write(piece)


def _sizes_sqlite(file: Path, tables: tuple[str, ...]) -> list[float]:
    with sqlite3.connect(file) as connection:
        try:
            sizes = dict(connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
        except sqlite3.OperationalError:  # SQLite built without dbstat
            return [file.stat().st_size / 1e6, 0.0, 0.0]
        finally:
            connection.rollback()
    return [sizes.get(table, 0) / 1e6 for table in tables]
