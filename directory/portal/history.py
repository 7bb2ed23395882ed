"""The steps of an inquiry as its page tells them, with what was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from directory.clinics.zones import local_text
from directory.inquiries.details import Details
from directory.inquiries.models import Inquiry
from directory.inquiries.states import Actor
from directory.inquiries.steps import details_of
from directory.inquiries.terms import DECLINE_REASON
from directory.portal.words import step_words


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
