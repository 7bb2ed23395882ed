"""A form with a field of each kind, to show the pieces of the design with."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from directory.care.questions import REASONS, TOLD, YES_NO
from directory.core.forms import ProtectedForm
from directory.inquiries.form.fields import DayField, choices_of, one_of, some_of

_SHORT_TOLD = dict(list(TOLD.items())[:3])


class PiecesForm(ProtectedForm):
    """Nobody reads what it takes: sent or not, it is only looked at."""

    patient_name = StringField(_l("Your name"), [DataRequired(_l("Enter your name."))])
    email = StringField(_l("Your email address"), [DataRequired(_l("Enter your email address."))])
    headache_days = StringField(
        _l("On how many of the last 30 days did you have a headache?"),
        [DataRequired(_l("Enter the number of days, or tick that you are not sure."))],
    )
    headache_days_unsure = BooleanField(_l("I am not sure"))
    reason = SelectField(_l("What are you looking for?"), choices=choices_of(REASONS))
    scored_on = DayField(_l("Day of the score"))
    over_three_months = one_of(
        _l("Has it been like this for more than three months?"),
        YES_NO,
        missing=_l("Choose an answer about the last three months."),
    )
    told = some_of(
        _l("What has a clinician called these headaches?"),
        _SHORT_TOLD,
        missing=_l("Tick what a clinician has said, or that nobody has."),
    )
    message = TextAreaField(_l("What else do you want to say or ask?"))
    code = StringField(
        _l("The six digits from the email"), [InputRequired(_l("Enter the six digits."))]
    )


def unsent_form() -> PiecesForm:
    """Return the form as it is before anything is typed."""
    return PiecesForm()


def wrong_form() -> PiecesForm:
    """Return the form as it comes back when it was sent empty."""
    form = PiecesForm(meta={"csrf": False})
    form.validate()
    return form
