"""The output of the outbox commands."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.outbox.actions import claim_next, settle
from directory.outbox.cli import outbox_cli
from directory.outbox.models import MessageKind, MessageState, OutboxMessage, Phase
from directory.outbox.outcomes import DeliveryOutcome, OutcomeKind
from directory.outbox.queries import messages
from directory.privacy.models import AuditEvent
from tests.mail_server import RCPT, FaultServer
from tests.outbox.sample_messages import committed_message, deliver_next, reloaded


@pytest.fixture
def run(app: Flask) -> Callable[..., tuple[int, str]]:
    def invoke(*arguments: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(outbox_cli, arguments)
        return result.exit_code, result.output

    return invoke


def refused_message(mail_goes_to: Callable[..., None]) -> OutboxMessage:
    posted = committed_message()
    with FaultServer(at={RCPT: "550 5.1.1 unknown"}) as server:
        mail_goes_to(server)
        deliver_next()
    return posted


def test_list_shows_messages_without_naming_anyone(run, mail_goes_to) -> None:
    refused = refused_message(mail_goes_to)
    waiting = committed_message()
    code, text = run("list")
    assert code == 0
    assert refused.public_id in text
    assert waiting.public_id in text
    assert "c***@clinic.example" in text
    assert "carol" not in text
    assert "1 waiting, 0 sending, 0 handed-off, 1 failed, 0 bounced" in text


def test_list_can_be_narrowed_to_a_state(run, mail_goes_to) -> None:
    refused = refused_message(mail_goes_to)
    waiting = committed_message()
    _, text = run("list", "--state", "failed")
    assert refused.public_id in text
    assert "The server said 550 5.1.1 unknown" in text
    assert waiting.public_id not in text


def test_retry_makes_a_failed_message_due_and_is_audited(run, mail_goes_to) -> None:
    refused = refused_message(mail_goes_to)
    code, text = run("retry", refused.public_id)
    assert code == 0
    assert "is due now" in text
    assert reloaded(refused).state is MessageState.WAITING
    [event] = db.session().query(AuditEvent).all()
    assert (event.action, event.subject) == ("outbox.retry", refused.public_id)


@pytest.mark.parametrize("public_id", ["nobody", "-dash-first", "--two"])
@pytest.mark.parametrize("command", ["retry", "explain"])
def test_an_unknown_id_is_reported(run, command: str, public_id: str) -> None:
    code, text = run(command, public_id)
    assert code == 1
    assert f"There is no message {public_id} in the outbox." in text


def explained(run, outcome: DeliveryOutcome) -> str:
    posted = committed_message()
    with writing() as session:
        claim = claim_next(session, now=utc_now(), lease=timedelta(minutes=2))
    assert claim is not None
    _, sending = run("explain", posted.public_id)
    assert "A worker has it now." in sending
    with writing() as session:
        settle(session, claim, outcome, utc_now())
    code, text = run("explain", posted.public_id)
    assert code == 0
    assert "carol" not in text
    return text


def test_explain_says_what_happens_next(run, app: Flask) -> None:
    words = "The server said 450 busy"
    text = explained(run, DeliveryOutcome(OutcomeKind.TEMPORARY, Phase.RCPT, words))
    assert "The last finished attempt ended at phase rcpt: The server said 450 busy" in text
    assert "It is tried again 20" in text
    assert "given up" in text


def test_explain_says_what_to_do_about_a_failure(run, app: Flask) -> None:
    text = explained(
        run, DeliveryOutcome(OutcomeKind.PERMANENT, Phase.RCPT, "The server said 550 no")
    )
    assert "Check the recipient's address." in text
    assert "flask outbox retry" in text


def test_explain_reports_a_hand_off(run, app: Flask) -> None:
    text = explained(run, DeliveryOutcome(OutcomeKind.HANDED_OFF, Phase.DOT, "Taken."))
    assert "The mail server took it" in text
    assert "content has been removed" in text


def test_a_test_message_goes_through_outbox_and_server(run, mail_goes_to, app: Flask) -> None:
    committed_message()
    with FaultServer() as server:
        mail_goes_to(server)
        code, text = run("test", "operator@site.example")
        assert f"Server: {server.address()}" in text
    assert code == 0
    assert "Outcome: handed-off" in text
    assert [kept.recipient for kept in server.accepted] == ["operator@site.example"]
    states = {message.kind: message.state for message in messages(db.session())}
    assert states == {
        MessageKind.TEST: MessageState.HANDED_OFF,
        MessageKind.CLINIC_INQUIRY: MessageState.WAITING,
    }


def test_a_failing_test_message_says_what_to_do(run, app: Flask) -> None:
    code, text = run("test", "operator@site.example")
    assert code == 1
    assert "Outcome: misconfigured. Nothing answers" in text
    assert "What to do: Check the host and port in SMTP_URL" in text


def test_an_invalid_test_address_is_refused(run, app: Flask) -> None:
    code, text = run("test", "nobody")
    assert code == 1
    assert "Write the email address like" in text
    assert messages(db.session()) == []


def test_work_once_sends_what_is_due_and_ends(run, mail_goes_to, app: Flask) -> None:
    posted = [committed_message() for _ in range(2)]
    with FaultServer() as server:
        mail_goes_to(server)
        assert run("work", "--once") == (0, "")
    assert len(server.accepted) == 2
    assert {reloaded(message).state for message in posted} == {MessageState.HANDED_OFF}


def test_work_once_says_when_the_server_cannot_be_used(run, app: Flask) -> None:
    committed_message()
    code, text = run("work", "--once")
    assert code == 1
    assert "Nothing answers" in text


def test_list_says_when_the_server_cannot_be_used(run, app: Flask) -> None:
    committed_message()
    assert "Mail cannot be sent" not in run("list")[1]
    run("work", "--once")
    assert "Mail cannot be sent: Nothing answers at the server's address" in run("list")[1]
