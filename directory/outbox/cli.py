"""``flask outbox``: the delivery worker, and commands to inspect and retry messages."""

import signal
import sys
import threading
from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from directory.core.clock import utc_now
from directory.core.db.database import db, file_of, writing
from directory.core.db.wal_checkpoints import Checkpoints
from directory.core.errors import DirectoryError
from directory.outbox.actions import claim_message, post
from directory.outbox.actions import retry as retry_message
from directory.outbox.bounces import Finding, take_report
from directory.outbox.mail.content import Content
from directory.outbox.mail.dsn import LARGEST, NotAReportError, read_report
from directory.outbox.mail.explain import advice, explanation, shown_recipient, shown_time
from directory.outbox.mail.sender import mail_server_for
from directory.outbox.models import MessageKind, MessageState, OutboxMessage
from directory.outbox.outcomes import OutcomeKind
from directory.outbox.queries import count_by_state, find_server_trouble, get_message, messages
from directory.outbox.worker import LEASE, deliver, drain, run_worker
from directory.privacy.audit import record

outbox_cli = AppGroup("outbox", help="Send email and inspect messages.")

# A public id may begin with a dash, which must not be parsed as an option.
_TAKES_ID = {"ignore_unknown_options": True}

# Exit codes of sysexits.h that a mail server understands: it bounces the mail, or retries later.
_EX_DATAERR, _EX_TEMPFAIL = 65, 75
_FINDINGS = {
    Finding.BOUNCED: "Message {} has bounced.",
    Finding.KNOWN: "Message {} had failed or bounced before; nothing changes.",
    Finding.DELAYED: "Message {} is delayed, and the mail server goes on trying; nothing changes.",
    Finding.NOTHING: "The report about message {} tells of no failure; nothing changes.",
    Finding.UNKNOWN: "The report is about no message that is here; nothing changes.",
}
_COLUMNS = ("id", "kind", "state", "to", "attempts", "next attempt", "phase", "last error")


@outbox_cli.command("work")
@click.option("--once", is_flag=True, help="Send what is due, then exit.")
@click.option(
    "--lease",
    type=click.FloatRange(min=0, min_open=True),
    default=LEASE.total_seconds(),
    show_default=True,
    help="Seconds until another worker may take over a message.",
)
def work(*, once: bool, lease: float) -> None:
    """Send messages until stopped with SIGTERM or Ctrl-C."""
    if once:
        _drain(timedelta(seconds=lease))
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Checkpoints(file_of(db.engine.url)):
        run_worker(stop, lease=timedelta(seconds=lease))


@outbox_cli.command("list")
@click.option("--state", type=click.Choice([state.value for state in MessageState]))
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
def list_messages(*, state: str | None, limit: int) -> None:
    """Show the newest messages, and how many there are in each state."""
    wanted = MessageState(state) if state else None
    rows = [_cells(message) for message in messages(db.session(), state=wanted, limit=limit)]
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
    for row in (_COLUMNS, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
    _show_trouble()
    counts = count_by_state(db.session())
    click.echo(", ".join(f"{count} {state.value}" for state, count in counts.items()))


@outbox_cli.command("retry", context_settings=_TAKES_ID)
@click.argument("public_id", metavar="ID")
def retry(public_id: str) -> None:
    """Have a failed, bounced or waiting message sent now."""
    now = utc_now()
    try:
        with writing() as session:
            retry_message(session, public_id, now)
            record(session, actor="operator", action="outbox.retry", subject=public_id, now=now)
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Message {public_id} is due now; a running worker takes it.")


@outbox_cli.command("explain", context_settings=_TAKES_ID)
@click.argument("public_id", metavar="ID")
def explain(public_id: str) -> None:
    """Say what happened to a message and what happens next."""
    try:
        message = get_message(db.session(), public_id)
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
    for sentence in explanation(message, utc_now()):
        click.echo(sentence)


@outbox_cli.command("bounce")
def bounce() -> None:
    """Read a delivery report from standard input, and mark the message that it is about."""
    stream = sys.stdin.buffer
    data = stream.read(LARGEST)
    while stream.read(LARGEST):
        pass  # read to the end, or the mail server reports a broken pipe
    try:
        report = read_report(data)
        with writing() as session:
            result = take_report(session, report, utc_now())
    except NotAReportError as error:
        click.echo(str(error), err=True)
        sys.exit(_EX_DATAERR)
    except (SQLAlchemyError, DirectoryError) as error:
        click.echo(f"The report could not be noted now ({type(error).__name__}).", err=True)
        sys.exit(_EX_TEMPFAIL)
    click.echo(_FINDINGS[result.finding].format(result.public_id))


@outbox_cli.command("test")
@click.argument("address")
def test(address: str) -> None:
    """Send a test message now and say how it went."""
    server = mail_server_for(current_app)
    click.echo(f"Server: {server}")
    try:
        with writing() as session:
            now = utc_now()
            message = post(
                session, kind=MessageKind.TEST, to=address, content=_test_content(), now=now
            )
            claim = claim_message(session, message, now=now, lease=LEASE)
    except DirectoryError as error:
        raise click.ClickException(str(error)) from error
    assert claim is not None
    outcome = deliver(claim)
    click.echo(f"Message: {claim.message.public_id}")
    click.echo(f"Outcome: {outcome.kind.value}. {outcome.detail}")
    if outcome.kind is not OutcomeKind.HANDED_OFF:
        click.echo(f"What to do: {advice(outcome.phase)}")
        sys.exit(1)


def _drain(lease: timedelta) -> None:
    trouble = drain(lease=lease)
    if trouble is not None:
        raise click.ClickException(f"{trouble.detail} {advice(trouble.phase)}")


def _show_trouble() -> None:
    trouble = find_server_trouble(db.session())
    if trouble is not None:
        click.echo(f"Mail cannot be sent: {trouble.last_error} {advice(trouble.last_phase)}")


def _cells(message: OutboxMessage) -> tuple[str, ...]:
    is_waiting = message.state is MessageState.WAITING
    return (
        message.public_id,
        message.kind.value,
        message.state.value,
        shown_recipient(message),
        str(message.attempt),
        shown_time(message.next_attempt_at) if is_waiting else "-",
        message.last_phase.value if message.last_phase else "-",
        message.last_error or "-",
    )


def _test_content() -> Content:
    return Content(
        subject="Test message",
        text="This message shows that the directory can send email.",
        html="<p>This message shows that the directory can send email.</p>",
        language="en",
    )
