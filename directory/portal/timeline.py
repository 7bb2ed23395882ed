"""What clinic staff read about the state of an inquiry, and its history."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from directory.clinics.local_time import local_text
from directory.inquiries.lifecycle.event_details import DECLINE_REASON, Details
from directory.inquiries.lifecycle.transitions import details_of
from directory.inquiries.models import Inquiry
from directory.inquiries.states import Actor, InquiryState

_UNREAD = _l("Nobody at the clinic has opened it yet.")
_DONE = _l("It is completed.")
_STANDING: Mapping[InquiryState, Any] = {
    InquiryState.SENT: _UNREAD,
    InquiryState.HANDED_OFF: _UNREAD,
    InquiryState.UNDELIVERABLE: _UNREAD,
    InquiryState.OPENED: _l("It waits for an answer of the clinic."),
    InquiryState.NEEDS_INFORMATION: _l("The clinic has asked a question. The patient has it."),
    InquiryState.TIMES_PROPOSED: _l("The clinic has proposed times. The patient has them."),
    InquiryState.WAIT_LIST: _l("The clinic has put it on the wait list."),
    InquiryState.ACCEPTED: _l("The clinic has accepted. A time is not settled here yet."),
    InquiryState.SCHEDULED: _l("The patient has taken a time."),
    InquiryState.COMPLETED: _DONE,
    InquiryState.REPEAT_DUE: _DONE,
    InquiryState.DECLINED: _l("The clinic has declined."),
    InquiryState.WITHDRAWN: _l("The patient has withdrawn it. You need not do anything."),
    InquiryState.EXPIRED: _l("It has ended, because nothing happened for a long time."),
}
_DELETED = _l("What was written in it has been deleted.")

_STEPS: Mapping[tuple[Actor, InquiryState], Any] = {
    (Actor.PATIENT, InquiryState.SENT): _l("The patient sent it."),
    (Actor.WORKER, InquiryState.HANDED_OFF): _l("Your mail server took our email."),
    (Actor.WORKER, InquiryState.UNDELIVERABLE): _l("Your mail server refused our email."),
    (Actor.CLINIC, InquiryState.OPENED): _l("The clinic opened it."),
    (Actor.PATIENT, InquiryState.OPENED): _l("The patient replied."),
    (Actor.CLINIC, InquiryState.NEEDS_INFORMATION): _l("The clinic asked a question."),
    (Actor.CLINIC, InquiryState.TIMES_PROPOSED): _l("The clinic proposed times."),
    (Actor.CLINIC, InquiryState.WAIT_LIST): _l("The clinic put it on the wait list."),
    (Actor.CLINIC, InquiryState.ACCEPTED): _l("The clinic accepted."),
    (Actor.CLINIC, InquiryState.DECLINED): _l("The clinic declined."),
    (Actor.CLINIC, InquiryState.COMPLETED): _l("The clinic saw the patient."),
    (Actor.PATIENT, InquiryState.SCHEDULED): _l("The patient took a time."),
    (Actor.PATIENT, InquiryState.COMPLETED): _l("The patient reports the treatment."),
    (Actor.PATIENT, InquiryState.WITHDRAWN): _l("The patient withdrew it."),
    (Actor.WORKER, InquiryState.EXPIRED): _l("It ended: nothing had happened for a long time."),
    (Actor.WORKER, InquiryState.REPEAT_DUE): _l("The patient was told that a repeat may be due."),
}


def standing(inquiry: Inquiry) -> str:
    """Return where the inquiry stands. Whoever holds the link may read it: it names nobody."""
    words = str(_STANDING[inquiry.state])
    return words if inquiry.deleted_at is None else f"{words} {_DELETED}"


def step_words(actor: Actor, state: InquiryState) -> str | None:
    """Return what a step is called, or None for one that is of no interest to a clinic."""
    words = _STEPS.get((actor, state))
    return None if words is None else str(words)


@dataclass(frozen=True, repr=False)
class Step:
    """One line of the history."""

    at: str
    words: str
    text: str
    times: tuple[str, ...]
    reason: str
    other_clinic: str
    is_news: bool  # the patient wrote it, so the clinic has not read it yet when it comes last


def history_of(inquiry: Inquiry, zone: ZoneInfo) -> list[Step]:
    """Return the steps, oldest first, with times as the clinic reads its clock."""
    return list(_steps(inquiry, zone))


def _steps(inquiry: Inquiry, zone: ZoneInfo) -> Iterator[Step]:
    state = None
    for event in inquiry.events:
        words = step_words(event.actor, event.state)
        # A reminder leaves an event too, but the inquiry stands where it stood.
        is_note = event.actor is Actor.WORKER and event.state is state
        state = event.state
        if words is None or is_note:
            continue
        details = details_of(event) or Details()
        yield Step(
            at=local_text(event.at, zone),
            words=words,
            text=details.text,
            times=tuple(local_text(each, zone) for each in details.times),
            reason=str(DECLINE_REASON[details.reason]) if details.reason else "",
            other_clinic=details.other_clinic,
            is_news=event.actor is Actor.PATIENT and details != Details(),
        )
