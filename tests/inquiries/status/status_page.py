"""A patient's browser on the status page, and what a clinic does meanwhile."""

import re
from datetime import datetime, timedelta
from typing import Any

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

from directory.clinics.models import Clinic
from directory.core.clock import utc_now
from directory.core.db.database import writing
from directory.inquiries.lifecycle.event_details import Details
from directory.inquiries.lifecycle.transitions import move
from directory.inquiries.models import Inquiry
from directory.inquiries.states import Actor, InquiryState
from directory.outbox.models import MessageKind
from tests.factories import make_submission
from tests.inquiries.patient import Browser, content_of, messages, newest_code, open_browser, stored

QUESTION = "MARKEDQUESTION: which plan do you have?"


def sent_to(*clinics: Clinic, **facts: Any) -> list[str]:
    """Commit a submission to these clinics, opened by each; return the references."""
    with writing() as session:
        given = [session.merge(clinic) for clinic in clinics]
        submission = make_submission(session, given, **facts)
        for inquiry in submission.inquiries:
            move(session, inquiry, InquiryState.OPENED, actor=Actor.CLINIC, now=utc_now())
        return [inquiry.reference for inquiry in submission.inquiries]


def clinic_says(reference: str, state: InquiryState, **details: Any) -> None:
    """Have the clinic take a step."""
    with writing() as session:
        inquiry = session.query(Inquiry).filter_by(reference=reference).one()
        move(
            session,
            inquiry,
            state,
            actor=Actor.CLINIC,
            now=utc_now(),
            details=Details(**details),
        )


def clinic_asks(reference: str) -> None:
    """Have the clinic ask something."""
    clinic_says(reference, InquiryState.NEEDS_INFORMATION, text=QUESTION)


def clinic_proposes(reference: str) -> list[datetime]:
    """Have the clinic propose two times; return them."""
    noon = utc_now().replace(minute=0, second=0, microsecond=0)
    times = [noon + timedelta(days=5), noon + timedelta(days=6, hours=2)]
    clinic_says(reference, InquiryState.TIMES_PROPOSED, times=tuple(times))
    return times


def status_link(kind: MessageKind = MessageKind.PATIENT_SENT) -> str:
    """Return the path of the link in the patient's latest email of a kind."""
    found = re.search(
        r"http://directory\.test((?:/es)?/inquiry/status/[\w-]{43})\s",
        content_of(messages(kind)[-1]).text,
    )
    assert found
    return found[1]


def show_everything(app: Flask) -> tuple[Browser, str]:
    """Open the link, ask for a code and type it; return the browser and the link."""
    browser, link = open_browser(app), status_link()
    browser.post(link)
    answer = browser.post(f"{link}/code", data={"code": newest_code()})
    assert (answer.status_code, answer.location) == (303, f"{link}/all")
    return browser, link


def checked(answer: TestResponse, status: int = 200) -> str:
    """Return a page after looking at what every page must have."""
    assert answer.status_code == status
    document = html5lib.parse(answer.text, namespaceHTMLElements=False)
    ids = [each.get("id") for each in document.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert len(document.findall(".//h1")) == 1
    labelled = {each.get("for") for each in document.iter("label")}
    fields = [each for name in ("input", "textarea", "select") for each in document.iter(name)]
    assert {each.get("id") for each in fields if each.get("type") != "hidden"} <= labelled
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.text


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found
    return found[1]


def inquiry_of(reference: str) -> Inquiry:
    """Return the inquiry as it is in the database now."""
    [found] = [each for each in stored(Inquiry) if each.reference == reference]
    return found
