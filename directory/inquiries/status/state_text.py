"""Where an inquiry stands, in plain words for the one who sent it: one table for all states.

Whoever holds the link reads `label` and `before`: neither says what it is about, or which clinic.
After the code, `after` says what comes next.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from directory.clinics.local_time import clinic_zone
from directory.inquiries.models import Inquiry
from directory.inquiries.states import Actor, InquiryState


@dataclass(frozen=True)
class Words:
    """What a state is called, and what comes next."""

    label: Any
    before: Any
    after: Any


_READ_IT = _l("Show everything to read what the clinic wrote.")
_WAIT = _l("The clinic answers here. You get an email when it does.")
_UNOPENED = _l(
    "The clinic has not opened it yet. If it has not within %(days)s working days, we tell you."
)
_UNREAD = _l("Our email did not reach the clinic, so nobody there has read your answers.")
_OVER = _l("Nothing more will happen with this inquiry.")
_UNOPENED_STATES = frozenset({InquiryState.SENT, InquiryState.HANDED_OFF})

WORDS: Mapping[InquiryState, Words] = {
    InquiryState.SENT: Words(
        label=_l("On its way to the clinic"),
        before=_l("The email to the clinic leaves within minutes."),
        after=_l("The email to the clinic leaves within minutes."),
    ),
    InquiryState.HANDED_OFF: Words(
        label=_l("Sent to the clinic"), before=_UNOPENED, after=_UNOPENED
    ),
    InquiryState.UNDELIVERABLE: Words(
        label=_l("Could not be sent to the clinic"),
        before=_l("Show everything to see what you can do instead."),
        after=_UNREAD,
    ),
    InquiryState.OPENED: Words(label=_l("With the clinic"), before=_WAIT, after=_WAIT),
    InquiryState.NEEDS_INFORMATION: Words(
        label=_l("The clinic has a question for you"),
        before=_l("Show everything to read it and to answer."),
        after=_l("Once you have answered, the clinic goes on with your inquiry."),
    ),
    InquiryState.TIMES_PROPOSED: Words(
        label=_l("The clinic proposes times"),
        before=_l("Show everything to choose one."),
        after=_l("Choose one, or say that none of them suits you."),
    ),
    InquiryState.WAIT_LIST: Words(
        label=_l("On the wait list of the clinic"),
        before=_l("The clinic writes when there is a place. You get an email then."),
        after=_l("The clinic writes when there is a place. You get an email then."),
    ),
    InquiryState.ACCEPTED: Words(
        label=_l("The clinic can see you"),
        before=_READ_IT,
        after=_l("A time is not settled yet. The clinic proposes one here, or calls you."),
    ),
    InquiryState.SCHEDULED: Words(
        label=_l("A time is settled"),
        before=_l("Show everything to see when and where."),
        after=_l("To move it, call the clinic."),
    ),
    InquiryState.COMPLETED: Words(
        label=_l("Completed"), before=_OVER, after=_l("You have been at the clinic.")
    ),
    InquiryState.REPEAT_DUE: Words(
        label=_l("Completed"),
        before=_l("Show everything to see what may come next."),
        after=_l("It is time to think of the next treatment. You can ask the same clinic again."),
    ),
    InquiryState.DECLINED: Words(
        label=_l("The clinic cannot help this time"),
        before=_READ_IT,
        after=_OVER,
    ),
    InquiryState.WITHDRAWN: Words(
        label=_l("Withdrawn"),
        before=_OVER,
        after=_l("You have withdrawn it. The clinic no longer sees your answers here."),
    ),
    InquiryState.EXPIRED: Words(
        label=_l("Ended without an answer"),
        before=_l("Nothing has happened for a long time, so it has ended."),
        after=_l("Nothing has happened for a long time, so it has ended."),
    ),
}

# While the last step was the clinic's looking at it.
_SEEN = Words(label=_l("The clinic has opened it"), before=_WAIT, after=_WAIT)
# Once the patient has been told that nobody opened it.
_LATE = Words(
    label=_l("Not opened by the clinic yet"),
    before=_l("Show everything to see what you can do instead."),
    after=_l("You can wait, call the clinic, or ask another one."),
)


@dataclass(frozen=True)
class Standing:
    """What the link alone shows of an inquiry: nothing that anybody wrote."""

    reference: str
    label: str
    next: str
    since: date


def standing_of(inquiry: Inquiry, *, days: int) -> Standing:
    """Return where the inquiry stands; a patient is told of silence after so many working days."""
    words = words_of(inquiry)
    return Standing(
        reference=inquiry.reference,
        label=str(words.label),
        next=said(words.before, days=days),
        since=since(inquiry),
    )


def words_of(inquiry: Inquiry) -> Words:
    """Return the words for the state, for the silence of a clinic, or for its having looked."""
    is_late = inquiry.patient_told_at is not None and inquiry.state in _UNOPENED_STATES
    if is_late:
        return _LATE
    last = inquiry.events[-1].actor if inquiry.events else None
    is_seen = inquiry.state is InquiryState.OPENED and last is Actor.CLINIC
    return _SEEN if is_seen else WORDS[inquiry.state]


def said(text: Any, *, days: int) -> str:
    """Return the words with the number of working days put in."""
    return str(text) % {"days": days} if "%(days)s" in str(text) else str(text)


def since(inquiry: Inquiry) -> date:
    """Return the day of the last step, where the clinic is."""
    last = inquiry.events[-1].at if inquiry.events else inquiry.sent_at
    return last.astimezone(clinic_zone(inquiry.clinic)).date()
