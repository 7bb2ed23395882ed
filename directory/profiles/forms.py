"""The form that reports a wrong fact of a professional."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, Length

from directory.core.forms import ProtectedForm
from directory.core.text import stripped
from directory.providers.models import WrongFact


@dataclass(frozen=True)
class WrongFactReport:
    """What a visitor says is wrong."""

    fact: WrongFact
    message: str


class ReportForm(ProtectedForm):
    """A fact that a visitor wants to have corrected."""

    fact = SelectField(
        _l("What is wrong?"),
        choices=[
            SelectChoice(WrongFact.ADDRESS.value, _l("The address")),
            SelectChoice(WrongFact.PHONE.value, _l("The phone number")),
            SelectChoice(WrongFact.TREATMENT.value, _l("Whether they give this treatment")),
            SelectChoice(WrongFact.NEW_PATIENTS.value, _l("Whether they take new patients")),
            SelectChoice(WrongFact.LICENSE.value, _l("The license")),
            SelectChoice(WrongFact.OTHER.value, _l("Something else")),
        ],
    )
    message = TextAreaField(
        _l("What should it say?"),
        [DataRequired(_l("Say what is wrong.")), Length(max=1000)],
        filters=[stripped],
    )

    def report(self) -> WrongFactReport:
        """Return what was reported."""
        return WrongFactReport(WrongFact(self.data["fact"]), self.data["message"])
