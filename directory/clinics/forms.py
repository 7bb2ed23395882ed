"""The forms with which a clinic confirms its facts."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from directory.clinics.models import Clinic
from directory.core.forms import ProtectedForm
from directory.providers.models import AcceptingPatients

_UNKNOWN = "unknown"


@dataclass(frozen=True)
class ConfirmedFacts:
    """The confirmed facts: who gives the treatment, and whether it takes new patients."""

    giving_treatment: tuple[str, ...]
    accepting: AcceptingPatients | None


class ProofForm(ProtectedForm):
    """The button that confirms, with the facts it confirms."""

    npi = SelectMultipleField(_l("Who gives Botox for chronic migraine here?"))
    accepting = SelectField(
        _l("Do you take new patients?"),
        choices=[
            SelectChoice(AcceptingPatients.YES.value, _l("Yes")),
            SelectChoice(AcceptingPatients.NO.value, _l("No")),
            SelectChoice(AcceptingPatients.EXISTING_ONLY.value, _l("Only existing patients")),
            SelectChoice(
                AcceptingPatients.FAMILY_ONLY.value, _l("Only family members of patients")
            ),
            SelectChoice(_UNKNOWN, _l("We would rather not say")),
        ],
        default=_UNKNOWN,
    )

    def offer(self, clinic: Clinic) -> None:
        """Offer the professionals of this clinic, and its present facts on the first view."""
        self.npi.choices = [SelectChoice(each.npi, each.npi) for each in clinic.providers]
        if not self.is_submitted():
            self.npi.data = [each.npi for each in clinic.providers]
            self.accepting.data = clinic.accepting_patients or _UNKNOWN

    def facts(self) -> ConfirmedFacts:
        """Return what the clinic confirmed."""
        accepting = self.data["accepting"]
        return ConfirmedFacts(
            giving_treatment=tuple(self.data["npi"] or ()),
            accepting=None if accepting == _UNKNOWN else AcceptingPatients(accepting),
        )


class SecondProofForm(ProtectedForm):
    """The button that confirms the second contact."""
