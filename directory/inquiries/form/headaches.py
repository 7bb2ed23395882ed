"""The headaches: what is asked for, what they are called, how often they come."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import ValidationError

from directory.care.answers import Score, Told
from directory.care.questions import (
    DIAGNOSIS,
    DIARY,
    HEADACHE_DAYS,
    HIT6,
    LENGTH,
    MIDAS,
    MIGRAINE_DAYS,
    NOT_SURE,
    OVER_THREE_MONTHS,
    REASON,
    Question,
)
from directory.core.clock import utc_now
from directory.core.forms import ProtectedForm
from directory.inquiries.form.fields import (
    DayField,
    TicksField,
    days_of_month,
    not_after,
    number,
    number_in,
    one_of,
    some_of,
)

_ALONE = frozenset({Told.NOBODY, Told.UNSURE})


class HeadachesForm(ProtectedForm):
    """Mistakes are listed in the order of these fields."""

    reason = one_of(REASON)
    told = some_of(DIAGNOSIS)
    headache_days = days_of_month(HEADACHE_DAYS)
    headache_days_unsure = BooleanField(NOT_SURE)
    migraine_days = days_of_month(MIGRAINE_DAYS)
    migraine_days_unsure = BooleanField(NOT_SURE)
    length = one_of(LENGTH)
    over_three_months = one_of(OVER_THREE_MONTHS)
    diary = one_of(DIARY)
    midas = number(MIDAS)
    hit6 = number(HIT6)
    scored_on = DayField(_l("Day of the score"))

    def validate_told(self, field: TicksField) -> None:
        """Refuse "nobody" beside a name for the headaches."""
        given = set(field.data or ())
        if len(given) > 1 and given & _ALONE:
            raise ValidationError(_("Tick “not sure” or “no clinician” alone."))

    def validate_headache_days(self, field: StringField) -> None:
        """Ask for a number of days, or for the tick that says unsure."""
        _check_days(field.data, HEADACHE_DAYS, unsure=self.headache_days_unsure.data)

    def validate_migraine_days(self, field: StringField) -> None:
        """Ask for no more days than there are headache days."""
        _check_days(field.data, MIGRAINE_DAYS, unsure=self.migraine_days_unsure.data)
        migraine, headache = self.days_of("migraine"), self.days_of("headache")
        if migraine is not None and headache is not None and migraine > headache:
            raise ValidationError(_("Enter no more migraine days than headache days."))

    def validate_scored_on(self, field: DayField) -> None:
        """Refuse a score of tomorrow."""
        not_after(field, utc_now().date())

    def days_of(self, name: str) -> int | None:
        """Return the days, or None when the patient is unsure or the field is not a number."""
        unsure: Any = self[f"{name}_days_unsure"].data
        return None if unsure else number_in(self[f"{name}_days"].data)

    def answers(self) -> dict[str, Any]:
        """Return what this step says of `Answers`, once the form is valid."""
        given = self.data
        return {
            "reason": given["reason"],
            "told": tuple(given["told"]),
            "headache_days": self.days_of("headache"),
            "migraine_days": self.days_of("migraine"),
            "length": given["length"],
            "over_three_months": given["over_three_months"],
            "diary": given["diary"],
            "score": Score(number_in(given["midas"]), number_in(given["hit6"]), given["scored_on"]),
        }


def _check_days(text: str | None, question: Question, *, unsure: bool) -> None:
    if unsure:
        return
    if not text:
        raise ValidationError(question.missing)
    found = number_in(text)
    if found is None or found > question.bounds[1]:
        raise ValidationError(_("Enter a whole number from 0 to 30."))
