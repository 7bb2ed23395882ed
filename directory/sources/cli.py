"""``flask sources``: load public files, and say what is loaded."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from directory.core.database import db
from directory.core.errors import DirectoryError
from directory.providers.models import ImportRun
from directory.providers.queries import find_last_run
from directory.sources.importing import Importer
from directory.sources.importing import Tally
from directory.sources.loading import LoadOptions, load
from directory.sources.nppes import NPPES

IMPORTERS: dict[str, Importer] = {importer.name: importer for importer in (NPPES,)}

_KINDS = ("new", "changed", "unchanged", "older", "deactivated")
_SHOWN = {"older": "left, since something newer is loaded"}

sources_cli = AppGroup("sources", help="Load public files and say what is loaded.")


@sources_cli.command("load")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--all", "keep_all", is_flag=True, help="Everyone, whatever their specialty.")
@click.option("--dry-run", is_flag=True, help="Do everything, then take it back.")
@click.option(
    "--released",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day the file speaks for, if its name does not tell.",
)
def load_command(
    name: str,
    file: Path,
    *,
    keep_all: bool,
    dry_run: bool,
    released: datetime | None,
) -> None:
    """Load FILE, a file of the source NAME (such as nppes)."""
    options = LoadOptions(keep_all, dry_run, released.date() if released else None)
    importer = _importer(name)
    if not file.is_file():
        _fail(f"{file} is not a file: give the path of the downloaded .csv or .zip.")
    try:
        tally = load(importer, file, options, progress=_bar)
    except (DirectoryError, OSError, SQLAlchemyError) as error:
        _fail(str(error))
    _print(tally)
    if dry_run:
        click.echo("This was a dry run: the loaded data is unchanged.")


@sources_cli.command("status")
def status_command() -> None:
    """Say what is loaded of each source."""
    for importer in IMPORTERS.values():
        click.echo(f"{importer.name}: {_status(find_last_run(db.session(), importer.source))}")


def _importer(name: str) -> Importer:
    if name not in IMPORTERS:
        _fail(f"{name!r} is not a source known here. Known: {', '.join(sorted(IMPORTERS))}.")
    return IMPORTERS[name]


def _fail(message: str) -> None:
    click.echo(message, err=True)
    click.echo("The loaded data is unchanged.", err=True)
    raise SystemExit(1)


@contextmanager
def _bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar where somebody can see it."""
    if not sys.stderr.isatty():
        yield lambda _advance: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield bar.update


def _print(tally: Tally) -> None:
    rate = tally.counts["read"] / max(tally.seconds, 0.001)
    click.echo(f"{tally.file}, released {tally.released_on}")
    click.echo(f"{tally.counts['read']:>12,} rows read ({rate:,.0f} rows/s)")
    for kind in _KINDS:
        click.echo(f"{tally.counts[kind]:>12,} {_SHOWN.get(kind, kind)}")
    click.echo(f"{tally.set_aside.total():>12,} set aside")
    for reason, count in tally.set_aside.most_common():
        line = tally.first_lines.get(reason)
        click.echo(f"{count:>16,} {reason}" + (f" (first in line {line})" if line else ""))
    for note, count in tally.notes.most_common():
        click.echo(f"{count:>12,} of those kept: {note}")


def _status(run: ImportRun | None) -> str:
    if run is None or run.finished_at is None:
        return "nothing loaded yet"
    loaded = f"{run.finished_at:%Y-%m-%d %H:%M} UTC"
    rows = run.counts.get("read", 0)
    return f"{run.file_name}, released {run.released_on}, loaded {loaded}, {rows:,} rows"
