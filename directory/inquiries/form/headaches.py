"""The headaches: what is asked for, what they are called, how often they come."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import ValidationError

from directory.care.answers import Score, Told
from directory.care.questions import DIARIES, LENGTHS, REASONS, TOLD, YES_NO
from directory.care.thresholds import DAYS_ASKED, HIT6_RANGE, MIDAS_RANGE
from directory.core.clock import utc_now
from directory.core.forms import ProtectedForm
from directory.core.text import stripped
from directory.inquiries.form.fields import (
    DayField,
    TicksField,
    not_after,
    number,
    number_in,
    one_of,
    some_of,
)

_ALONE = frozenset({Told.NOBODY, Told.UNSURE})


class HeadachesForm(ProtectedForm):
    """Mistakes are listed in the order of these fields."""

    reason = one_of(
        _l("What are you looking for?"), REASONS, missing=_l("Choose what you are looking for.")
    )
    told = some_of(
        _l("What has a clinician called these headaches?"),
        TOLD,
        missing=_l("Tick what a clinician has said, or that nobody has."),
    )
    headache_days = StringField(
        _l("On how many of the last 30 days did you have a headache?"), filters=[stripped]
    )
    headache_days_unsure = BooleanField(_l("I am not sure"))
    migraine_days = StringField(
        _l("On how many of those days did it feel like migraine?"), filters=[stripped]
    )
    migraine_days_unsure = BooleanField(_l("I am not sure"))
    length = one_of(
        _l("How long does a headache usually last without treatment?"),
        LENGTHS,
        missing=_l("Choose how long a headache usually lasts."),
    )
    over_three_months = one_of(
        _l("Has it been like this for more than three months?"),
        YES_NO,
        missing=_l("Choose an answer about the last three months."),
    )
    diary = one_of(_l("Do you keep a headache diary?"), DIARIES)
    midas = number(_l("MIDAS score"), *MIDAS_RANGE)
    hit6 = number(_l("HIT-6 score"), *HIT6_RANGE)
    scored_on = DayField(_l("Day of the score"))

    def validate_told(self, field: TicksField) -> None:
        """Refuse "nobody" beside a name for the headaches."""
        given = set(field.data or ())
        if len(given) > 1 and given & _ALONE:
            raise ValidationError(_("Tick “not sure” or “no clinician” alone."))

    def validate_headache_days(self, field: StringField) -> None:
        """Ask for a number of days, or for the tick that says unsure."""
        _check_days(field.data, unsure=self.headache_days_unsure.data)

    def validate_migraine_days(self, field: StringField) -> None:
        """Ask for no more days than there are headache days."""
        _check_days(field.data, unsure=self.migraine_days_unsure.data)
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


def _check_days(text: str | None, *, unsure: bool) -> None:
    if unsure:
        return
    if not text:
        raise ValidationError(_("Enter the number of days, or tick that you are not sure."))
    found = number_in(text)
    if found is None or found > DAYS_ASKED:
        raise ValidationError(_("Enter a whole number from 0 to 30."))
