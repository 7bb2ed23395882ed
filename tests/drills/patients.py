"""Patients with one step left: their answers are filled in, and the code has reached them.

One of them went the whole way through the pages. The others are copies in the database, each
with an address, a key, a code and a browser of its own, so that a drill can begin at the step
that matters: the last POST, after which somebody is told that the inquiry has been sent.
"""

import contextvars
import http.client
import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from flask import session as browser_session
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from directory.access.codes import issue_code
from directory.access.models import OneTimeCode
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.tokens import new_token, secret_key
from directory.inquiries.drafts import fields_of, inquiry_ids_of
from directory.inquiries.lifecycle.submit import new_inquiry_ids
from directory.inquiries.models import DraftClinic, InquiryDraft, draft_key
from directory.privacy.rowkeys import row_keys
from tests.inquiries.patient import FORM, fill_in, open_browser, open_clinic

LAST_PAGE = "/inquiry/code"
_BATCH = 250
_SECONDS = 20.0
# Codes last for minutes, a long drill for longer: these are as if made later.
_LATER = timedelta(hours=6)
_CLINICS = 20


@dataclass(frozen=True)
class Patient:
    """A browser before its last POST."""

    draft_id: str
    cookie: str
    body: str
    answers: list[str] = field(default_factory=list)  # what the site has said so far

    @property
    def headers(self) -> dict[str, str]:
        """Return what the browser sends along."""
        return {
            "Cookie": f"session={self.cookie}",
            "Content-Type": "application/x-www-form-urlencoded",
        }


def sent(patient: Patient, port: int) -> bool:
    """Send, and return whether the site acknowledged it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("POST", LAST_PAGE, patient.body, patient.headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        patient.answers.append(type(error).__name__)
        return False
    finally:
        connection.close()
    patient.answers.append(str(answer.status))
    return is_acknowledged(answer.status, answer.getheader("Location", ""))


def is_acknowledged(status: int, location: str) -> bool:
    """Return whether a response acknowledges that the inquiry was sent."""
    return status == 303 and location.endswith("/inquiry/sent")


def ready_to_send(app: Flask, count: int) -> list[Patient]:
    """Return that many patients who only have to type their code."""
    clinics = [open_clinic() for _ in range(_CLINICS)]
    donor = _donor(app, clinics[0])
    numbers = iter(range(count))
    patients: list[Patient] = []
    while batch := list(itertools.islice(numbers, _BATCH)):
        draft_ids = [new_token() for _ in batch]
        row_keys().make([draft_key(each) for each in draft_ids], now=utc_now())
        inquiry_ids = new_inquiry_ids(len(batch), now=utc_now())
        with writing() as session:
            for number, draft_id, inquiry_id in zip(batch, draft_ids, inquiry_ids, strict=True):
                changes = {
                    donor.draft.public_id: draft_id,
                    donor.inquiry_id: inquiry_id,
                    FORM["email"]: f"patient{number}@example.org",
                }
                code = _copied(session, donor, changes, clinics[number % _CLINICS].id)
                patients.append(_patient(app, donor, draft_id, code))
    return patients


@dataclass(frozen=True)
class _Donor:
    draft: InquiryDraft
    fields: str
    inquiry_id: str
    subject_id: str  # of the code
    browser: dict[str, Any]  # what its session holds


def _donor(app: Flask, clinic: Any) -> _Donor:
    """Go through the pages up to the code."""
    browser = open_browser(app)
    assert fill_in(browser, clinic).location == LAST_PAGE
    with browser.session_transaction() as kept:
        content = dict(kept)
    session = db.session()
    session.rollback()
    newest = sa.select(InquiryDraft).order_by(InquiryDraft.id.desc()).limit(1)
    draft = session.scalars(newest).one()
    code = session.scalars(sa.select(OneTimeCode).order_by(OneTimeCode.id.desc()).limit(1)).one()
    assert draft.fields
    assert draft.public_id in content.values()
    (inquiry_id,) = inquiry_ids_of(fields_of(draft))
    return _Donor(draft, draft.fields, inquiry_id, code.subject_id, content)


def _copied(session: Session, donor: _Donor, changes: dict[str, str], clinic_id: int) -> str:
    """Add a draft like the donor's but for these texts, and return its code."""
    draft = InquiryDraft(
        public_id=changes[donor.draft.public_id],
        language=donor.draft.language,
        sender_digest="",  # each from elsewhere: no limit is reached
        created_at=utc_now(),
        clinics=[DraftClinic(clinic_id=clinic_id, position=1)],
    )
    draft.fields = _changed(donor.fields, changes)
    session.add(draft)
    subject_id = _changed(donor.subject_id, changes)
    assert subject_id != donor.subject_id
    return issue_code(session, subject_id, secret_key=secret_key(), now=utc_now() + _LATER)


def _changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def _csrf(app: Flask) -> tuple[str, str]:
    """Return what a form holds, and what the browser's session holds for it."""
    with app.test_request_context():
        return generate_csrf(), browser_session["csrf_token"]


def _patient(app: Flask, donor: _Donor, public_id: str, code: str) -> Patient:
    """Return the browser that holds this draft."""
    # In a context of its own: within the one of a test every browser would get the same.
    token, csrf = contextvars.Context().run(_csrf, app)
    own = {
        name: public_id if value == donor.draft.public_id else value
        for name, value in donor.browser.items()
    }
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    cookie = serializer.dumps({**own, "csrf_token": csrf})
    return Patient(public_id, cookie, urlencode({"code": code, "csrf_token": token}))
