"""The operator's command for the search index."""

import click
from flask.cli import AppGroup

from directory.core.db.database import db, writing
from directory.search.index.listings import needs_listings, rebuild_listings

search_cli = AppGroup("search", help="The search index.")


@search_cli.command("rebuild")
def rebuild() -> None:
    """Rebuild the search index from the stored facts."""
    with writing() as session:
        count = rebuild_listings(session)
    click.echo(f"Rebuilt {count:,} listings.")


def make_listings_if_missing() -> None:
    """Build the search index if an upgrade of the program has left it empty."""
    is_needed = needs_listings(db.session())
    db.session().rollback()
    if is_needed:
        click.echo("Making the search index ...")
        with writing() as session:
            rebuild_listings(session)
