"""A form with a field of each kind, for the styleguide."""

from dataclasses import replace

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from directory.care.questions import (
    DIAGNOSIS,
    HEADACHE_DAYS,
    NOT_SURE,
    OVER_THREE_MONTHS,
    REASON,
    TOLD,
)
from directory.core.forms import ProtectedForm
from directory.inquiries.form.fields import DayField, choices_of, one_of, some_of

_SHORT_DIAGNOSIS = replace(DIAGNOSIS, choices=dict(list(TOLD.items())[:3]))


class SampleForm(ProtectedForm):
    """The form of the styleguide; its data is not used."""

    patient_name = StringField(_l("Your name"), [DataRequired(_l("Enter your name."))])
    email = StringField(_l("Your email address"), [DataRequired(_l("Enter your email address."))])
    headache_days = StringField(
        HEADACHE_DAYS.text,
        [DataRequired(HEADACHE_DAYS.missing)],
    )
    headache_days_unsure = BooleanField(NOT_SURE)
    reason = SelectField(REASON.text, choices=choices_of(REASON.choices))
    scored_on = DayField(_l("Day of the score"))
    over_three_months = one_of(OVER_THREE_MONTHS)
    told = some_of(_SHORT_DIAGNOSIS)
    message = TextAreaField(_l("What else do you want to say or ask?"))
    code = StringField(
        _l("The six digits from the email"), [InputRequired(_l("Enter the six digits."))]
    )


def unsent_form() -> SampleForm:
    """Return the form as it is before anything is typed."""
    return SampleForm()


def wrong_form() -> SampleForm:
    """Return the form as it comes back when it was sent empty."""
    form = SampleForm(meta={"csrf": False})
    form.validate()
    return form
