"""What a patient types on the status page: checked, and turned into values."""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from directory.core.forms import ProtectedForm
from directory.inquiries.form.fields import DayField, not_after, plain_newlines

NONE_SUITS = "none"
_TOO_LONG = _l("Shorten your text to 1,000 characters.")


class ReplyForm(ProtectedForm):
    """An answer to a clinic's question."""

    to = HiddenField()  # the question, so that a newer one gets no answer meant for this one
    text = TextAreaField(
        _l("Your answer"),
        [DataRequired(_l("Enter your answer.")), Length(max=1000, message=_TOO_LONG)],
        filters=[plain_newlines],
    )


class TimesForm(ProtectedForm):
    """One of the times that a clinic proposes, or none of them."""

    of = HiddenField()  # the proposal, so that a newer one is not taken by mistake
    time = RadioField(
        _l("Which time suits you?"),
        [InputRequired(_l("Choose a time, or that none suits you."))],
    )
    text = TextAreaField(
        _l("If none suits: when can you come?"),
        [Length(max=1000, message=_TOO_LONG)],
        filters=[plain_newlines],
    )

    def offer(self, times: Sequence[tuple[datetime, str]]) -> None:
        """Give the times to choose from, each with its words."""
        self.time.choices = [
            *((at.isoformat(), words) for at, words in times),
            (NONE_SUITS, _("None of these times")),
        ]

    def chosen(self) -> datetime | None:
        """Return the time, or None when none suits."""
        value: str = self.data["time"]
        return None if value == NONE_SUITS else datetime.fromisoformat(value)

    def validate_text(self, field: TextAreaField) -> None:
        """Ask when the patient can come, where no time suits."""
        if self.data["time"] == NONE_SUITS and not field.data:
            raise ValidationError(_("Say when you can come."))


class TreatedForm(ProtectedForm):
    """The day of a treatment."""

    treated_on = DayField(
        _l("On which day were you treated?"), [InputRequired(_l("Enter the day."))]
    )

    def __init__(self, *, first: date, last: date) -> None:
        super().__init__()
        self._first, self._last = first, last

    def validate_treated_on(self, field: DayField) -> None:
        """Refuse a day before the inquiry, or after today."""
        if field.data is not None and field.data < self._first:
            raise ValidationError(_("Enter a day on or after the day you sent the inquiry."))
        not_after(field, self._last)


class AskForm(ProtectedForm):
    """One more clinic to send the same answers to."""

    clinic = HiddenField(validators=[DataRequired()])


class RepeatForm(ProtectedForm):
    """A button that repeats an inquiry; pressed again after a warning that it is early."""

    is_warned = HiddenField()
