"""Coverage, when and how far, and a message."""

import re
from datetime import timedelta
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from directory.care.answers import Coverage, PartOfDay, Window
from directory.care.questions import PART_OF_WINDOW, TRAVEL_MILES
from directory.core.clock import utc_now
from directory.core.forms import ProtectedForm
from directory.inquiries.form.fields import (
    DayField,
    line,
    number,
    number_in,
    picked,
    plain_newlines,
)

WINDOWS = range(1, 4)
# Member numbers have many digits; names of plans, such as "Gold 2000 PPO", few.
_MEMBER_NUMBER = re.compile(r"\d(?:[ -]?\d){5}")

Form = TypeVar("Form", bound=type[Any])


def window_name(window: int, field: str) -> str:
    """Return the name of a field of a window; windows begin at 1."""
    return f"window_{window}_{field}"


def _with_windows(form: Form) -> Form:
    for window in WINDOWS:
        setattr(form, window_name(window, "first"), DayField(_l("From")))
        setattr(form, window_name(window, "last"), DayField(_l("To")))
        setattr(
            form,
            window_name(window, "part"),
            picked(PART_OF_WINDOW, default=PartOfDay.ANY),
        )
    return form


class CoverageForm(ProtectedForm):
    """How the treatment would be paid."""

    insurer = line(_l("Health insurer"), 100)
    plan = line(_l("Plan"), 100)
    self_pay = BooleanField(_l("I would pay myself"))
    has_referral = BooleanField(_l("I have a referral"))

    def validate_insurer(self, field: StringField) -> None:
        """Keep member numbers out."""
        _refuse_member_number(field)

    def validate_plan(self, field: StringField) -> None:
        """Keep member numbers out."""
        _refuse_member_number(field)


@_with_windows
class WindowsForm(CoverageForm):
    """Up to three times that would suit."""


class PracticalForm(WindowsForm):
    """Mistakes are listed in the order of these fields, after coverage and times."""

    travel_miles = number(TRAVEL_MILES)
    access_needs = line(_l("What do you need to get in and around?"), 300)
    message = TextAreaField(
        _l("Anything else the clinic should know?"),
        [Length(max=1000, message=_l("Shorten your message to 1,000 characters."))],
        filters=[plain_newlines],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then that each window is one."""
        is_valid = bool(super().validate(extra_validators))
        # Somewhere it is still yesterday.
        today = (utc_now() - timedelta(hours=12)).date()
        for window in WINDOWS:
            first, last = self.of_window(window, "first"), self.of_window(window, "last")
            if first.errors or last.errors:
                continue
            if last.data and not first.data:
                first.errors = [_("Enter the first day as well.")]
            elif first.data and (last.data or first.data) < max(first.data, today):
                last.errors = [_("Enter a last day that is not before the first, or today.")]
            is_valid = is_valid and not (first.errors or last.errors)
        return is_valid

    def of_window(self, window: int, field: str) -> Any:
        """Return a field of a window."""
        return self[window_name(window, field)]

    def uses_window(self, window: int) -> bool:
        """Tell whether something was typed for a window, right or wrong."""
        days = (self.of_window(window, "first"), self.of_window(window, "last"))
        return any(each.data or each.errors for each in days)

    def answers(self) -> dict[str, Any]:
        """Return what this step says of `Answers`, once the form is valid."""
        given = self.data
        return {
            "coverage": Coverage(
                insurer=given["insurer"] or "",
                plan=given["plan"] or "",
                self_pay=given["self_pay"],
                has_referral=given["has_referral"],
            ),
            "windows": tuple(
                _window(given, window) for window in WINDOWS if given[window_name(window, "first")]
            ),
            "travel_miles": number_in(given["travel_miles"]),
            "access_needs": given["access_needs"] or "",
            "message": given["message"] or "",
        }


def _window(given: dict[str, Any], window: int) -> Window:
    first = given[window_name(window, "first")]
    last = given[window_name(window, "last")] or first
    return Window(first, last, given[window_name(window, "part")] or PartOfDay.ANY)


def _refuse_member_number(field: StringField) -> None:
    if _MEMBER_NUMBER.search(field.data or ""):
        raise ValidationError(_("Leave out your member number; a name is enough."))
