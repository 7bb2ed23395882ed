"""``flask privacy``: keys, retention, data stored about an address, the audit trail."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from directory.admin.after_restore import correct_restored, find_outdated_rows, needed_keys
from directory.admin.key_rotation import rotate as rotate_keys
from directory.admin.subject_access import SubjectData, as_json, find_subject_data
from directory.admin.subject_erasure import erase_subject_data
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import DirectoryError
from directory.inquiries.lifecycle.retention import delete_due
from directory.privacy.audit import verify_chain
from directory.privacy.encryption import new_data_key
from directory.privacy.rowkeys import row_keys

privacy_cli = AppGroup("privacy", help="Keys, retention, and the data stored about a patient.")


@contextmanager
def _clear_errors() -> Iterator[None]:
    """End the command with the message of a known error."""
    try:
        yield
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error


@privacy_cli.command("new-key")
@click.argument("name", default="key1")
def new_key(name: str) -> None:
    """Print a new entry for DATA_KEYS."""
    click.echo(new_data_key(name))


@privacy_cli.command("rotate")
@_clear_errors()
def rotate() -> None:
    """Reseal everything with the newest of DATA_KEYS; then the others can be removed."""
    done = rotate_keys(now=utc_now())
    click.echo(f"{done.keys} keys and {done.texts} texts sealed with the newest of DATA_KEYS.")
    if done.unreadable:
        raise click.ClickException(
            f"{done.unreadable} values do not open with any of DATA_KEYS and stay as they are."
        )


@privacy_cli.command("sweep")
@_clear_errors()
def sweep() -> None:
    """Delete expired drafts, answers, codes and sessions."""
    drafts = inquiries = 0
    swept = True
    while swept:
        with writing() as session:
            done = delete_due(session, now=utc_now())
        drafts, inquiries, swept = drafts + done.drafts, inquiries + done.inquiries, bool(done)
    click.echo(f"Deleted: {drafts} drafts, and the answers of {inquiries} inquiries.")


@privacy_cli.command("export")
@click.argument("email")
@_clear_errors()
def export(email: str) -> None:
    """Print the data stored about a patient's address as JSON; - reads the address from stdin."""
    click.echo(as_json(find_subject_data(db.session(), _address(email))))


@privacy_cli.command("delete")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_clear_errors()
def delete(email: str, *, yes: bool) -> None:
    """Delete the data stored about a patient's address, and withdraw open inquiries."""
    found = find_subject_data(db.session(), _address(email))
    if not found:
        click.echo("Nothing is held about this address.")
        return
    click.echo(f"Held about this address: {_counted(found)}.")
    if not yes:
        click.confirm("Delete all of it, and withdraw what is open?", abort=True)
    held = found.ids
    with writing() as session:
        erase_subject_data(session, held, now=utc_now())
    click.echo("Deleted. Clinic, times and states of the inquiries stay, without the address.")


@privacy_cli.command("verify")
@click.option("--anchor", help="A digest recorded in the log, which has to be in the chain.")
@_clear_errors()
def verify(anchor: str | None) -> None:
    """Check the audit trail, and that sealed rows and keys match."""
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
@click.option("--keys-lost", is_flag=True, help="The key store is permanently lost.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_clear_errors()
def restored(*, keys_lost: bool, yes: bool) -> None:
    """Correct a restored backup; run it before the site starts."""
    found = find_outdated_rows(db.session())
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
        correct_restored(session, find_outdated_rows(session), now=utc_now())
    click.echo("Done. See what was held back with: flask --app wsgi outbox list --state failed")


def _address(text: str) -> str:
    """Return the address; one read from stdin is not in the shell history."""
    return (sys.stdin.readline() if text == "-" else text).strip()


def _counted(found: SubjectData) -> str:
    return (
        f"{len(found.inquiries)} inquiries, {len(found.drafts)} drafts, "
        f"{len(found.messages)} emails"
    )
