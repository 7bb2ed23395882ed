"""The states of an inquiry, and the one table of steps between them and who may take them."""

import enum
from collections.abc import Iterable, Mapping

from directory.core.errors import RefusedError


class Actor(enum.StrEnum):
    """Who takes a step."""

    PATIENT = "patient"
    CLINIC = "clinic"
    WORKER = "worker"
    OPERATOR = "operator"


class InquiryState(enum.StrEnum):
    """Where an inquiry to one clinic stands."""

    SENT = "sent"  # stored, its email waits in the outbox
    HANDED_OFF = "handed-off"  # the mail server took the email; bounces may still come
    UNDELIVERABLE = "undeliverable"  # no address of the clinic takes our email
    OPENED = "opened"  # the clinic has read it
    NEEDS_INFORMATION = "needs-information"  # the clinic has asked the patient something
    TIMES_PROPOSED = "times-proposed"
    WAIT_LIST = "wait-list"
    ACCEPTED = "accepted"  # the clinic takes the patient; when is not settled yet
    SCHEDULED = "scheduled"  # the patient has taken a time
    COMPLETED = "completed"  # treated, or seen
    REPEAT_DUE = "repeat-due"  # ten weeks after a treatment the patient was told so
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # nothing has happened for too long


_S = InquiryState
_BEFORE_OPENING = (_S.SENT, _S.HANDED_OFF, _S.UNDELIVERABLE)
_TALKING = (_S.OPENED, _S.NEEDS_INFORMATION, _S.TIMES_PROPOSED, _S.WAIT_LIST, _S.ACCEPTED)
_CLINIC_ANSWERS = (
    _S.NEEDS_INFORMATION,
    _S.TIMES_PROPOSED,
    _S.WAIT_LIST,
    _S.ACCEPTED,
    _S.DECLINED,
)
_Steps = dict[InquiryState, dict[InquiryState, frozenset[Actor]]]


def _table() -> _Steps:
    table: _Steps = {state: {} for state in InquiryState}

    def allow(
        sources: Iterable[InquiryState], targets: Iterable[InquiryState], *actors: Actor
    ) -> None:
        for source in sources:
            for target in targets:
                known = table[source].get(target, frozenset())
                table[source][target] = known | frozenset(actors)

    allow([_S.SENT, _S.UNDELIVERABLE], [_S.HANDED_OFF], Actor.WORKER)
    # A bounce may come hours after the mail server has taken the email.
    allow([_S.SENT, _S.HANDED_OFF], [_S.UNDELIVERABLE], Actor.WORKER)
    allow(_BEFORE_OPENING, [_S.OPENED], Actor.CLINIC)
    allow(_TALKING, _CLINIC_ANSWERS, Actor.CLINIC)
    # A reply or "none of these times" puts it back before the clinic.
    allow([_S.NEEDS_INFORMATION, _S.TIMES_PROPOSED], [_S.OPENED], Actor.PATIENT)
    allow([_S.TIMES_PROPOSED], [_S.SCHEDULED], Actor.PATIENT)
    # A visit may have to be moved, or called off.
    allow([_S.SCHEDULED], [_S.TIMES_PROPOSED, _S.DECLINED], Actor.CLINIC)
    allow([_S.ACCEPTED, _S.SCHEDULED], [_S.COMPLETED], Actor.CLINIC, Actor.PATIENT)
    allow([_S.COMPLETED], [_S.REPEAT_DUE], Actor.WORKER)
    open_states = (*_BEFORE_OPENING, *_TALKING, _S.SCHEDULED)
    allow(open_states, [_S.WITHDRAWN], Actor.PATIENT)
    allow(open_states, [_S.EXPIRED], Actor.WORKER)
    return table


_STEPS: Mapping[InquiryState, Mapping[InquiryState, frozenset[Actor]]] = _table()

# What counts as an answer of the clinic, for the patient and for the answering record.
ANSWERS = frozenset(_CLINIC_ANSWERS)
UNOPENED = frozenset(_BEFORE_OPENING)
ENDED = frozenset({_S.COMPLETED, _S.REPEAT_DUE, _S.DECLINED, _S.WITHDRAWN, _S.EXPIRED})


class StepNotAllowedError(RefusedError):
    """The inquiry cannot go from its state to the one asked for, or not by this actor."""

    def __init__(self, present: InquiryState, wanted: InquiryState) -> None:
        super().__init__(f"An inquiry that is {present.value} cannot become {wanted.value}.")
        self.present = present
        self.wanted = wanted


def can_become(present: InquiryState, wanted: InquiryState, actor: Actor) -> bool:
    """Tell whether the table allows this actor the step."""
    return actor in _STEPS[present].get(wanted, frozenset())


def check_step(present: InquiryState, wanted: InquiryState, actor: Actor) -> None:
    """Raise `StepNotAllowedError` unless the table allows the step."""
    if not can_become(present, wanted, actor):
        raise StepNotAllowedError(present, wanted)


def steps_of(present: InquiryState, actor: Actor) -> list[InquiryState]:
    """Return where this actor can take an inquiry from here, in the order of the states."""
    return [state for state in InquiryState if can_become(present, state, actor)]
