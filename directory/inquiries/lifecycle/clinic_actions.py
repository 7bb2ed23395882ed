"""What a clinic does with an inquiry, one verb each. Pressing twice does a thing once.

Callers hold the inquiry, see `hold`: two presses at the same moment come one after the other.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from directory.access.models import AccessLink
from directory.inquiries.emails import ClinicNews, PatientNews
from directory.inquiries.lifecycle.appointments import take_back_time, time_ahead
from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.lifecycle.notifications import tell_patient
from directory.inquiries.lifecycle.transitions import details_of, move
from directory.inquiries.lifecycle.treatment import note_treatment
from directory.inquiries.models import Inquiry, InquiryEvent
from directory.inquiries.states import Actor, InquiryState, StepNotAllowedError
from directory.privacy.audit import record

_NEWS = {
    InquiryState.NEEDS_INFORMATION: PatientNews.QUESTION,
    InquiryState.TIMES_PROPOSED: PatientNews.TIMES,
    InquiryState.WAIT_LIST: PatientNews.WAIT_LIST,
    InquiryState.ACCEPTED: PatientNews.ACCEPTED,
    InquiryState.DECLINED: PatientNews.DECLINED,
}
# The same where a time was settled before, which the patient may count on.
_NEWS_OF_VISIT = {
    InquiryState.TIMES_PROPOSED: PatientNews.MOVED,
    InquiryState.DECLINED: PatientNews.CALLED_OFF,
}


def hold(session: Session, row: Inquiry | AccessLink) -> None:
    """Lock the row until the transaction ends, and read it anew."""
    session.refresh(row, with_for_update=True)


def answer(
    session: Session,
    inquiry: Inquiry,
    state: InquiryState,
    details: Details,
    *,
    after: str = "",
    now: datetime,
) -> None:
    """Ask, propose times, put on the wait list, decline or accept, and tell the patient.

    A time that was settled before is taken out of both calendars.
    `after` is the step that the page showed last. Raises `StepNotAllowedError` when the table
    does not allow the step, or somebody has taken another since.
    """
    if _is_taken(inquiry, state, details, after):
        return
    _check_nothing_came_between(inquiry, state, after)
    visit = time_ahead(inquiry, now)
    move(session, inquiry, state, actor=Actor.CLINIC, now=now, details=details)
    if visit is None:
        tell_patient(session, inquiry, _NEWS[state], now=now)
    else:
        take_back_time(
            session,
            inquiry,
            visit,
            to_patient=_NEWS_OF_VISIT[state],
            to_clinic=ClinicNews.VISIT_ENDED,
            now=now,
        )
    _record(session, inquiry, now)


def mark_seen(
    session: Session, inquiry: Inquiry, seen_on: date, *, after: str = "", now: datetime
) -> None:
    """Write down that the patient was there; answers that may be repeated are kept for that."""
    state = InquiryState.COMPLETED
    if inquiry.state is state and inquiry.treated_on == seen_on:
        return
    _check_nothing_came_between(inquiry, state, after)
    move(session, inquiry, state, actor=Actor.CLINIC, now=now)
    note_treatment(inquiry, seen_on)
    _record(session, inquiry, now)


def last_step(inquiry: Inquiry) -> InquiryEvent | None:
    """Return the last step that a person took."""
    return next((each for each in reversed(inquiry.events) if _is_of_person(each)), None)


def _is_taken(inquiry: Inquiry, state: InquiryState, details: Details, after: str) -> bool:
    """Tell whether this very step came right after what the page showed: a second press."""
    steps = [each for each in inquiry.events if _is_of_person(each)]
    shown = next((at for at, each in enumerate(steps) if each.public_id == after), len(steps) - 2)
    following = steps[shown + 1] if 0 <= shown + 1 < len(steps) else None
    return (
        following is not None
        and following.actor is Actor.CLINIC
        and following.state is state
        and details_of(following) == details
    )


def _check_nothing_came_between(inquiry: Inquiry, state: InquiryState, after: str) -> None:
    last = last_step(inquiry)
    is_behind = bool(after) and last is not None and last.public_id != after
    if is_behind or inquiry.deleted_at is not None:
        raise StepNotAllowedError(inquiry.state, state)


def _is_of_person(event: InquiryEvent) -> bool:
    return event.actor in {Actor.PATIENT, Actor.CLINIC}


def _record(session: Session, inquiry: Inquiry, now: datetime) -> None:
    subject, state = inquiry.public_id, inquiry.state.value
    record(
        session, actor="clinic", action="inquiry answered", subject=subject, now=now, state=state
    )
