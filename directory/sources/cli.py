"""``flask sources``: load public files, check them, and show what is loaded."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

import click
import psycopg
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from directory.core.db.database import db
from directory.core.db.fact_generations import create_empty_facts, has_facts
from directory.core.errors import DirectoryError
from directory.sources.folder import FoundFile, files_in
from directory.sources.freshness import Freshness, freshness_of, is_loaded
from directory.sources.loading.importer import Importer, Tally
from directory.sources.loading.pipeline import LoadOptions, digest_of, load_all, options_text
from directory.sources.loading.progress import Meter
from directory.sources.registry import FAMILIES, importers_for, recognized

# Errors that end an import with a message; rows are inserted through the database drivers.
_FAILURES = (DirectoryError, OSError, SQLAlchemyError, sqlite3.Error, psycopg.Error)
_KINDS = ("new", "changed", "unchanged", "older", "deactivated", "gone")
_COUNT_LABELS = {
    "older": "left, since something newer is loaded",
    "gone": "gone: the file no longer states them",
}

sources_cli = AppGroup("sources", help="Load public files and show what is loaded.")


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the common options of `load` and `load-all`."""
    for option in (
        click.option("--all", "keep_all", is_flag=True, help="Everyone, whatever their specialty."),
        click.option("--dry-run", is_flag=True, help="Run the import, then roll it back."),
        click.option(
            "--accept-shrink",
            is_flag=True,
            help="Load a full release that has over 10 % fewer rows than the one before.",
        ),
    ):
        command = option(command)
    return command


@sources_cli.command("load")
@click.argument("name")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_options
@click.option("--state", help="Whose licenses these are: two letters, for licenses only.")
@click.option("--full", is_flag=True, help="The file is a full release: what it lacks is gone.")
@click.option(
    "--released",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The release date, if not part of the file name.",
)
def load_command(
    name: str,
    files: tuple[Path, ...],
    *,
    keep_all: bool,
    dry_run: bool,
    accept_shrink: bool,
    state: str | None,
    full: bool,
    released: datetime | None,
) -> None:
    """Load FILES of the source NAME, one after another."""
    options = LoadOptions(
        keep_all=keep_all,
        is_dry_run=dry_run,
        released_on=released.date() if released else None,
        is_full=full,
        accepts_shrink=accept_shrink,
        part=state.upper() if state else "",
    )
    for path in files:
        _require_file(path)
        try:
            tallies = _loaded(importers_for(name, path, state=state), path, options)
        except _FAILURES as error:
            _fail(_error_text(error))
        _print(tallies)
    if dry_run:
        click.echo("This was a dry run: the loaded data is unchanged.")


@sources_cli.command("load-all")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_options
def load_all_command(folder: Path, *, keep_all: bool, dry_run: bool, accept_shrink: bool) -> None:
    """Load the published files in FOLDER in the right order, except those already loaded."""
    options = LoadOptions(keep_all=keep_all, is_dry_run=dry_run, accepts_shrink=accept_shrink)
    found, unknown = files_in(folder)
    failed = [each for each in found if not _load_found(each, options)]
    for path in unknown:
        click.echo(f"{path.name}: not a file known here; left alone")
    if failed:
        names = ", ".join(each.path.name for each in failed)
        click.echo(f"Not loaded: {names}. What was loaded before stands.", err=True)
        raise SystemExit(1)


@sources_cli.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--state", help="Whose licenses these are, for a license file.")
def check_command(file: Path, *, state: str | None) -> None:
    """Identify FILE and report errors in it; nothing is loaded."""
    _require_file(file)
    kind = ("licenses", importers_for("licenses", file, state=state)) if state else recognized(file)
    if kind is None:
        known = "; ".join(each.title for family in FAMILIES.values() for each in family[:1])
        _fail(f"{file.name}: neither by name nor by columns a file known here: {known}.")
    name, importers = kind
    for importer in importers:
        click.echo(f"{file.name}: {importer.title} (flask sources load {name})")
    options = LoadOptions(
        is_dry_run=True, part=state.upper() if state else importers[0].find_part("")
    )
    try:
        _print(_loaded(importers, file, options))
    except _FAILURES as error:
        _fail(_error_text(error))
    click.echo("Nothing is wrong with it. Nothing was written.")


