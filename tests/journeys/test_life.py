"""The life of an inquiry in a real browser, in both languages."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, expect

from directory import create_app
from directory.config import PROJECT_FOLDER, Settings
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.inquiries.lifecycle.worker_actions import escalate_what_is_due
from directory.inquiries.models import Inquiry
from directory.outbox.models import OutboxMessage
from tests.browsing import SIZES
from tests.journeys.people import Mail, Patient, answer, open_as_clinic, press
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LANGUAGES = {"en": "", "es": "/es"}


@pytest.fixture(params=["phone"])
def size(request: pytest.FixtureRequest) -> str:
    """The pages are looked at in every size elsewhere."""
    assert request.param in SIZES
    return str(request.param)


@pytest.fixture(params=list(LANGUAGES))
def patient(request: pytest.FixtureRequest, page: Page, site: Site) -> Patient:
    """Somebody new who reads one of the languages."""
    name = f"{request.node.originalname.removeprefix('test_')}-{request.param}"[:60]
    mail = Mail(site.folder / "mailbox")
    return Patient(page, mail, f"{name}@example.org", LANGUAGES[request.param])


def sent(patient: Patient, *, others: int = 0, may_repeat: bool = False) -> list[str]:
    patient.choose()
    patient.go_to_review()
    patient.agree(others=others, may_repeat=may_repeat)
    return patient.send()


@contextmanager
def within(site: Site) -> Iterator[None]:
    """Be the site's own program, on its database."""
    app = create_app(Settings.from_environ({**os.environ, "INSTANCE_FOLDER": str(site.folder)}))
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def days_later(site: Site, days: int) -> None:
    """Do what the worker will do by then."""
    with within(site), writing() as session:
        escalate_what_is_due(session, utc_now() + timedelta(days=days))
        # The worker lives today, and would leave the emails of that day alone.
        session.execute(
            sa.update(OutboxMessage)
            .where(OutboxMessage.next_attempt_at > utc_now())
            .values(next_attempt_at=utc_now())
        )


def test_two_of_three_answer_and_one_is_chosen(
    patient: Patient, context: BrowserContext, site: Site
) -> None:
    first, second, third = sent(patient, others=2)
    page = patient.page
    html = page.locator("html").get_attribute("lang")
    assert html == ("es" if patient.prefix else "en")

    clinic = open_as_clinic(context, patient.mail, first, patient.prefix)
    expect(clinic.get_by_text("Marked answer: light hurts most.")).to_be_visible()
    day = (utc_now() + timedelta(days=9)).date().isoformat()
    answer(clinic, "times", first_day=day, first_clock="09:30")
    other = open_as_clinic(context, patient.mail, second, patient.prefix)
    answer(other, "question", question="Which plan do you have?")

    patient.wait_for_news(first)
    patient.wait_for_news(second)
    patient.open_status()
    expect(page.locator(patient.story(second))).to_contain_text("Which plan do you have?")
    press(page, f"{patient.story(first)} a[href$='/times']")
    page.locator("input[name=time]").first.check()
    press(page)
    calendar = patient.wait_for_news(first, besides=1)
    attached = [part.get_content_type() for part in calendar.iter_attachments()]
    assert attached == ["text/calendar"]
    press(page, f"{patient.story(first)} form[action$='/withdraw-others'] button")

    states = states_of(site, first, second, third)
    assert states == ["scheduled", "withdrawn", "withdrawn"]
    told = patient.mail.wait_for(patient.is_of_clinic(second), besides=2)
    assert "Marked answer" not in told.as_string()


def test_a_clinic_declines_and_the_next_nearest_is_asked(
    patient: Patient, context: BrowserContext, site: Site
) -> None:
    [reference] = sent(patient)
    clinic = open_as_clinic(context, patient.mail, reference, patient.prefix)
    answer(clinic, "decline", reason="full", decline_text="We are full until spring.")
    patient.wait_for_news(reference)
    patient.open_status()
    story = patient.page.locator(patient.story(reference))
    expect(story).to_contain_text("We are full until spring.")
    assert states_of(site, reference) == ["declined"]


def test_nobody_opens_it_and_the_patient_asks_another(patient: Patient, site: Site) -> None:
    [reference] = sent(patient)
    for days in (3, 5, 8):
        days_later(site, days)
    patient.mail.wait_for(patient.is_of_clinic(reference), besides=1)
    patient.wait_for_news(reference)
    patient.open_status()
    press(patient.page, f"{patient.story(reference)} form[action$='/ask'] button")
    asked = patient.page.locator("main section.card h2").count()
    assert asked == 2


def test_a_bounced_email_is_told_at_once(patient: Patient, site: Site) -> None:
    [reference] = sent(patient)
    invitation = patient.mail.wait_for(patient.is_of_clinic(reference))
    while states_of(site, reference) == ["sent"]:
        patient.page.wait_for_timeout(200)
    bounce(site, str(invitation["Message-ID"]))
    with within(site):
        has_second = db.session().scalar(
            sa.select(Inquiry.second_contact_at.is_not(None)).where(Inquiry.reference == reference)
        )
    if has_second:
        second = patient.mail.wait_for(
            patient.is_of_clinic(reference),
            besides=1,
        )
        bounce(site, str(second["Message-ID"]))
    patient.wait_for_news(reference)
    assert states_of(site, reference) == ["undeliverable"]


def test_it_is_asked_again_after_twelve_weeks(
    patient: Patient, context: BrowserContext, site: Site
) -> None:
    [reference] = sent(patient, may_repeat=True)
    clinic = open_as_clinic(context, patient.mail, reference, patient.prefix)
    answer(clinic, "accept", accept_text="Please call us for a time.")
    today = utc_now().astimezone(ZoneInfo("America/Chicago")).date()  # where the clinic is
    answer(clinic, "seen", seen_on=today.isoformat())
    days_later(site, 75)
    patient.wait_for_news(reference, besides=1)
    patient.open_status()
    press(patient.page, f"{patient.story(reference)} form[action$='/repeat'] button")
    if patient.page.locator("input[name=is_warned]").count():
        press(patient.page)
    expect(patient.page.locator("main")).to_contain_text("Marked answer: light hurts most.")
    patient.agree()
    [again] = patient.send()
    assert again != reference
    assert states_of(site, reference, again)[0] == "repeat-due"


def states_of(site: Site, *references: str) -> list[str]:
    with within(site):
        session = db.session()
        return [
            session.scalars(sa.select(Inquiry.state).where(Inquiry.reference == each)).one().value
            for each in references
        ]


def bounce(site: Site, message_id: str) -> None:
    """Hand in a report as a mail server does."""
    report = f"""From: MAILER-DAEMON@mail.example.org
To: no-reply@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain

This address does not exist.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; nobody@example.org
Action: failed
Status: 5.1.1

--part
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--part--
"""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "outbox", "bounce"],
        input=report.encode(),
        cwd=PROJECT_FOLDER,
        env={**os.environ, "INSTANCE_FOLDER": str(site.folder)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
