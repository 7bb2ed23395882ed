"""The email that asks a clinic to confirm its address."""

from directory.clinics.models import Clinic
from directory.core.links import public_url
from directory.core.text import single_line
from directory.outbox.content import Content
from directory.outbox.rendering import rendered


def confirm_address(clinic: Clinic, token: str) -> Content:
    """Ask the clinic to confirm by a link and a button. Nothing happens on opening the link."""
    return rendered(
        "clinic_proof",
        clinic_name=single_line(clinic.name),
        link=public_url("clinics.proof", token=token),
    )
