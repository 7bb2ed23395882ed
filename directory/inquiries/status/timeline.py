"""An inquiry as the one who sent it reads it after the code: what happened, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from directory.clinics.local_time import clinic_zone
from directory.clinics.models import Clinic
from directory.core.formats import clock_text, day_text, weekday_text, zone_text
from directory.inquiries.form.repeat import can_repeat, repeat_from
from directory.inquiries.lifecycle.appointments import settled_time, time_ahead
from directory.inquiries.lifecycle.event_details import DECLINE_REASON, Details
from directory.inquiries.lifecycle.patient_actions import is_open
from directory.inquiries.lifecycle.submit import may_ask_another
from directory.inquiries.lifecycle.transitions import details_of
from directory.inquiries.models import Inquiry, InquiryEvent, Submission
from directory.inquiries.nearby_clinics import NearbyClinic, clinics_near
from directory.inquiries.states import Actor, InquiryState, can_become
from directory.inquiries.status.state_text import WORDS, said, since, words_of

_GOES_ON = frozenset({InquiryState.ACCEPTED, InquiryState.SCHEDULED})
# No answer is to be had there, or it was a no: another clinic may help.
_ELSEWHERE = frozenset({InquiryState.UNDELIVERABLE, InquiryState.DECLINED, InquiryState.EXPIRED})
_UNOPENED = frozenset({InquiryState.SENT, InquiryState.HANDED_OFF})
# What has happened, where that is not what a state is called.
_OWN_WORDS = {
    (Actor.PATIENT, InquiryState.SENT): _l("You sent it"),
    (Actor.PATIENT, InquiryState.OPENED): _l("You wrote to the clinic"),
    (Actor.PATIENT, InquiryState.SCHEDULED): _l("You took a time"),
    (Actor.CLINIC, InquiryState.OPENED): _l("The clinic opened it"),
}


@dataclass(frozen=True, repr=False)
class Entry:
    """One step: when, what, and what was written with it."""

    at: str
    what: str
    lines: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Story:
    """An inquiry with all that happened, and what the patient can do now."""

    reference: str
    clinic: Clinic
    label: str
    next: str
    since: date
    lines: tuple[str, ...]  # what the clinic wrote last, while nothing has come after it
    entries: tuple[Entry, ...]
    appointment: str | None
    deleted_on: date | None
    may_reply: bool
    may_choose: bool
    may_say_treated: bool
    may_withdraw: bool
    may_withdraw_others: bool
    may_repeat: bool
    repeat_from: date | None
    needs_another: bool  # there is no answer to be had, or it was a no
    nearby: tuple[NearbyClinic, ...]


def stories_of(
    session: Session, submission: Submission, *, days: int, now: datetime
) -> list[Story]:
    """Return all inquiries of a submission, each with its story."""
    return [_story(session, inquiry, days=days, now=now) for inquiry in submission.inquiries]


def clinic_time(at: datetime, clinic: Clinic) -> str:
    """Return a moment as a clock at the clinic shows it, with the name of its time zone."""
    local = at.astimezone(clinic_zone(clinic))
    words: str = _(
        "%(day)s, %(time)s (%(zone)s)",
        day=weekday_text(local),
        time=clock_text(local),
        zone=zone_text(local),
    )
    return words


def _story(session: Session, inquiry: Inquiry, *, days: int, now: datetime) -> Story:
    words = words_of(inquiry)
    submission, state, is_there = inquiry.submission, inquiry.state, inquiry.deleted_at is None
    others = [each for each in submission.inquiries if each.id != inquiry.id]
    needs_another = is_there and _needs_another(inquiry)
    return Story(
        reference=inquiry.reference,
        clinic=inquiry.clinic,
        label=str(words.label),
        next=said(words.after, days=days),
        since=since(inquiry),
        lines=_last_words(inquiry),
        entries=tuple(_entry(event) for event in inquiry.events),
        appointment=_appointment(inquiry),
        deleted_on=_deleted_on(inquiry),
        may_reply=is_there and state is InquiryState.NEEDS_INFORMATION,
        may_choose=is_there and state is InquiryState.TIMES_PROPOSED,
        # Before a visit there is nothing to say of it yet.
        may_say_treated=can_become(state, InquiryState.COMPLETED, Actor.PATIENT)
        and time_ahead(inquiry, now) is None,
        may_withdraw=is_open(inquiry),
        may_withdraw_others=state in _GOES_ON and any(map(is_open, others)),
        may_repeat=can_repeat(inquiry),
        repeat_from=repeat_from(inquiry),
        needs_another=needs_another,
        nearby=_nearby(session, inquiry) if needs_another else (),
    )


def _deleted_on(inquiry: Inquiry) -> date | None:
    if inquiry.deleted_at is None:
        return None
    return inquiry.deleted_at.astimezone(clinic_zone(inquiry.clinic)).date()


def _needs_another(inquiry: Inquiry) -> bool:
    is_late = inquiry.patient_told_at is not None and inquiry.state in _UNOPENED
    return is_late or inquiry.state in _ELSEWHERE


def _nearby(session: Session, inquiry: Inquiry) -> tuple[NearbyClinic, ...]:
    submission = inquiry.submission
    if not may_ask_another(submission):
        return ()
    asked = {each.clinic_id for each in submission.inquiries}
    return tuple(clinics_near(session, inquiry.clinic, but=asked))


def _appointment(inquiry: Inquiry) -> str | None:
    at = settled_time(inquiry)
    return clinic_time(at, inquiry.clinic) if at is not None else None


def _last_words(inquiry: Inquiry) -> tuple[str, ...]:
    last = next((each for each in reversed(inquiry.events) if each.actor is not Actor.WORKER), None)
    details = details_of(last) if last is not None and last.actor is Actor.CLINIC else None
    return tuple(_lines(details, inquiry.clinic)) if details else ()


def _entry(event: InquiryEvent) -> Entry:
    clinic = event.inquiry.clinic
    local = event.at.astimezone(clinic_zone(clinic))
    details = details_of(event)
    return Entry(
        at=day_text(local),
        what=_what(event),
        lines=tuple(_lines(details, clinic)) if details else (),
    )


def _what(event: InquiryEvent) -> str:
    own = _OWN_WORDS.get((event.actor, event.state))
    return str(own if own is not None else WORDS[event.state].label)


def _lines(details: Details, clinic: Clinic) -> Iterator[str]:
    if details.reason is not None:
        yield str(DECLINE_REASON[details.reason])
    yield from (clinic_time(at, clinic) for at in details.times)
    if details.text:
        yield details.text
    if details.other_clinic:
        yield _("It names another clinic: %(name)s", name=details.other_clinic)
