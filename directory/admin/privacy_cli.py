"""``flask privacy``: keys, retention, what is held about an address, the audit trail."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from directory.admin.after_restore import find_brought_back, needed_keys, put_right
from directory.admin.key_rotation import rotate as rotate_keys
from directory.admin.subject_access import Holdings, as_json, find_holdings
from directory.admin.subject_erasure import delete_held
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import DirectoryError
from directory.inquiries.lifecycle.retention import delete_due
from directory.privacy.audit import verify_chain
from directory.privacy.encryption import new_data_key
from directory.privacy.rowkeys import row_keys

privacy_cli = AppGroup("privacy", help="Keys, retention, and what is held about a patient.")


@contextmanager
def _said_plainly() -> Iterator[None]:
    """End the command with the sentence of an error that we can name."""
    try:
        yield
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error


@privacy_cli.command("new-key")
@click.argument("name", default="key1")
def new_key(name: str) -> None:
    """Print a fresh entry for DATA_KEYS."""
    click.echo(new_data_key(name))


@privacy_cli.command("rotate")
@_said_plainly()
def rotate() -> None:
    """Seal everything with the newest of DATA_KEYS; then the others can be removed."""
    done = rotate_keys(now=utc_now())
    click.echo(f"{done.keys} keys and {done.texts} texts sealed with the newest of DATA_KEYS.")
    if done.unreadable:
        raise click.ClickException(
            f"{done.unreadable} values do not open with any of DATA_KEYS and stay as they are."
        )


@privacy_cli.command("sweep")
@_said_plainly()
def sweep() -> None:
    """Delete what has had its time: drafts, answers, codes and visits."""
    drafts = inquiries = 0
    swept = True
    while swept:
        with writing() as session:
            done = delete_due(session, now=utc_now())
        drafts, inquiries, swept = drafts + done.drafts, inquiries + done.inquiries, bool(done)
    click.echo(f"Deleted: {drafts} drafts, and the answers of {inquiries} inquiries.")


@privacy_cli.command("export")
@click.argument("email")
@_said_plainly()
def export(email: str) -> None:
    """Print as JSON what is held about the patient of an address; - reads it from the input."""
    click.echo(as_json(find_holdings(db.session(), _address(email))))


@privacy_cli.command("delete")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_said_plainly()
def delete(email: str, *, yes: bool) -> None:
    """Delete what is held about the patient of an address, and withdraw what is open."""
    found = find_holdings(db.session(), _address(email))
    if not found:
        click.echo("Nothing is held about this address.")
        return
    click.echo(f"Held about this address: {_counts(found)}.")
    if not yes:
        click.confirm("Delete all of it, and withdraw what is open?", abort=True)
    held = found.ids
    with writing() as session:
        delete_held(session, held, now=utc_now())
    click.echo("Deleted. Clinic, times and states of the inquiries stay, without the address.")


@privacy_cli.command("verify")
@click.option("--anchor", help="A digest that was noted in the log: it has to be in the chain.")
@_said_plainly()
def verify(anchor: str | None) -> None:
    """Check the audit trail, and that sealed rows and keys belong together."""
    verdict = verify_chain(db.session(), anchor=anchor)
    needed, names = needed_keys(db.session()), row_keys().names()
    click.echo(f"{verdict.events} audit events; the newest digest is {verdict.newest}")
    click.echo(f"{len(needed - names)} sealed rows whose key is gone.")
    click.echo(f"{len(names - needed)} keys without a row; they are deleted by their age.")
    if verdict.broken_at is not None:
        click.echo(f"The trail was changed: event {verdict.broken_at} does not fit.", err=True)
    elif not verdict.has_anchor:
        click.echo("The trail was cut off or made anew: the anchor is not in it.", err=True)
    if verdict.broken_at is not None or not verdict.has_anchor:
        sys.exit(1)


@privacy_cli.command("restored")
@click.option("--keys-lost", is_flag=True, help="The store of keys is lost for good.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_said_plainly()
def restored(*, keys_lost: bool, yes: bool) -> None:
    """Put right what a restored backup brought back; run it before the site starts."""
    found = find_brought_back(db.session())
    if found.without_key and not found.with_key and not keys_lost:
        raise click.ClickException(
            f"None of {len(found.without_key)} inquiries has its key. Is KEYS_URL right? "
            "If the keys are lost for good, add --keys-lost."
        )
    click.echo(f"{len(found.messages)} emails were still to be sent; they will be held back.")
    click.echo(f"{len(found.without_key)} inquiries have no key; their answers are gone.")
    if not yes:
        click.confirm("Go on?", abort=True)
    with writing() as session:
        put_right(session, find_brought_back(session), now=utc_now())
    click.echo("Done. See what was held back with: flask --app wsgi outbox list --state failed")


def _address(text: str) -> str:
    """Return the address; read from the input, it stands in no history of a shell."""
    return (sys.stdin.readline() if text == "-" else text).strip()


def _counts(found: Holdings) -> str:
    return (
        f"{len(found.inquiries)} inquiries, {len(found.drafts)} drafts, "
        f"{len(found.messages)} emails"
    )
