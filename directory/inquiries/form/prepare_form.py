"""The form of a page to print and bring."""

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length

from directory.care.selfcheck_questions import AGE
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