@sources_cli.command("start-over")
def start_over_command() -> None:
    """Create empty tables of facts in place of a lost facts file."""
    if has_facts():
        raise click.ClickException("The facts are there; load files to bring them up to date.")
    create_empty_facts()
    click.echo("Empty tables are made. Load the public files again: flask sources load-all FOLDER")


@sources_cli.command("status")
def status_command() -> None:
    """Show what is loaded of each source, how old it is, and what is overdue."""
    session, today = db.session(), datetime.now(UTC).date()
    for name, family in FAMILIES.items():
        for importer in family if name != "licenses" else family[:1]:
            _print_freshness(name, freshness_of(session, importer, today=today))


def _loaded(
    importers: Sequence[Importer], path: Path, options: LoadOptions, *, digest: str = ""
) -> list[Tally]:
    meter = Meter()
    return load_all(importers, path, options, progress=meter.bar, count=meter.count, digest=digest)


def _load_found(found: FoundFile, options: LoadOptions) -> bool:
    """Load one file of a folder unless it is loaded already; return False on an error."""
    source, digest = found.importers[0].source, digest_of(found.path)
    if is_loaded(db.session(), source, digest, options_text(options, source)):
        click.echo(f"{found.path.name}: loaded already")
        return True
    db.session.remove()
    options = replace(options, part=found.part)
    try:
        _print(_loaded(found.importers, found.path, options, digest=digest))
    except _FAILURES as error:
        click.echo(_error_text(error), err=True)
        return False
    return True


def _error_text(error: BaseException) -> str:
    """Return the message of the database driver, without the SQL statement."""
    return str(getattr(error, "orig", None) or error)


def _require_file(path: Path) -> None:
    if not path.is_file():
        _fail(f"{path} is not a file: give the path of a downloaded file.")


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    click.echo("The loaded data is unchanged.", err=True)
    raise SystemExit(1)


def _print(tallies: Sequence[Tally]) -> None:
    for tally in tallies:
        _print_one(tally)


def _print_one(tally: Tally) -> None:
    rate = tally.counts["read"] / max(tally.seconds, 0.001)
    click.echo(f"{tally.file}, released {tally.released_on}")
    click.echo(f"{tally.counts['read']:>12,} rows read ({rate:,.0f} rows/s)")
    for kind in _KINDS:
        click.echo(f"{tally.counts[kind]:>12,} {_COUNT_LABELS.get(kind, kind)}")
    click.echo(f"{tally.set_aside.total():>12,} set aside")
    for reason, count in tally.set_aside.most_common():
        line = tally.first_lines.get(reason)
        click.echo(f"{count:>16,} {reason}" + (f" (first in line {line})" if line else ""))
    for note, count in tally.notes.most_common():
        click.echo(f"{count:>12,} of those kept: {note}")


def _print_freshness(name: str, standing: Freshness) -> None:
    label = name if standing.importer.name == name else f"{name} ({standing.importer.name})"
    if not standing.loaded:
        click.echo(f"{label}: nothing loaded yet")
    for each in standing.loaded:
        part = f" {each.part}" if each.part else ""
        kind = "full" if each.is_full else "partial"
        click.echo(
            f"{label}{part}: {each.file_name}, released {each.released_on} ({kind}), "
            f"loaded {each.loaded_at:%Y-%m-%d %H:%M} UTC, {each.rows:,} rows, "
            f"{_age(each.released_on)} old"
        )
    if standing.is_overdue:
        click.echo(
            f"{label}: OVERDUE: a new release comes every {standing.importer.days_between} days "
            f"or sooner, and this one is {standing.age_days} days old"
        )


def _age(released_on: date) -> str:
    days = (datetime.now(UTC).date() - released_on).days
    return "1 day" if days == 1 else f"{days:,} days"
