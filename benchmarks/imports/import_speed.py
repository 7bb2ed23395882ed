"""Import speed of the registry, relative to this machine's floor: ``make bench-import``.

The floor is what the same job costs without us: the fastest reader reads the same columns of
the same zip, and the rows of the result go into bare tables of the same engine, without keys,
checks or indexes, many at once. Both are measured in one run, so the ratio can be compared
between machines and the seconds cannot.
"""

import argparse
import io
import json
import os
import platform
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
import psycopg

from benchmarks.imports.concurrent_load import ConcurrentFigures, concurrent_load
from benchmarks.imports.nppes_file import write_nppes
from directory.sources.publishers.nppes import COLUMNS
from directory.sources.reading.csv_reader import Columns
from tests.postgres import find_postgres, running_postgres

PROJECT = Path(__file__).resolve().parents[2]
RESULTS = PROJECT / "benchmarks/imports/import_speed.json"
TABLES = ("provider", "provider_taxonomy", "license", "practice_location", "listing")
_BLOCK = 32 << 20
_CHUNK = 100_000


@dataclass(frozen=True)
class Measured:
    """One size on one engine."""

    engine: str
    rows: int
    zip_mb: float
    load_seconds: float
    rows_per_second: float
    peak_mb: float
    floor_read_seconds: float
    floor_insert_seconds: float
    ratio_to_floor: float
    again_seconds: float  # the same file once more: a month in which nothing has changed
    database_mb: float
    concurrent: ConcurrentFigures | None


