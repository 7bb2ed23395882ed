"""The forms on the way from a link to a session: six digits, and a button."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired, Regexp

from directory.core.forms import ProtectedForm
from directory.core.text import digits


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
