"""The operator's command about the search index."""

import click
from flask.cli import AppGroup

from directory.core.db.database import db, writing
from directory.search.index.listings import needs_listings, rebuild_listings

search_cli = AppGroup("search", help="What searches read.")


@search_cli.command("rebuild")
def rebuild() -> None:
    """Make everything that searches read anew from the facts."""
    with writing() as session:
        count = rebuild_listings(session)
    click.echo(f"Made {count:,} listings anew.")


def make_listings_if_missing() -> None:
    """Make the listings that an update of the program left to be made."""
    is_needed = needs_listings(db.session())
    db.session().rollback()
    if is_needed:
        click.echo("Making the search index ...")
        with writing() as session:
            rebuild_listings(session)
