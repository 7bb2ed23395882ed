"""``flask geo``: find out where practices are, better than by their ZIP code."""

import time
from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from directory.core.db.file_locks import exclusive_lock
from directory.core.errors import DirectoryError
from directory.geo.geocoder import online_geocoder
from directory.sources.geocoding.batch_geocoder import Pace, Refining, Summary, Wishes

_LINE_SECONDS = 30

geo_cli = AppGroup("geo", help="Find out where practices are.")


class RefiningBusyError(DirectoryError):
    """Two runs would ask twice as fast, and for the same addresses."""

    def __init__(self) -> None:
        super().__init__("Another run of geo refine has not ended yet; wait, or stop that one.")


@geo_cli.command("refine")
@click.option("--limit", type=click.IntRange(min=1), help="Ask for so many addresses, no more.")
@click.option(
    "--per-second",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Requests a second at most.",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="Store so many answers at a time.",
)
@click.option(
    "--again-after",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Ask again for what was not found so many days ago or earlier.",
)
def refine(*, limit: int | None, per_second: float, batch: int, again_after: int | None) -> None:
    """Ask the geocoder of GEOCODER for practice addresses that only their ZIP code places."""
    settings = current_app.config["SETTINGS"]
    geocoder = online_geocoder(settings.geocoder, settings.site_name)
    if geocoder is None:
        raise click.ClickException(
            "There is no geocoder to ask. Set GEOCODER to yours, such as "
            "GEOCODER=nominatim?domain=nominatim.example.org; docs/places.md says how."
        )
    wishes = Wishes(
        limit=limit,
        per_batch=batch,
        again_after=None if again_after is None else timedelta(days=again_after),
    )
    report = _Report()
    refining = Refining(geocoder, wishes, Pace(per_second), tell=report.tell)
    try:
        with exclusive_lock(settings.instance_folder / "geo-refine.lock", RefiningBusyError):
            _run(refining, report, per_second)
    except (DirectoryError, SQLAlchemyError) as error:
        raise click.ClickException(str(error)) from error


def _run(refining: Refining, report: "_Report", per_second: float) -> None:
    count = refining.count()
    least = timedelta(seconds=round(count / per_second))
    click.echo(f"{count:,} addresses to ask for, in {least} or more")
    try:
        refining.run()
    finally:
        report.conclude(refining.summary)


class _Report:
    """Tells how far a run is, now and then."""

    def __init__(self) -> None:
        self._began = self._told = time.monotonic()

    def tell(self, summary: Summary) -> None:
        """Show one line, unless the last is still fresh."""
        if time.monotonic() - self._told >= _LINE_SECONDS:
            self._told = time.monotonic()
            click.echo(
                f"{self._asked(summary)}: {summary.found:,} found, {summary.not_found:,} not, "
                f"{summary.namesakes:,} namesakes, {summary.errors:,} errors",
                err=True,
            )

    def conclude(self, summary: Summary) -> None:
        """Show what became of all of them."""
        click.echo(self._asked(summary))
        for count, text in (
            (summary.found, "found"),
            (summary.not_found, "not found"),
            (summary.namesakes, "namesakes: too far from their ZIP code, so not believed"),
            (summary.errors, "errors: to be asked for again"),
        ):
            click.echo(f"{count:>12,} {text}")
        if summary.known:
            click.echo(f"{summary.known:,} professionals have a place that was found before")
        if summary.waiting:
            click.echo(f"{summary.waiting:,} of those found wait for an import to end")

    def _asked(self, summary: Summary) -> str:
        seconds = max(time.monotonic() - self._began, 0.001)
        return f"{summary.asked:,} addresses asked for ({summary.asked / seconds:,.1f} a second)"
