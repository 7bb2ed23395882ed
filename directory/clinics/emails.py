"""The emails that ask a clinic to confirm its addresses, and the language of a clinic."""

from directory.clinics.models import Clinic
from directory.core.http import public_url
from directory.core.text import single_line
from directory.outbox.mail.content import Content
from directory.outbox.mail.templates import rendered

LANGUAGES = ("en", "es")


def clinic_language(clinic: Clinic) -> str:
    """Return the language of emails to the clinic: the first of its languages that we support."""
    named = (each.strip() for each in (clinic.languages or "").split(","))
    return next((each for each in named if each in LANGUAGES), LANGUAGES[0])


def confirm_address(clinic: Clinic, token: str) -> Content:
    """Ask the clinic to confirm by a link and a button. Nothing happens on opening the link."""
    return _proof("clinic_proof", clinic, token)


def confirm_second_address(clinic: Clinic, token: str) -> Content:
    """Ask the second contact to confirm that inquiries may be sent there, too."""
    return _proof("clinic_proof_second", clinic, token)


def _proof(message: str, clinic: Clinic, token: str) -> Content:
    language = clinic_language(clinic)
    return rendered(
        message,
        language=language,
        clinic_name=single_line(clinic.name),
        link=public_url("clinics.proof", language=language, token=token),
    )
