"""Emails about inquiries. What an email may hold is decided here and nowhere else.

At the default level a clinic's email holds a reference, a time and a link: no name, no
health word. The directory's own name may hold one, so emails do not bear it.
"""

from directory.core.links import public_url
from directory.inquiries.models import Inquiry
from directory.outbox.content import Content
from directory.outbox.rendering import rendered


def code_for_patient(code: str, *, language: str) -> Content:
    """The code that proves a patient's address."""
    return rendered("patient_code", language=language, code=code)


def new_inquiry(inquiry: Inquiry, token: str) -> Content:
    """Tell a clinic that an inquiry waits. Nothing happens on opening the link."""
    return rendered(
        "clinic_inquiry",
        reference=inquiry.reference,
        sent_at=inquiry.sent_at,
        link=public_url("portal.door", token=token),
    )


def code_for_clinic(code: str, reference: str) -> Content:
    """The code that opens an inquiry in the browser that asked for it."""
    return rendered("clinic_code", code=code, reference=reference)
