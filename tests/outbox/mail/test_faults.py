"""The fault table: for each server fault, the message is handed off or visibly is not."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask

from directory.core.clock import utc_now
from directory.outbox.mail.server import TLS
from directory.outbox.models import MessageState, Phase
from directory.outbox.outcomes import OutcomeKind
from directory.outbox.worker import Delivery
from tests.mail_server import (
    AUTH,
    BODY,
    DATA,
    DOT,
    EHLO,
    GREETING,
    MAIL,
    QUIT,
    RCPT,
    STARTTLS,
    Certificate,
    Fault,
    FaultServer,
)
from tests.outbox.sample_messages import committed_message, deliver_next, reloaded

TIMEOUT = 5.0
SHORT_TIMEOUT = 0.5  # for a server that lets it run out
HANDED_OFF, TEMPORARY = OutcomeKind.HANDED_OFF, OutcomeKind.TEMPORARY
UNCERTAIN, PERMANENT = OutcomeKind.UNCERTAIN, OutcomeKind.PERMANENT
MISCONFIGURED = OutcomeKind.MISCONFIGURED

STATES = {
    HANDED_OFF: MessageState.HANDED_OFF,
    TEMPORARY: MessageState.WAITING,
    UNCERTAIN: MessageState.WAITING,
    PERMANENT: MessageState.FAILED,
    MISCONFIGURED: MessageState.WAITING,
}


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    at: dict[str, str | Fault]
    expected: OutcomeKind
    phase: Phase
    kept: bool = False
    server: dict[str, Any] = field(default_factory=dict)
    tls: TLS = TLS.NONE
    certified: bool = False

    @property
    def timeout(self) -> float:
        is_silent = {Fault.HANG, Fault.DRIP}.intersection(self.at.values())
        return SHORT_TIMEOUT if is_silent else TIMEOUT

    def __str__(self) -> str:
        faults = [f"{step}:{getattr(what, 'name', what)}" for step, what in self.at.items()]
        return "-".join([*faults, *self.server, self.tls]).replace(" ", "_")


def refusals() -> list[Case]:
    steps = {MAIL: Phase.MAIL, RCPT: Phase.RCPT, DATA: Phase.DATA, DOT: Phase.DOT}
    return [
        Case({step: f"{code} no"}, kind, phase)
        for step, phase in steps.items()
        for code, kind in ((421, TEMPORARY), (450, TEMPORARY), (550, PERMANENT))
    ]


def breaks() -> list[Case]:
    steps = {MAIL: Phase.MAIL, RCPT: Phase.RCPT, DATA: Phase.DATA}
    faults = (Fault.HANG, Fault.DROP, Fault.GARBAGE, Fault.DRIP)
    return [
        Case({step: fault}, TEMPORARY, phase) for step, phase in steps.items() for fault in faults
    ]


CASES = [
    *refusals(),
    *breaks(),
    Case({}, HANDED_OFF, Phase.DOT, kept=True),
    Case({GREETING: "421 too busy"}, MISCONFIGURED, Phase.CONNECT),
    Case({GREETING: "554 not you"}, MISCONFIGURED, Phase.CONNECT),
    Case({GREETING: Fault.HANG}, MISCONFIGURED, Phase.CONNECT),
    Case({GREETING: Fault.DROP}, MISCONFIGURED, Phase.CONNECT),
    Case({GREETING: Fault.DRIP}, MISCONFIGURED, Phase.CONNECT),
    Case({GREETING: Fault.GARBAGE}, MISCONFIGURED, Phase.CONNECT),
    Case({GREETING: Fault.SLOW}, HANDED_OFF, Phase.DOT, kept=True),
    Case({DOT: Fault.SLOW}, HANDED_OFF, Phase.DOT, kept=True),
    Case({EHLO: Fault.HANG}, MISCONFIGURED, Phase.CONNECT),
    Case({EHLO: Fault.DROP}, MISCONFIGURED, Phase.CONNECT),
    Case({MAIL: "530 5.7.0 sign in first"}, MISCONFIGURED, Phase.SIGN_IN),
    Case({BODY: Fault.HANG}, UNCERTAIN, Phase.DOT),
    Case({DOT: Fault.HANG}, UNCERTAIN, Phase.DOT, kept=True),
    Case({DOT: Fault.DROP}, UNCERTAIN, Phase.DOT, kept=True),
    Case({DOT: Fault.GARBAGE}, UNCERTAIN, Phase.DOT, kept=True),
    Case({DOT: Fault.DRIP}, UNCERTAIN, Phase.DOT, kept=True),
    Case({DOT: Fault.ANSWER_AND_DROP}, HANDED_OFF, Phase.DOT, kept=True),
    Case({QUIT: "500 what"}, HANDED_OFF, Phase.DOT, kept=True),
    Case({QUIT: Fault.DROP}, HANDED_OFF, Phase.DOT, kept=True),
    Case({QUIT: Fault.GARBAGE}, HANDED_OFF, Phase.DOT, kept=True),
    Case({QUIT: Fault.HANG}, HANDED_OFF, Phase.DOT, kept=True),
    Case({}, HANDED_OFF, Phase.DOT, kept=True, server={"knows_reports": True}),
    Case({}, HANDED_OFF, Phase.DOT, kept=True, server={"size": 10**6}),
    Case({}, PERMANENT, Phase.MAIL, server={"size": 100}),
    Case({}, MISCONFIGURED, Phase.TLS, tls=TLS.REQUIRED),
    Case(
        {},
        MISCONFIGURED,
        Phase.TLS,
        server={"offers_starttls": False},
        tls=TLS.REQUIRED,
        certified=True,
    ),
    Case({}, MISCONFIGURED, Phase.TLS, tls=TLS.REQUIRED, certified=True),
    Case({STARTTLS: "454 later"}, MISCONFIGURED, Phase.TLS, tls=TLS.REQUIRED, certified=True),
    Case({STARTTLS: Fault.HANG}, MISCONFIGURED, Phase.TLS, tls=TLS.REQUIRED, certified=True),
    Case(
        {},
        MISCONFIGURED,
        Phase.TLS,
        server={"implicit_tls": True},
        tls=TLS.IMPLICIT,
        certified=True,
    ),
    Case({}, HANDED_OFF, Phase.DOT, kept=True, server={"credentials": ("us", "right")}),
    Case(
        {AUTH: "535 5.7.8 no"},
        MISCONFIGURED,
        Phase.SIGN_IN,
        server={"credentials": ("us", "wrong")},
    ),
    Case({AUTH: "454 later"}, MISCONFIGURED, Phase.SIGN_IN, server={"credentials": ("us", "x")}),
    Case({AUTH: Fault.HANG}, MISCONFIGURED, Phase.SIGN_IN, server={"credentials": ("us", "x")}),
    Case({AUTH: Fault.DROP}, MISCONFIGURED, Phase.SIGN_IN, server={"credentials": ("us", "x")}),
]


# The same on a connection that has carried an email before; there is no greeting then. What goes
# wrong before MAIL is answered tells of a connection that has ended: a new one is tried at once.
LATER_CASES = [
    *(
        replace(case, expected=HANDED_OFF, phase=Phase.DOT, kept=True)
        if case.phase is Phase.MAIL
        else case
        for case in (*refusals(), *breaks())
    ),
    *(case for case in CASES if {BODY, DOT} & set(case.at)),
]


@pytest.mark.parametrize("case", LATER_CASES, ids=str)
def test_a_fault_ends_the_same_way_on_a_connection_in_use(
    case: Case, app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    first, second = committed_message(), committed_message()
    with FaultServer(at_later=case.at) as server, Delivery(timeout=case.timeout) as delivery:
        mail_goes_to(server)
        delivery.step(may_continue=lambda: True)
        outcome = delivery.step(may_continue=lambda: False)

    assert outcome is not None
    assert (outcome.kind, outcome.phase) == (case.expected, case.phase)
    expected = [first.message_id, *[second.message_id] * case.kept]
    assert [kept.message_id for kept in server.accepted] == expected
    assert reloaded(first).state is MessageState.HANDED_OFF
    assert reloaded(second).state is STATES[case.expected]
    assert reloaded(second).attempt == 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_fault_ends_in_the_expected_state(
    case: Case, app: Flask, mail_goes_to: Callable[..., None], certificate: Certificate
) -> None:
    shown = certificate if case.certified else None
    with FaultServer(at=case.at, certificate=shown, **case.server) as server:
        mail_goes_to(server, case.tls)
        posted = committed_message()
        outcome = deliver_next(timeout=case.timeout)

    assert outcome is not None
    assert (outcome.kind, outcome.phase) == (case.expected, case.phase)
    assert [kept.message_id for kept in server.accepted] == [posted.message_id] * case.kept
    message = reloaded(posted)
    assert message.state is STATES[case.expected]
    assert (message.content is None) == (case.expected is HANDED_OFF)
    assert (message.last_phase, message.attempt) == (case.phase, 1)
    if case.phase in {Phase.TLS, Phase.CONNECT}:
        assert MAIL not in server.commands


def test_a_drop_within_the_data_delivers_nothing(
    app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    # The dot may already be on its way when the drop arrives: then it is called uncertain.
    with FaultServer(at={BODY: Fault.DROP}) as server:
        mail_goes_to(server)
        posted = committed_message()
        outcome = deliver_next(timeout=TIMEOUT)
    assert outcome is not None
    assert outcome.kind in {TEMPORARY, UNCERTAIN}
    assert (server.accepted, reloaded(posted).state) == ([], MessageState.WAITING)


def test_a_refused_connection_waits_for_repair(app: Flask) -> None:
    posted = committed_message()  # the tests' own server is port 9, where nothing is
    outcome = deliver_next(timeout=TIMEOUT)
    assert outcome is not None
    assert (outcome.kind, outcome.phase) == (MISCONFIGURED, Phase.CONNECT)
    assert outcome.detail == "Nothing answers at the server's address and port."
    assert reloaded(posted).state is MessageState.WAITING


def test_of_two_messages_only_the_refused_one_fails(
    app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    with FaultServer(unknown="gone@clinic.example") as server:
        mail_goes_to(server)
        refused = committed_message(to="gone@clinic.example")
        taken = committed_message(to="carol@clinic.example")
        while deliver_next(timeout=TIMEOUT):
            pass
    assert reloaded(refused).state is MessageState.FAILED
    assert reloaded(taken).state is MessageState.HANDED_OFF
    assert "gone" not in (reloaded(refused).last_error or "")


def test_an_uncertain_message_is_resent_with_the_same_id(
    app: Flask, mail_goes_to: Callable[..., None]
) -> None:
    posted = committed_message()
    with FaultServer(at={DOT: Fault.DROP}) as broken, FaultServer() as sound:
        mail_goes_to(broken)
        deliver_next(timeout=TIMEOUT)
        mail_goes_to(sound)
        due = reloaded(posted).next_attempt_at
        deliver_next(timeout=TIMEOUT, clock=lambda: due)
    assert broken.accepted == sound.accepted
    assert sound.accepted[0].message_id == posted.message_id
    assert deliver_next(clock=lambda: utc_now().replace(year=2099)) is None
