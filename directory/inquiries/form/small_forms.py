"""The small forms: six digits, a button, a clinic to add, and a page to print and bring."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from directory.care.selfcheck_questions import AGE
from directory.core.forms import ProtectedForm
from directory.core.text import digits
from directory.inquiries.form.fields import one_of, plain_newlines
from directory.inquiries.form.headaches import HeadachesForm


class PrepareForm(HeadachesForm):
    """What a clinic asks on the phone. Nothing of it is stored."""

    age_band = one_of(AGE)
    message = TextAreaField(
        _l("What else do you want to say or ask?"),
        [Length(max=1000, message=_l("Shorten your message to 1,000 characters."))],
        filters=[plain_newlines],
    )


class CodeForm(ProtectedForm):
    """Six digits from an email."""

    code = StringField(
        _l("The six digits from the email"),
        [
            DataRequired(_l("Enter the six digits.")),
            Regexp(r"^[0-9]{6}$", message=_l("The code has six digits.")),
        ],
        filters=[lambda text: digits(text) if text is not None else None],
    )

    def refuse(self, reason: Any) -> None:
        """Say at the field why the code does not open anything."""
        self.code.errors = [*self.code.errors, reason]


class ButtonForm(ProtectedForm):
    """A button and nothing else."""
