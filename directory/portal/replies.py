"""The answers that a clinic can give from its page: the form of each, and the step it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from directory.clinics.local_time import clinic_zone
from directory.inquiries.lifecycle.clinic_actions import answer, mark_seen
from directory.inquiries.models import Inquiry
from directory.inquiries.states import Actor, InquiryState, can_become
from directory.portal.forms import (
    AcceptForm,
    AnswerForm,
    DeclineForm,
    QuestionForm,
    SeenForm,
    TimesForm,
    WaitListForm,
)


@dataclass(frozen=True)
class Answer:
    """One kind of answer."""

    state: InquiryState
    form: type[AnswerForm]
    title: Any
    button: Any


ANSWERS: Mapping[str, Answer] = {
    "question": Answer(
        InquiryState.NEEDS_INFORMATION, QuestionForm, _l("Ask a question"), _l("Send the question")
    ),
    "times": Answer(
        InquiryState.TIMES_PROPOSED, TimesForm, _l("Propose times"), _l("Send the times")
    ),
    "wait-list": Answer(
        InquiryState.WAIT_LIST, WaitListForm, _l("Put on the wait list"), _l("Put on the wait list")
    ),
    "accept": Answer(
        InquiryState.ACCEPTED, AcceptForm, _l("Accept"), _l("Tell the patient that you accept")
    ),
    "decline": Answer(
        InquiryState.DECLINED, DeclineForm, _l("Decline"), _l("Tell the patient that you decline")
    ),
    "seen": Answer(
        InquiryState.COMPLETED, SeenForm, _l("Mark as seen"), _l("Mark as seen on this day")
    ),
}


@dataclass(frozen=True)
class Box:
    """An answer as the page offers it."""

    name: str
    answer: Answer
    form: AnswerForm
    is_open: bool


def is_allowed(inquiry: Inquiry, name: str) -> bool:
    """Tell whether the clinic can give this answer now."""
    if inquiry.deleted_at is not None:
        return False
    return can_become(inquiry.state, ANSWERS[name].state, Actor.CLINIC)


def form_of(inquiry: Inquiry, name: str, *, now: datetime) -> AnswerForm:
    """Return the form of an answer, with what the request sends, if it does."""
    zone, kind = clinic_zone(inquiry.clinic), ANSWERS[name].form
    if kind is SeenForm:
        earliest = inquiry.sent_at.astimezone(zone).date()
        return SeenForm(zone=zone, now=now, earliest=earliest)
    return kind(zone=zone, now=now)


def boxes(
    inquiry: Inquiry, *, now: datetime, name: str = "", form: AnswerForm | None = None
) -> list[Box]:
    """Return what the clinic can answer now; the form that was sent stays open."""
    return [
        Box(
            name=each,
            answer=ANSWERS[each],
            form=form if form and each == name else form_of(inquiry, each, now=now),
            is_open=each == name,
        )
        for each in ANSWERS
        if is_allowed(inquiry, each)
    ]


def take(session: Session, inquiry: Inquiry, name: str, form: AnswerForm, *, now: datetime) -> None:
    """Take the step that a valid form asks for; raise `StepNotAllowedError`."""
    after = form.data["after"] or ""
    if isinstance(form, SeenForm):
        mark_seen(session, inquiry, form.data["seen_on"], after=after, now=now)
    else:
        answer(session, inquiry, ANSWERS[name].state, form.details(), after=after, now=now)