def main() -> None:
    """Measure the requested sizes and engines, print and store the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], nargs="+", default=["sqlite"])
    parser.add_argument("--beside-web", action="store_true", help="search and write meanwhile")
    parser.add_argument("--folder", type=Path, help="where files are made and kept")
    given = parser.parse_args()
    with _folder(given.folder) as folder:
        for rows in given.rows:
            file = _file(folder, rows)
            for engine in given.engine:
                measured = measure(folder, file, rows, engine, beside_web=given.beside_web)
                show(measured)
                keep(measured)


def measure(folder: Path, file: Path, rows: int, engine: str, *, beside_web: bool) -> Measured:
    """Load the file into an empty database, then measure the floor."""
    work = folder / f"{engine}-{rows}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    with _database(engine, work) as url:
        environ = {**os.environ, "DATABASE_URL": url, "INSTANCE_FOLDER": str(work)}
        _flask(environ, "db", "upgrade")
        with concurrent_load(environ) if beside_web else nullcontext() as load:
            seconds = _flask(environ, "sources", "load", "nppes", str(file), "--all")
        again = _flask(environ, "sources", "load", "nppes", str(file), "--all")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        read = floor_read(file)
        insert = floor_insert(engine, url, work)
        size = _size(engine, url, work)
    return Measured(
        engine=engine,
        rows=rows,
        zip_mb=round(file.stat().st_size / 1e6, 1),
        load_seconds=round(seconds, 1),
        rows_per_second=round(rows / seconds),
        peak_mb=round(peak),
        floor_read_seconds=round(read, 1),
        floor_insert_seconds=round(insert, 1),
        ratio_to_floor=round(seconds / (read + insert), 2),
        again_seconds=round(again, 1),
        database_mb=round(size / 1e6),
        concurrent=load.figures() if load else None,
    )


def floor_read(file: Path) -> float:
    """Return the seconds the fastest reader needs for the columns that are used."""
    began = time.perf_counter()
    with zipfile.ZipFile(file) as archive, archive.open(archive.namelist()[0]) as stream:
        header = next(stream).decode()
        names = [name.strip('"') for name in header.rstrip("\r\n").split('","')]
        columns = Columns(file.name, names)
        places = sorted(columns.index(*column.names) for column in COLUMNS)
        rest = b""
        while block := stream.read(_BLOCK):
            block = rest + block
            cut = block.rfind(b"\n") + 1
            rest = block[cut:]
            pl.read_csv(block[:cut], has_header=False, columns=places, infer_schema=False)
    return time.perf_counter() - began


def floor_insert(engine: str, url: str, work: Path) -> float:
    """Return the seconds that the rows of the result take into bare tables."""
    if engine == "sqlite":
        return _floor_insert_sqlite(work)
    return _floor_insert_postgresql(url)


def _floor_insert_sqlite(work: Path) -> float:
    total = 0.0
    bare = work / "bare.db"
    source = sqlite3.connect(next(work.glob("directory.facts-*.db")))
    target = sqlite3.connect(bare, isolation_level=None)
    target.execute("PRAGMA journal_mode = OFF")
    target.execute("PRAGMA synchronous = OFF")
    for table in TABLES:
        names = [row[1] for row in source.execute(f"PRAGMA table_info({table})")]
        target.execute(f"CREATE TABLE {table} ({', '.join(names)})")
        statement = f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})"
        rows = source.execute(f"SELECT * FROM {table}")
        target.execute("BEGIN")
        while chunk := rows.fetchmany(_CHUNK):
            began = time.perf_counter()
            target.executemany(statement, chunk)
            total += time.perf_counter() - began
        began = time.perf_counter()
        target.execute("COMMIT")
        total += time.perf_counter() - began
    source.close()
    target.close()
    bare.unlink()
    return total


def _floor_insert_postgresql(url: str) -> float:
    total = 0.0
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain) as source, psycopg.connect(plain) as target:
        for table in TABLES:
            target.execute(f"CREATE TABLE bare_{table} AS SELECT * FROM facts.{table} LIMIT 0")
            with source.cursor().copy(f"COPY facts.{table} TO STDOUT") as out:
                for piece in _pieces(out):
                    began = time.perf_counter()
                    with target.cursor().copy(f"COPY bare_{table} FROM STDIN") as into:
                        into.write(piece)
                    total += time.perf_counter() - began
        target.rollback()
    return total


def _pieces(out: Any) -> Iterator[bytes]:
    buffer = io.BytesIO()
    for part in out:
        buffer.write(part)
        if buffer.tell() > _BLOCK:
            yield buffer.getvalue()
            buffer = io.BytesIO()
    if buffer.tell():
        yield buffer.getvalue()


def show(measured: Measured) -> None:
    """Print the figures of one run."""
    print(f"{measured.engine}, {measured.rows:,} rows of 330 columns, zip {measured.zip_mb} MB")
    print(f"  loaded and searchable in {measured.load_seconds} s")
    print(f"  {measured.rows_per_second:,} rows/s, peak memory {measured.peak_mb} MB")
    floor = measured.floor_read_seconds + measured.floor_insert_seconds
    print(
        f"  floor {floor:.1f} s (reading {measured.floor_read_seconds}, "
        f"bare insert {measured.floor_insert_seconds}): {measured.ratio_to_floor} times the floor"
    )
    print(f"  once more, unchanged: {measured.again_seconds} s")
    print(f"  database {measured.database_mb:,} MB")
    if measured.concurrent:
        for line in measured.concurrent.lines():
            print(f"  {line}")


def keep(measured: Measured) -> None:
    """Store the figures with those of other sizes and engines."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    key = f"{measured.engine} {measured.rows}" + (" beside the web" if measured.concurrent else "")
    kept[key] = {
        **asdict(measured),
        "measured_on": time.strftime("%Y-%m-%d"),
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
    }
    RESULTS.write_text(json.dumps(dict(sorted(kept.items())), indent=2) + "\n")


def _flask(environ: dict[str, str], *words: str) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    subprocess.run(command, cwd=PROJECT, env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _file(folder: Path, rows: int) -> Path:
    kept = folder / f"rows-{rows}"
    found = list(kept.glob("*.zip"))
    if found:
        return found[0]
    kept.mkdir(parents=True, exist_ok=True)
    print(f"Writing a file of {rows:,} rows ...", file=sys.stderr)
    return write_nppes(kept, rows)


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="directory-bench-") as name:
        yield Path(name)


@contextmanager
def _database(engine: str, work: Path) -> Iterator[str]:
    if engine == "sqlite":
        yield f"sqlite:///{work / 'directory.db'}"
        return
    programs = find_postgres()
    if programs is None:
        raise SystemExit("PostgreSQL is missing; install it with: apt-get install postgresql")
    with running_postgres(programs, is_durable=True) as url:
        yield url


def _size(engine: str, url: str, work: Path) -> float:
    if engine == "sqlite":
        return sum(file.stat().st_size for file in work.glob("directory*.db"))
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return float(row[0])


if __name__ == "__main__":
    main()
