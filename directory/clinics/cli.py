"""``flask clinics``: bringing clinics in."""

from pathlib import Path

import click
from flask.cli import AppGroup

from directory.clinics.actions import ClinicDraft, members_before, new_proof, save_clinic
from directory.clinics.csvfile import draft_of, read_clinics
from directory.clinics.emails import confirm_address
from directory.clinics.hooks import clinic_changed
from directory.clinics.queries import all_clinics, get_clinic
from directory.core.clock import utc_now
from directory.core.database import db, writing
from directory.core.errors import DirectoryError
from directory.outbox.actions import post
from directory.outbox.models import MessageKind

clinics_cli = AppGroup("clinics", help="Clinics that receive inquiries.")


@clinics_cli.command("add")
@click.option("--name", required=True)
@click.option("--address", required=True, help="Street and number.")
@click.option("--address2", default="", help="Suite or floor.")
@click.option("--city", required=True)
@click.option("--state", required=True)
@click.option("--zip", required=True)
@click.option("--phone", default="")
@click.option("--email", default="")
@click.option("--second-email", default="", help="Kept on file beside the first.")
@click.option("--npis", required=True, help="The professionals who work there.")
@click.option("--languages", default="en", help="Language codes, such as en,es.")
@click.option("--new-patients", default="", help="yes, no, existing-only or family-only.")
def add(**values: str) -> None:
    """Add one clinic and ask it to confirm its address."""
    try:
        _save([draft_of("clinics add", values)])
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error


@clinics_cli.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Add or update the clinics of a CSV file. One wrong row, and nothing is changed."""
    try:
        _save(read_clinics(file))
    except DirectoryError as error:
        raise click.ClickException(f"{error}\nNothing has been changed.") from error


@clinics_cli.command("list")
def list_clinics() -> None:
    """Show every clinic and whether it takes inquiries."""
    for clinic in all_clinics(db.session()):
        state = "takes inquiries" if clinic.takes_inquiries else "no confirmed email"
        click.echo(f"{clinic.public_id}  {clinic.state}  {clinic.name}, {clinic.city}: {state}")


# An id of the demo may begin with a dash, which must not be taken for an option.
@clinics_cli.command("ask", context_settings={"ignore_unknown_options": True})
@click.argument("public_id")
def ask(public_id: str) -> None:
    """Send the link that confirms the address once more."""
    try:
        with writing() as session:
            clinic = get_clinic(session, public_id)
            if clinic.email is None:
                raise DirectoryError(f"{clinic.name} has no email; add one with: clinics load")
            token = new_proof(session, clinic, now=utc_now())
            _post_proof(clinic.email, public_id, token)
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
    click.echo("The link is on its way.")


def _save(drafts: list[ClinicDraft]) -> None:
    asked = 0
    changed: set[str] = set()
    now = utc_now()
    with writing() as session:
        for draft in drafts:
            changed.update(draft.npis, members_before(session, draft))
            clinic, needs_proof = save_clinic(session, draft, now=now)
            if needs_proof and clinic.email:
                token = new_proof(session, clinic, now=now)
                _post_proof(clinic.email, clinic.public_id, token)
                asked += 1
        clinic_changed(session, sorted(changed))
    click.echo(f"{len(drafts)} clinics saved, {asked} asked to confirm their address.")


def _post_proof(email: str, public_id: str, token: str) -> None:
    session = db.session()
    content = confirm_address(get_clinic(session, public_id), token)
    post(
        session,
        kind=MessageKind.CLINIC_PROOF,
        to=email,
        content=content,
        subject_id=public_id,
        now=utc_now(),
    )
