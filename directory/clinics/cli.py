"""``flask clinics``: commands to add and maintain clinics."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from directory.clinics.actions import ClinicDraft, current_members, new_proof, save_clinic
from directory.clinics.csv_file import draft_of, read_clinics
from directory.clinics.differences import Difference, differences
from directory.clinics.email_levels import effective_level, set_level
from directory.clinics.emails import confirm_address, confirm_second_address
from directory.clinics.groups import draft_from_group, find_groups
from directory.clinics.hooks import clinic_changed
from directory.clinics.local_time import set_zone
from directory.clinics.models import Clinic
from directory.clinics.queries import all_clinics, get_clinic
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import DirectoryError
from directory.geo.states import find_state
from directory.outbox.actions import post
from directory.outbox.mail.content import Content
from directory.outbox.models import MessageKind

_MOST_GROUPS = 100

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
@click.option("--second-email", default="", help="A second contact.")
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
    """Add or update the clinics of a CSV file; one invalid row cancels all changes."""
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


# A demo id may begin with a dash, which must not be parsed as an option.
@clinics_cli.command("ask", context_settings={"ignore_unknown_options": True})
@click.argument("public_id")
def ask(public_id: str) -> None:
    """Resend the links that confirm its addresses."""
    try:
        with writing() as session:
            clinic = get_clinic(session, public_id)
            if clinic.email is None:
                raise DirectoryError(f"{clinic.name} has no email; add one with: clinics load")
            _ask_first(session, clinic)
            _ask_second(session, clinic)
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
    click.echo("The link is on its way.")


@clinics_cli.command("groups")
@click.argument("text")
@click.option("--state", default="", help="Only in this state.")
def groups(text: str, state: str) -> None:
    """Show group practices whose name contains TEXT, to create clinics from."""
    try:
        found, total = find_groups(db.session(), text, state=_state(state), limit=_MOST_GROUPS)
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
    for group in found:
        members = _count_text(group.members, "member")
        phone = group.phone or "no phone"
        click.echo(f"{group.group_id}  {group.name}, {group.address}, {phone}: {members}")
    if total > len(found):
        click.echo(f"{total - len(found):,} more: give more of the name, or --state.")
    if not found:
        click.echo("No group practice of such a name is loaded.")


@clinics_cli.command("adopt")
@click.argument("group_id")
@click.option("--zip", "zip_code", required=True, help="ZIP code of the address.")
@click.option("--address", default="", help="The street address, if it has several there.")
@click.option("--email", default="")
@click.option("--second-email", default="", help="A second contact.")
@click.option("--languages", default="en", help="Language codes, such as en,es.")
def adopt(group_id: str, zip_code: str, address: str, **given: str) -> None:
    """Create a clinic from a group practice, and ask it to confirm its address."""
    try:
        draft = draft_from_group(
            db.session(), group_id, zip_code=zip_code, address=address, given=given
        )
        _save([draft])
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{draft.name}, {draft.city}, with {_count_text(len(draft.npis), 'professional')}.")


@clinics_cli.command("differences")
def show_differences() -> None:
    """Show where files differ from what clinics have confirmed; nothing is changed."""
    count = 0
    for difference in differences(db.session()):
        click.echo(_line(difference))
        count += 1
    if count:
        click.echo(f"{_count_text(count, 'difference')}. Visitors see what the clinics confirmed.")
    else:
        click.echo("No differences.")


# A demo id may begin with a dash, which must not be parsed as an option.
@clinics_cli.command("level", context_settings={"ignore_unknown_options": True})
@click.argument("public_id")
@click.argument("level", type=click.IntRange(0, 2))
@click.option("--agreed-by", default=None, help="Who at the clinic agreed.")
@click.option(
    "--agreed-on", default=None, type=click.DateTime(["%Y-%m-%d"]), help="Default: today."
)
@click.option(
    "--tls-enforced/--no-tls-enforced",
    default=None,
    help="Whether mail to this clinic is encrypted all the way, or not sent.",
)
def set_email_level(
    public_id: str,
    level: int,
    *,
    agreed_by: str | None,
    agreed_on: datetime | None,
    tls_enforced: bool | None,
) -> None:
    """Set what an email may hold: 0 a link only, 1 contact data, 2 all answers."""
    try:
        with writing() as session:
            clinic = get_clinic(session, public_id)
            set_level(
                session,
                clinic,
                level,
                agreed_by=agreed_by,
                agreed_on=agreed_on.date() if agreed_on else None,
                tls_enforced=tls_enforced,
                now=utc_now(),
            )
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{clinic.name}: emails hold level {effective_level(clinic)} from now on.")
    if level and clinic.tls_enforced_on is None:
        click.echo("Level 0 until TLS is enforced all the way: then add --tls-enforced.")


@clinics_cli.command("zone", context_settings={"ignore_unknown_options": True})
@click.argument("public_id")
@click.argument("zone")
def set_time_zone(public_id: str, zone: str) -> None:
    """Set a time zone other than the main one of the clinic's state."""
    try:
        with writing() as session:
            clinic = get_clinic(session, public_id)
            set_zone(session, clinic, zone, now=utc_now())
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{clinic.name}: {zone}.")


def _count_text(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _line(difference: Difference) -> str:
    stated = [
        f"{each.value} ({'not in ' if each.is_gone else ''}{each.source.value}, {each.day})"
        for each in difference.stated
    ]
    files = "; ".join(stated) or "nothing"
    who = f"{difference.clinic_name} ({difference.clinic_id}), {difference.npi}"
    return (
        f"{who} {difference.full_name}: {difference.fact}: "
        f"clinic: {difference.confirmed}; files: {files}"
    )


def _state(text: str) -> str | None:
    if not text:
        return None
    state = find_state(text)
    if state is None:
        raise click.ClickException(f"{text!r} is not a state; write it like IL.")
    return state


def _save(drafts: list[ClinicDraft]) -> None:
    asked = 0
    changed: set[str] = set()
    now = utc_now()
    with writing() as session:
        for draft in drafts:
            changed.update(draft.npis, current_members(session, draft))
            clinic, needs_proof = save_clinic(session, draft, now=now)
            if needs_proof:
                _ask_first(session, clinic)
                asked += 1
            _ask_second(session, clinic)
        clinic_changed(session, sorted(changed))
    click.echo(f"{len(drafts)} clinics saved, {asked} asked to confirm their address.")


def _ask_first(session: Session, clinic: Clinic) -> None:
    if clinic.email is not None:
        _ask_to_confirm(session, clinic, clinic.email, confirm_address)


def _ask_second(session: Session, clinic: Clinic) -> None:
    """Ask the second contact, unless it has confirmed already or is the first."""
    second = clinic.second_email
    is_first = (second or "").casefold() == (clinic.email or "").casefold()
    if second and not is_first and clinic.second_contact is None:
        _ask_to_confirm(session, clinic, second, confirm_second_address)


def _ask_to_confirm(
    session: Session, clinic: Clinic, email: str, email_with: Callable[[Clinic, str], Content]
) -> None:
    now = utc_now()
    token = new_proof(session, clinic, email, now=now)
    post(
        session,
        kind=MessageKind.CLINIC_PROOF,
        to=email,
        content=email_with(clinic, token),
        subject_id=clinic.public_id,
        now=now,
    )
