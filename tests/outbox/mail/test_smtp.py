"""The SMTP conversation, byte by byte."""

import ssl
import time
from pathlib import Path

import pytest

from directory.outbox.mail.server import TLS, MailServer
from directory.outbox.mail.smtp import Envelope, Sender
from directory.outbox.models import Phase
from directory.outbox.outcomes import DeliveryOutcome, OutcomeKind
from tests.mail_server import (
    DOT,
    GREETING,
    RCPT,
    STARTTLS,
    Certificate,
    Fault,
    FaultServer,
    make_certificate,
)

DATA = b"Subject: x\r\n\r\n.one\r\n..two\r\n.\r\nend\r\n"


def handed(
    server: MailServer,
    recipient: str = "carol@clinic.example",
    *,
    tls_context: ssl.SSLContext | None = None,
    **options,
) -> DeliveryOutcome:
    with Sender(tls_context=tls_context) as sender:
        return hand_over(sender, server, recipient, **options)


def hand_over(
    sender: Sender, server: MailServer, recipient: str = "carol@clinic.example", **options
) -> DeliveryOutcome:
    envelope = Envelope("us@site.example", recipient, DATA, "an-id")
    given = {"timeout": 5, **options}
    return sender.send(server, envelope, local_hostname="site.example", **given)


def lower_case(lines: list[str]) -> list[str]:
    """Return the commands for comparison: their case differs between versions of smtplib."""
    return [line.lower() for line in lines]


def test_leading_dots_arrive_unchanged() -> None:
    with FaultServer() as server:
        assert handed(server.address()).kind is OutcomeKind.HANDED_OFF
    [kept] = server.accepted
    assert (kept.data, kept.sender, kept.recipient) == (
        DATA,
        "us@site.example",
        "carol@clinic.example",
    )


@pytest.mark.parametrize("tls", [TLS.REQUIRED, TLS.IMPLICIT])
def test_a_known_certificate_is_accepted(tls: TLS, certificate: Certificate) -> None:
    with FaultServer(certificate=certificate, implicit_tls=tls is TLS.IMPLICIT) as server:
        outcome = handed(server.address(tls), tls_context=certificate.trusted())
    assert outcome.kind is OutcomeKind.HANDED_OFF
    assert len(server.accepted) == 1


@pytest.mark.parametrize("tls", [TLS.REQUIRED, TLS.IMPLICIT])
@pytest.mark.parametrize("flaw", [{"host": "other.example"}, {"days": -1}])
def test_an_expired_or_mismatched_certificate_is_rejected(tls: TLS, flaw, tmp_path: Path) -> None:
    bad = make_certificate(tmp_path, **flaw)
    with FaultServer(certificate=bad, implicit_tls=tls is TLS.IMPLICIT) as server:
        outcome = handed(server.address(tls), tls_context=bad.trusted())
    assert (outcome.kind, outcome.phase) == (OutcomeKind.MISCONFIGURED, Phase.TLS)
    assert "certificate is not accepted" in outcome.detail
    assert server.accepted == []


def test_bytes_received_before_tls_are_not_read_as_replies(certificate: Certificate) -> None:
    injected = {STARTTLS: "220 go ahead\r\n250 sender fine"}
    with FaultServer(at=injected, certificate=certificate) as server:
        outcome = handed(server.address(TLS.REQUIRED), tls_context=certificate.trusted())
    assert (outcome.kind, outcome.phase) == (OutcomeKind.MISCONFIGURED, Phase.TLS)
    assert server.accepted == []
    assert "MAIL" not in server.commands


def test_replies_received_together_are_separated() -> None:
    with FaultServer(at={DOT: "250 taken\r\n421 going down"}) as server, Sender() as sender:
        outcomes = [hand_over(sender, server.address()).kind for _ in range(2)]
    assert outcomes == [OutcomeKind.HANDED_OFF] * 2
    assert len(server.accepted) == 2
    assert server.commands.count("EHLO") == 2


def test_an_unknown_server_name_is_misconfigured() -> None:
    outcome = handed(MailServer("no-such-host.invalid", 25, TLS.NONE))
    assert (outcome.kind, outcome.phase) == (OutcomeKind.MISCONFIGURED, Phase.CONNECT)


def test_a_dripping_server_does_not_exceed_the_total_timeout() -> None:
    with FaultServer(at={GREETING: Fault.DRIP}) as server:
        started = time.monotonic()
        outcome = handed(server.address(), total=0.3)
    assert outcome.kind is OutcomeKind.MISCONFIGURED
    assert time.monotonic() - started < 2


def test_an_address_outside_ascii_is_refused_before_connecting() -> None:
    outcome = handed(MailServer("127.0.0.1", 9, TLS.NONE), "josé@clinic.example")
    assert (outcome.kind, outcome.phase) == (OutcomeKind.PERMANENT, None)


def test_a_password_outside_ascii_is_named_but_not_shown() -> None:
    with FaultServer(credentials=("us", "pässwort")) as server:
        outcome = handed(server.address())
    assert (outcome.kind, outcome.phase) == (OutcomeKind.MISCONFIGURED, Phase.SIGN_IN)
    assert "sswort" not in outcome.detail


def test_the_stored_reply_holds_no_personal_data_and_no_link() -> None:
    answer = "550 5.1.1 <carol@clinic.example>: Carol unknown, see https://site.example/i/SECRET"
    with FaultServer(at={RCPT: answer}) as server:
        outcome = handed(server.address())
    assert outcome.detail == (
        "The server said 550 5.1.1 <***@clinic.example>: *** unknown, see https://site.example/..."
    )


def test_reports_are_requested_if_the_server_supports_them() -> None:
    with FaultServer(knows_reports=True) as server:
        assert handed(server.address()).kind is OutcomeKind.HANDED_OFF
    commands = lower_case(server.lines)
    assert "mail from:<us@site.example> ret=hdrs envid=an-id" in commands
    assert "rcpt to:<carol@clinic.example> notify=failure,delay" in commands


def test_reports_are_not_requested_without_server_support() -> None:
    with FaultServer() as server:
        handed(server.address())
    commands = lower_case(server.lines)
    assert "mail from:<us@site.example>" in commands
    assert "rcpt to:<carol@clinic.example>" in commands


def test_a_connection_is_replaced_after_100_emails() -> None:
    with FaultServer() as server, Sender() as sender:
        for _ in range(101):
            assert hand_over(sender, server.address()).kind is OutcomeKind.HANDED_OFF
    assert len(server.accepted) == 101
    assert server.commands.count("EHLO") == 2
    assert server.commands.count("QUIT") == 2


def test_another_server_gets_its_own_connection() -> None:
    with FaultServer() as one, FaultServer() as other, Sender() as sender:
        for server in (one, other, one):
            assert hand_over(sender, server.address()).kind is OutcomeKind.HANDED_OFF
    assert (len(one.accepted), len(other.accepted)) == (2, 1)
    assert one.commands.count("EHLO") == 2


def test_the_total_timeout_starts_with_the_email_not_the_connection() -> None:
    with FaultServer(at_later={RCPT: Fault.SLOW}) as server, Sender() as sender:
        hand_over(sender, server.address(), total=0.3)
        time.sleep(0.3)
        assert hand_over(sender, server.address(), total=2).kind is OutcomeKind.HANDED_OFF
        late = hand_over(sender, server.address(), total=0.3)
    assert (late.kind, late.phase) == (OutcomeKind.TEMPORARY, Phase.RCPT)
