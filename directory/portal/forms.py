"""What a clinic answers: checked, and turned into values."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from directory.care.questions import Question
from directory.core.forms import ProtectedForm
from directory.core.text import stripped
from directory.inquiries.form.fields import DayField, line, not_after, one_of, plain_newlines
from directory.inquiries.lifecycle.event_details import DECLINE_REASON, Details

ROWS = ("first", "second", "third")
_LONGEST_TEXT = 1000
_FURTHEST = timedelta(days=365)
_CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p")  # as sent, or typed


def _text(label: Any, *validators: Any) -> TextAreaField:
    too_long = _l("Shorten your text to 1,000 characters.")
    return TextAreaField(
        label,
        [*validators, Length(max=_LONGEST_TEXT, message=too_long)],
        filters=[plain_newlines],
    )


def _clock(label: Any) -> StringField:
    return StringField(label, filters=[stripped])


class AnswerForm(ProtectedForm):
    """What all answers of a clinic carry."""

    # The step that the page showed last, so that no answer is given to what nobody has read.
    after = HiddenField()

    def __init__(self, *, zone: ZoneInfo, now: datetime) -> None:
        super().__init__()
        self._zone = zone
        self._now = now

    def details(self) -> Details:
        """Return what goes with the step, once the form is valid."""
        return Details()


class QuestionForm(AnswerForm):
    """Something that the clinic has to know first."""

    question = _text(_l("Your question"), DataRequired(_l("Write your question.")))

    def details(self) -> Details:
        """Return the question."""
        return Details(text=self.data["question"])


class TimesForm(AnswerForm):
    """Up to three times, in the clinic's own zone."""

    first_day = DayField(_l("First: day"))
    first_clock = _clock(_l("First: time"))
    second_day = DayField(_l("Second: day"))
    second_clock = _clock(_l("Second: time"))
    third_day = DayField(_l("Third: day"))
    third_clock = _clock(_l("Third: time"))
    times_text = _text(_l("A sentence for the patient, if you like"))

    def validate_first_clock(self, field: StringField) -> None:
        """Check the first time; there has to be one."""
        self._check("first", field)
        filled = [field.data, self.first_day.raw_data, *self._others()]
        if not any(map(_is_filled, filled)):
            raise ValidationError(_("Enter at least one time."))

    def validate_second_clock(self, field: StringField) -> None:
        """Check the second time, if there is one."""
        self._check("second", field)

    def validate_third_clock(self, field: StringField) -> None:
        """Check the third time, if there is one."""
        self._check("third", field)

    def details(self) -> Details:
        """Return the times in UTC, earliest first, each once."""
        times = filter(None, map(self._moment, ROWS))
        return Details(text=self.data["times_text"], times=tuple(sorted(set(times))))

    def _others(self) -> list[Any]:
        return [self[f"{row}_{part}"].raw_data for row in ROWS[1:] for part in ("day", "clock")]

    def _check(self, row: str, field: StringField) -> None:
        day, clock = self[f"{row}_day"], _clock_in(field.data)
        if day.errors or not (_is_filled(day.raw_data) or field.data):
            return
        if day.data is None or not field.data:
            raise ValidationError(_("Enter both a day and a time of day."))
        if clock is None:
            raise ValidationError(_("Enter a time of day like 14:30 or 2:30 PM."))
        today = self._now.astimezone(self._zone).date()
        if not today <= day.data <= today + _FURTHEST:
            raise ValidationError(_("Choose a day within the next 12 months."))
        moment = self._moment(row)
        if moment is None:
            raise ValidationError(_("The clocks change then: this time of day does not exist."))
        if moment <= self._now:
            raise ValidationError(_("Choose a time that is still to come."))

    def _moment(self, row: str) -> datetime | None:
        """Return the time, or None where there is none: left empty, or skipped by the clocks."""
        day, clock = self[f"{row}_day"].data, _clock_in(self[f"{row}_clock"].data)
        if day is None or clock is None:
            return None
        moment = datetime.combine(day, clock, self._zone).astimezone(UTC)
        exists = moment.astimezone(self._zone).time() == clock
        return moment if exists else None


class WaitListForm(AnswerForm):
    """A place on the wait list."""

    wait_text = _text(_l("About how long, or anything else, if you like"))

    def details(self) -> Details:
        """Return the sentence."""
        return Details(text=self.data["wait_text"])


class DeclineForm(AnswerForm):
    """No, and why."""

    reason = one_of(
        Question("reason", _l("Why?"), choices=DECLINE_REASON, missing=_l("Choose a reason."))
    )
    other_clinic = line(_l("Another clinic that may help, if you know one"), 200)
    decline_text = _text(_l("A sentence for the patient, if you like"))

    def details(self) -> Details:
        """Return the reason, and whom the clinic names instead."""
        given = self.data
        return Details(
            text=given["decline_text"],
            reason=given["reason"],
            other_clinic=given["other_clinic"] or "",
        )


class AcceptForm(AnswerForm):
    """Yes; a time is settled later, or by phone."""

    accept_text = _text(_l("What happens next, if you like"))

    def details(self) -> Details:
        """Return the sentence."""
        return Details(text=self.data["accept_text"])


class SeenForm(AnswerForm):
    """The day on which the patient was there."""

    seen_on = DayField(_l("Day of the treatment"), [InputRequired(_l("Enter the day."))])

    def __init__(self, *, zone: ZoneInfo, now: datetime, earliest: date) -> None:
        super().__init__(zone=zone, now=now)
        self._earliest = earliest

    def validate_seen_on(self, field: DayField) -> None:
        """Refuse a day to come, and one before the inquiry."""
        not_after(field, self._now.astimezone(self._zone).date())
        if field.data is not None and field.data < self._earliest:
            raise ValidationError(_("Enter a day after the inquiry was sent."))


def _is_filled(given: Any) -> bool:
    text = given[0] if isinstance(given, list) and given else given
    return bool(text and str(text).strip())


def _clock_in(text: str | None) -> time | None:
    for pattern in _CLOCKS:
        try:
            return datetime.strptime((text or "").upper(), pattern).time()  # noqa: DTZ007 - no day
        except ValueError:
            continue
    return None
