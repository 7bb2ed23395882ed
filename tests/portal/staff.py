"""A clinic's staff at work: an inquiry that waits, its link, a browser that has opened it."""

from datetime import timedelta
from typing import Any

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

from directory.clinics.models import Clinic
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.lifecycle.transitions import move
from directory.inquiries.models import Inquiry
from directory.inquiries.states import Actor, InquiryState
from directory.outbox.models import MessageKind
from tests.factories import make_inquiry
from tests.inquiries.patient import Browser, newest_code, newest_link, open_browser, open_clinic

_HTML = "{http://www.w3.org/1999/xhtml}"


def waiting(clinic: Clinic | None = None, **facts: Any) -> str:
    """Commit an inquiry and return the path of the link in its email."""
    clinic = clinic or open_clinic()
    with writing() as session:
        found = session.get(Clinic, clinic.id)
        assert found is not None
        make_inquiry(session, found, **facts)
    return newest_link()


def open_it(app: Flask, link: str) -> tuple[Browser, str]:
    """Press the button, type the code; return the browser and the path of the inquiry."""
    staff = open_browser(app)
    staff.post(link)
    answer = staff.post(f"{link}/code", data={"code": newest_code(MessageKind.CLINIC_CODE)})
    assert answer.status_code == 303, answer.text
    return staff, answer.location


def opened(app: Flask, **facts: Any) -> tuple[Browser, str]:
    """Return a browser that has opened an inquiry, and the path of the inquiry."""
    return open_it(app, waiting(**facts))


def give(staff: Browser, path: str, name: str, **data: str) -> TestResponse:
    """Send the form of one answer."""
    return staff.post(f"{path}/{name}", data=data)


def the_inquiry() -> Inquiry:
    """Return the newest inquiry as it is in the database now."""
    session = db.session()
    session.rollback()
    return session.query(Inquiry).order_by(Inquiry.id.desc()).first()  # type: ignore[return-value]


def patient_moves(state: InquiryState, details: Details | None = None) -> None:
    """Have the patient take a step meanwhile."""
    with writing() as session:
        found = session.query(Inquiry).one()
        move(session, found, state, actor=Actor.PATIENT, now=utc_now(), details=details)


def in_days(days: int) -> str:
    """Return a day from today on, as a form sends it."""
    return (utc_now().date() + timedelta(days=days)).isoformat()


def check_page(text: str) -> None:
    """Check what every page promises: one heading, labels for all fields, each id once."""
    document = html5lib.HTMLParser(strict=False).parse(text)
    ids = [each.get("id") for each in document.iter() if each.get("id")]
    assert len(ids) == len(set(ids)), sorted(ids)
    assert len(list(document.iter(f"{_HTML}h1"))) == 1
    labelled = {each.get("for") for each in document.iter(f"{_HTML}label")}
    for kind in ("input", "textarea", "select"):
        for each in document.iter(f"{_HTML}{kind}"):
            assert each.get("type") == "hidden" or each.get("id") in labelled
