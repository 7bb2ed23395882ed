"""What a clinic has to know before it injects."""

from typing import Any

from flask_babel import gettext as _
from wtforms.validators import ValidationError

from directory.care.answers import SafetyPoint
from directory.care.questions import SAFETY_POINTS
from directory.core.forms import ProtectedForm
from directory.inquiries.form.fields import TicksField, some_of

_ALONE = frozenset({SafetyPoint.NONE, SafetyPoint.PREFER_NOT})


class SafetyForm(ProtectedForm):
    """Nobody has to answer here."""

    safety = some_of(SAFETY_POINTS)

    def validate_safety(self, field: TicksField) -> None:
        """Refuse "none of these" beside one of these."""
        given = set(field.data or ())
        if len(given) > 1 and given & _ALONE:
            raise ValidationError(_("Tick “none of these” or “I prefer to tell the clinic” alone."))

    def answers(self) -> dict[str, Any]:
        """Return what this step says of `Answers`, once the form is valid."""
        return {"safety": tuple(self.data["safety"] or ())}
