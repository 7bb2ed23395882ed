"""``flask demo``: invented people to try the site with, and their mailbox."""

import signal
import threading
from types import FrameType

import click
from flask import current_app
from flask.cli import AppGroup

from directory.config import PROJECT_FOLDER
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import DirectoryError
from directory.demo.load import has_providers, load_demo, remove_demo
from directory.demo.mailbox import HOST, run_mailbox
from directory.demo.views import mailbox_folder

demo_cli = AppGroup("demo", help="Invented people, and a mailbox to try the site with.")


@demo_cli.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing when there are professionals already.")
def load(*, if_empty: bool) -> None:
    """Load the invented people and clinics into an empty database."""
    if if_empty and has_providers(db.session()):
        return
    try:
        with writing() as session:
            count = load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{count:,} invented professionals loaded.")


@demo_cli.command("remove")
def remove() -> None:
    """Remove the invented people and clinics, and what was sent to them."""
    with writing() as session:
        remove_demo(session)
    click.echo("The demo has been removed.")


@demo_cli.command("mailbox")
def mailbox() -> None:
    """Take in the site's mail on this machine until stopped, and keep it to be read."""
    settings = current_app.config["SETTINGS"]
    if settings.is_production:
        raise click.ClickException("The demo mailbox does not run in production.")
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    click.echo(f"The demo mailbox listens on {HOST}:{settings.mailbox_port}.")
    try:
        run_mailbox(mailbox_folder(), settings.mailbox_port, stop)
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
