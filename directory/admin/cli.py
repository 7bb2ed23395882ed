"""``flask providers``: the operator's commands about providers."""

import click
from flask.cli import AppGroup

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import DirectoryError
from directory.providers.name_matches import possible_exclusions
from directory.providers.npi import parse_npi
from directory.providers.queries import find_provider, open_reports
from directory.providers.wrong_facts import close_report, hide_provider, show_provider
from directory.search.index.listings import change_listings

providers_cli = AppGroup("providers", help="Hide providers, and review reported facts.")


@providers_cli.command("hide")
@click.argument("npi")
@click.option("--note", help="Who asked, and when. Never shown on the site.")
def hide(npi: str, note: str | None) -> None:
    """Hide a provider from the site, also after later imports."""
    npi = _npi(npi)
    with writing() as session:
        changed = hide_provider(session, npi, note=note, now=utc_now())
        change_listings(session, [npi])
    click.echo(f"{npi} is hidden." if changed else f"{npi} was hidden already.")


@providers_cli.command("show")
@click.argument("npi")
def show(npi: str) -> None:
    """List a hidden provider again."""
    npi = _npi(npi)
    with writing() as session:
        changed = show_provider(session, npi)
        change_listings(session, [npi])
    click.echo(f"{npi} is listed again." if changed else f"{npi} was not hidden.")


@providers_cli.command("reports")
@click.option("--close", "report_id", type=int, help="Mark this report as resolved.")
def reports(report_id: int | None) -> None:
    """Show facts that visitors reported as wrong."""
    if report_id is not None:
        with writing() as session:
            closed = close_report(session, report_id)
        if not closed:
            raise click.ClickException(f"There is no report {report_id}.")
        click.echo(f"Report {report_id} is closed.")
        return
    found = open_reports(db.session())
    for report in found:
        provider = find_provider(db.session(), report.npi)
        name = provider.full_name if provider else "no longer loaded"
        click.echo(f"{report.id}  {report.created_at:%Y-%m-%d}  {report.npi} ({name})")
        click.echo(f"    {report.fact.value}: {' '.join(report.message.split())}")
    if not found:
        click.echo("No open reports.")


@providers_cli.command("possible-exclusions")
def possible() -> None:
    """Show providers with the name and state of an exclusion without NPI, for manual review."""
    found = possible_exclusions(db.session())
    for each in found:
        provider = find_provider(db.session(), each.npi)
        name = provider.full_name if provider else ""
        click.echo(
            f"{each.npi}  {name}: perhaps {each.listed_as} in {each.state}, "
            f"excluded {each.excluded_on} ({each.exclusion_type}), list of {each.as_of}"
        )
    click.echo("Nobody is hidden for their name: check each at the source." if found else "Nobody.")


def _npi(text: str) -> str:
    try:
        return parse_npi(text)
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
