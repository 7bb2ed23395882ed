"""Fields of the patient's forms: what they take, and what they say when it is wrong."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from directory.care.questions import Question
from directory.core.text import single_line, stripped

EARLIEST_YEAR = 1900
_FORMATS = ("%Y-%m-%d", "%m/%d/%Y")  # as browsers send it, and as it is typed without a picker


def one_line(text: str | None) -> str | None:
    """A form filter: leave out line breaks and control characters."""
    return single_line(text) if text is not None else None


def plain_newlines(text: str | None) -> str | None:
    """Browsers send CRLF; a message of 1,000 characters counts each line break once."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip() if text is not None else None


def line(label: Any, longest: int, *validators: Any) -> StringField:
    """Return a field for one line of text."""
    return StringField(label, [*validators, _at_most(longest)], filters=[one_line])


def number(question: Question) -> StringField:
    """Return a field for a whole number, or nothing. What was typed is kept as it is."""
    checks = [Optional(), WholeNumber(*question.bounds)]
    return StringField(question.text, checks, filters=[stripped])


def days_of_month(question: Question) -> StringField:
    """Return a field for a number of days. The form checks it, with the box that says unsure."""
    return StringField(question.text, filters=[stripped])


def one_of(question: Question, *, default: Any = None) -> RadioField:
    """Return large choices, of which one is taken."""
    choices, kind = choices_of(question.choices), kind_of(question.choices)
    return RadioField(
        question.text, [_needed(question)], choices=choices, coerce=kind, default=default
    )


def some_of(question: Question) -> "TicksField":
    """Return large choices, of which several may be taken."""
    choices, kind = choices_of(question.choices), kind_of(question.choices)
    return TicksField(question.text, [_needed(question)], choices=choices, coerce=kind)


def picked(question: Question, *, default: Any = None) -> SelectField:
    """Return a list that opens; without a default nothing is chosen at first."""
    kind = kind_of(question.choices)

    def coerce(value: Any) -> Any:
        return kind(value) if value else None

    nothing = [] if default else [SelectChoice("", _l("Choose"))]
    choices = [*nothing, *choices_of(question.choices)]
    return SelectField(question.text, [Optional()], choices=choices, coerce=coerce, default=default)


def kind_of(words: Mapping[Any, Any]) -> Any:
    """Return the closed set whose words these are."""
    return type(next(iter(words)))


def choices_of(words: Mapping[Any, Any]) -> list[SelectChoice]:
    """Return the choices of a closed set."""
    return [SelectChoice(value.value, label) for value, label in words.items()]


class TicksField(SelectMultipleField):
    """Large choices, of which any number is taken."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DayField(DateField):
    """A day, typed or picked."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators or [Optional()], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day; what cannot be one stays in sight."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        self.data = _day(text)
        if self.data is None:
            raise ValueError(_("Enter a date like 2026-03-15, the year with four digits."))


class WholeNumber:
    """Checks that a text is a whole number within bounds."""

    def __init__(self, lowest: int, highest: int) -> None:
        self._lowest = lowest
        self._highest = highest

    def __call__(self, _form: Any, field: Any) -> None:
        """Say which numbers are taken."""
        found = number_in(field.data)
        if found is None or not self._lowest <= found <= self._highest:
            message = _("Enter a whole number from %(lowest)s to %(highest)s.")
            raise ValidationError(message % {"lowest": self._lowest, "highest": self._highest})


def number_in(text: str | None) -> int | None:
    """Return the number that a text is, if it is a short one of plain digits."""
    if text and text.isascii() and text.isdigit() and len(text) <= 5:
        return int(text)
    return None


def not_after(field: DayField, day: date) -> None:
    """Refuse a day in the future; `day` is today where the server is."""
    if field.data is not None and field.data > day:
        raise ValidationError(_("Enter a day that is not in the future."))


def _needed(question: Question) -> InputRequired | Optional:
    return InputRequired(question.missing) if question.missing else Optional()


def _at_most(longest: int) -> Length:
    return Length(max=longest, message=_l("Shorten this to %(max)d characters."))


def _day(text: str) -> date | None:
    for pattern in _FORMATS:
        try:
            found = datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return found if found.year >= EARLIEST_YEAR else None
    return None
