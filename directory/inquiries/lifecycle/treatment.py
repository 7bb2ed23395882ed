"""What a treatment means for an inquiry, whoever says that it took place."""

from datetime import UTC, date, datetime, time

from directory.care.thresholds import KEPT_FOR_REPEAT
from directory.inquiries.lifecycle.notifications import answers_of
from directory.inquiries.lifecycle.transitions import keep_at_most
from directory.inquiries.models import Inquiry


def note_treatment(inquiry: Inquiry, treated_on: date) -> None:
    """Write down the day; answers that may be repeated are kept for that."""
    inquiry.treated_on = treated_on
    answers = answers_of(inquiry)
    if answers is not None and answers.may_repeat:
        treated_at = datetime.combine(treated_on, time(), UTC)
        keep_at_most(inquiry, max(inquiry.delete_at, treated_at + KEPT_FOR_REPEAT))
