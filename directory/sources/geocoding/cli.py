"""``flask geo``: find exact positions of practices, in place of those of their ZIP codes."""

import time
from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from directory.core.db.file_locks import exclusive_lock
from directory.core.errors import DirectoryError
from directory.geo.geocoder import online_geocoder
from directory.sources.geocoding.batch_geocoder import BatchGeocoder, Options, RateLimiter, Summary

_LINE_SECONDS = 30

geo_cli = AppGroup("geo", help="Find exact positions of practices.")


class BatchGeocoderBusyError(DirectoryError):
    """Another run is active; two would double the rate and repeat requests."""

    def __init__(self) -> None:
        super().__init__("Another run of geo refine has not ended yet; wait, or stop that one.")


@geo_cli.command("refine")
@click.option("--limit", type=click.IntRange(min=1), help="Maximum number of addresses to request.")
@click.option(
    "--per-second",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Maximum requests per second.",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="Results to store at a time.",
)
@click.option(
    "--again-after",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Retry addresses not found this many days ago or earlier.",
)
def refine(*, limit: int | None, per_second: float, batch: int, again_after: int | None) -> None:
    """Geocode practice addresses that so far have only the position of their ZIP code."""
    settings = current_app.config["SETTINGS"]
    geocoder = online_geocoder(settings.geocoder, settings.site_name)
    if geocoder is None:
        raise click.ClickException(
            "There is no geocoder to ask. Set GEOCODER to yours, such as "
            "GEOCODER=nominatim?domain=nominatim.example.org; docs/places.md says how."
        )
    options = Options(
        limit=limit,
        per_batch=batch,
        again_after=None if again_after is None else timedelta(days=again_after),
    )
    report = _ProgressReport()
    geocoder_run = BatchGeocoder(geocoder, options, RateLimiter(per_second), tell=report.tell)
    try:
        with exclusive_lock(settings.instance_folder / "geo-refine.lock", BatchGeocoderBusyError):
            _run(geocoder_run, report, per_second)
    except (DirectoryError, SQLAlchemyError) as error:
        raise click.ClickException(str(error)) from error


def _run(geocoder_run: BatchGeocoder, report: "_ProgressReport", per_second: float) -> None:
    count = geocoder_run.count()
    least = timedelta(seconds=round(count / per_second))
    click.echo(f"{count:,} addresses to ask for, in {least} or more")
    try:
        geocoder_run.run()
    finally:
        report.conclude(geocoder_run.summary)


class _ProgressReport:
    """Reports the progress of a run at intervals."""

    def __init__(self) -> None:
        self._began = self._told = time.monotonic()

    def tell(self, summary: Summary) -> None:
        """Print one line, at most every half minute."""
        if time.monotonic() - self._told >= _LINE_SECONDS:
            self._told = time.monotonic()
            click.echo(
                f"{self._asked(summary)}: {summary.found:,} found, {summary.not_found:,} not, "
                f"{summary.wrong_places:,} namesakes, {summary.errors:,} errors",
                err=True,
            )

    def conclude(self, summary: Summary) -> None:
        """Print the final counts."""
        click.echo(self._asked(summary))
        for count, text in (
            (summary.found, "found"),
            (summary.not_found, "not found"),
            (summary.wrong_places, "namesakes: too far from their ZIP code, so not believed"),
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
