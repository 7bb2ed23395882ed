"""A patient's browser, a clinic to write to, and what the database holds afterwards."""

import contextvars
import re
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.clinics.models import Clinic
from directory.core.database import Base, db, writing
from directory.outbox.content import Content
from directory.outbox.models import MessageKind, OutboxMessage
from tests.factories import make_clinic, make_location, make_provider

MARKS = ("MARKEDANSWER", "Markedname", "markedmail")
FORM = {
    "patient_name": "Jo Markedname",
    "email": "markedmail@example.org",
    "phone": "",
    "age_band": "18-64",
    "zip_code": "60201",
    "reason": "first",
    "headache_days": "22",
    "migraine_days": "14",
    "message": "MARKEDANSWER: light hurts most.",
    "consent_share": "y",
    "consent_emergency": "y",
}


class Browser(FlaskClient):
    """A browser with cookies of its own; each request has a context of its own, as in life."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return contextvars.Context().run(super().open, *args, **kwargs)


def open_browser(app: Flask, *, csrf: bool = False) -> Browser:
    """Return a new browser; forms need no token unless the test is about it."""
    app.config["WTF_CSRF_ENABLED"] = csrf
    return Browser(app, app.response_class, use_cookies=True)


def open_clinic(**facts: Any) -> Clinic:
    """Commit a clinic with one professional; by default it takes inquiries."""
    with writing() as session:
        return make_clinic(session, make_location(session, make_provider(session)), **facts)


def stored(model: type[Any]) -> list[Any]:
    """Return all rows of a table as they are in the database now."""
    session = db.session()
    session.rollback()
    return list(session.scalars(sa.select(model).order_by(*sa.inspect(model).primary_key)))


def everything() -> dict[str, list[str]]:
    """Return every row of every table as text."""
    session = db.session()
    session.rollback()
    tables = Base.metadata.sorted_tables
    return {
        table.name: sorted(repr(tuple(row)) for row in session.execute(sa.select(table)))
        for table in tables
    }


def messages(kind: MessageKind) -> list[OutboxMessage]:
    """Return the messages of one kind, oldest first."""
    return [message for message in stored(OutboxMessage) if message.kind is kind]


def content_of(message: OutboxMessage) -> Content:
    """Return what a message says."""
    assert message.content is not None
    return Content.from_json(message.content)


def newest_code(kind: MessageKind = MessageKind.PATIENT_CODE) -> str:
    """Return the six digits of the latest message."""
    return re.findall(r"\b\d{6}\b", content_of(messages(kind)[-1]).text)[0]


def wrong(code: str) -> str:
    """Return six other digits."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def form_url(clinic: Clinic) -> str:
    return f"/inquiry/new?clinic={clinic.public_id}"


def form_id_of(page: str) -> str:
    """Return the id that the form was made with."""
    found = re.search(r'name="form_id"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def fill_in(browser: Browser, clinic: Clinic, **changes: str) -> TestResponse:
    """Open the form and send it."""
    page = browser.get(form_url(clinic)).text
    return browser.post(form_url(clinic), data={**FORM, "form_id": form_id_of(page), **changes})


def enter(browser: Browser, code: str) -> TestResponse:
    """Type the code."""
    return browser.post("/inquiry/code", data={"code": code})


def send_inquiry(app: Flask, clinic: Clinic, **changes: str) -> Browser:
    """Go the whole way of a patient; return the browser."""
    browser = open_browser(app)
    fill_in(browser, clinic, **changes)
    assert enter(browser, newest_code()).location == "/inquiry/sent"
    return browser


def newest_link() -> str:
    """Return the path of the link in the latest email to a clinic."""
    text = content_of(messages(MessageKind.CLINIC_INQUIRY)[-1]).text
    found = re.search(r"http://directory\.test(/clinic/link/[\w-]{43})\s", text)
    assert found
    return found[1]
