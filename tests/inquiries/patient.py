"""A patient's browser, a clinic to write to, and what the database holds afterwards."""

import contextvars
import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.clinics.models import Clinic
from directory.core.clock import utc_now
from directory.core.db.database import Base, db, writing
from directory.inquiries.form.form_token import signed_form_id
from directory.outbox.mail.content import Content
from directory.outbox.models import MessageKind, OutboxMessage
from tests.factories import make_clinic, make_location, make_provider

MARKS = ("MARKEDANSWER", "Markedname", "markedmail")
# What is typed at all steps together: each step keeps what it asks for.
FORM: dict[str, Any] = {
    "asks_for": "myself",
    "patient_name": "Jo Markedname",
    "email": "markedmail@example.org",
    "phone": "",
    "age_band": "18-64",
    "zip_code": "60201",
    "reason": "first",
    "told": ["chronic-migraine"],
    "headache_days": "22",
    "migraine_days": "14",
    "length": "4-or-more",
    "over_three_months": "yes",
    "message": "MARKEDANSWER: light hurts most.",
    "consent_share": "y",
    "consent_emergency": "y",
}
STEPS = ("headaches", "treatment", "safety", "practical", "review")  # after the first


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
    """Return where an inquiry to this clinic begins."""
    return f"/inquiry/new?clinic={clinic.public_id}"


def form_id_of(page: str, *, seconds: int = 60) -> str:
    """Return the id that the form was made with, as if it had been made so long ago."""
    found = re.search(r'name="form_id"[^>]*value="([^"]+)"', page)
    assert found
    made_at = utc_now() - timedelta(seconds=seconds)
    return signed_form_id(found[1].partition(".")[0], now=made_at)


def begin(browser: Browser, clinic: Clinic, **changes: Any) -> TestResponse:
    """Open the form and send its first step."""
    page = browser.get(form_url(clinic), follow_redirects=True)
    if page.request.path != "/inquiry/new":  # this browser has chosen this clinic before
        return browser.post(page.request.path, data={**FORM, **changes})
    data = {**FORM, "form_id": form_id_of(page.text), **changes}
    return browser.post(form_url(clinic), data=data)


def fill_in(browser: Browser, *clinics: Clinic, **changes: Any) -> TestResponse:
    """Go through all steps, as far as they are right; return the last answer."""
    answer = begin(browser, clinics[0], **changes)
    for step in STEPS:
        if answer.status_code != 303:
            return answer
        if step == "review":
            for clinic in clinics[1:]:
                browser.post("/inquiry/clinics/add", data={"clinic": clinic.public_id})
        answer = browser.post(f"/inquiry/{step}", data={**FORM, **changes})
    return answer


def enter(browser: Browser, code: str) -> TestResponse:
    """Type the code."""
    return browser.post("/inquiry/code", data={"code": code})


def send_inquiry(app: Flask, *clinics: Clinic, **changes: Any) -> Browser:
    """Go the whole way of a patient, to one clinic or several; return the browser."""
    browser = open_browser(app)
    fill_in(browser, *clinics, **changes)
    assert enter(browser, newest_code()).location == "/inquiry/sent"
    return browser


def newest_link() -> str:
    """Return the path of the link in the latest email to a clinic."""
    text = content_of(messages(MessageKind.CLINIC_INQUIRY)[-1]).text
    found = re.search(r"http://directory\.test(/clinic/link/[\w-]{43})\s", text)
    assert found
    return found[1]
