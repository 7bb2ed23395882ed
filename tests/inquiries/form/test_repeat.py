"""Asking again: another clinic nearby, or the same one after a treatment."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.care.answers import EarlierToxin, Reason, YesNo
from directory.clinics.models import Clinic
from directory.core.clock import utc_now
from directory.core.db.database import writing
from directory.core.errors import TooManyError
from directory.geo.points import Point
from directory.inquiries.drafts import Limits, TooManyClinicsError, fields_of
from directory.inquiries.form.repeat import asked_again, repeat_from
from directory.inquiries.lifecycle.notifications import answers_of, contact_of
from directory.inquiries.lifecycle.submit import Outgoing, add_inquiry, new_inquiry_ids
from directory.inquiries.lifecycle.transitions import move
from directory.inquiries.models import Inquiry, InquiryDraft
from directory.inquiries.nearby_clinics import clinics_near
from directory.inquiries.states import Actor, InquiryState
from directory.outbox.models import MessageKind
from directory.privacy.rowkeys import row_keys
from tests.factories import (
    CHICAGO,
    EVANSTON,
    make_answers,
    make_clinic,
    make_location,
    make_provider,
    make_submission,
)
from tests.inquiries.patient import messages, open_clinic, stored
from tests.inquiries.status.status_page import (
    checked,
    clinic_says,
    inquiry_of,
    sent_to,
    show_everything,
)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MILWAUKEE = Point(43.0389, -87.9065)
LIMITS = Limits(per_hour=10**6, per_day=10**6)


def clinic_at(session: Session, at: Point, **facts: object) -> Clinic:
    return make_clinic(session, make_location(session, make_provider(session), at=at), **facts)


def add(session: Session, inquiry: Inquiry, clinic: Clinic, *, limits: Limits = LIMITS) -> Inquiry:
    contact, answers = contact_of(inquiry), answers_of(inquiry)
    assert contact is not None
    assert answers is not None
    ids = new_inquiry_ids(1, now=NOW)
    outgoing = Outgoing(contact, answers, inquiry.email_digest, ids)
    return add_inquiry(session, inquiry.submission, clinic, None, outgoing, limits=limits, now=NOW)


def test_the_nearest_clinics_that_take_inquiries_come_first(app: Flask, session: Session) -> None:
    asked = clinic_at(session, EVANSTON)
    chicago = clinic_at(session, CHICAGO)
    nearest = clinic_at(session, EVANSTON)
    clinic_at(session, EVANSTON, email=None, email_confirmed_at=None)

    found = clinics_near(session, asked, but=[asked.id])

    assert [each.clinic.id for each in found] == [nearest.id, chicago.id]


def test_many_professionals_of_the_clinic_itself_hide_no_other(
    app: Flask, session: Session
) -> None:
    asked = clinic_at(session, EVANSTON)
    for _ in range(4):
        location = make_location(session, make_provider(session))
        make_clinic(session, location, email=None, email_confirmed_at=None)
    far = clinic_at(session, MILWAUKEE)

    assert [each.clinic.id for each in clinics_near(session, asked, but=[asked.id])] == [far.id]


def test_one_more_clinic_gets_a_copy_of_its_own(app: Flask, session: Session) -> None:
    first = make_submission(session, [make_clinic(session)], now=NOW).inquiries[0]
    clinic = make_clinic(session)

    added = [add(session, first, clinic) for _ in range(2)]

    assert added[0].id == added[1].id
    assert len(first.submission.inquiries) == 2
    assert (added[0].state, added[0].answers) == (InquiryState.SENT, first.answers)
    assert added[0].reference != first.reference


def test_three_clinics_can_answer_at_once(app: Flask, session: Session) -> None:
    clinics = [make_clinic(session) for _ in range(3)]
    first = make_submission(session, clinics, now=NOW).inquiries[0]
    another = make_clinic(session)
    with pytest.raises(TooManyClinicsError):
        add(session, first, another)

    move(session, first, InquiryState.WITHDRAWN, actor=Actor.PATIENT, now=NOW)

    assert add(session, first, another).clinic_id == another.id


def test_the_limit_of_a_day_holds_for_one_more_clinic(app: Flask, session: Session) -> None:
    first = make_submission(session, [make_clinic(session)], now=NOW).inquiries[0]

    with pytest.raises(TooManyError):
        add(session, first, make_clinic(session), limits=Limits(per_hour=1, per_day=0))


def test_a_dead_address_offers_the_next_clinic_in_one_press(app: Flask) -> None:
    clinic, other = open_clinic(), open_clinic()
    [reference] = sent_to(clinic)
    _is(reference, InquiryState.UNDELIVERABLE)
    browser, link = show_everything(app)
    page = checked(browser.get(f"{link}/all"))
    assert f"Send my answers to {other.name}" in page

    for _ in range(2):
        answer = browser.post(f"{link}/{reference}/ask", data={"clinic": other.public_id})

    added = stored(Inquiry)[-1]
    assert answer.location == f"{link}/all#{added.reference}"
    assert (len(stored(Inquiry)), added.clinic_id) == (2, other.id)
    assert messages(MessageKind.CLINIC_INQUIRY)[-1].recipient == other.email
    assert "You wrote to 2 clinics" in checked(browser.get(f"{link}/all"))


def test_a_clinic_that_stays_silent_is_replaced_only_once_the_patient_was_told(app: Flask) -> None:
    clinic, other = open_clinic(), open_clinic()
    [reference] = sent_to(clinic)
    _is(reference, InquiryState.HANDED_OFF)
    browser, link = show_everything(app)
    assert other.name not in browser.get(f"{link}/all").text

    _is(reference, InquiryState.HANDED_OFF, patient_told_at=utc_now())

    page = checked(browser.get(f"{link}/all"))
    assert other.name in page
    assert "Not opened by the clinic yet" in page


def test_without_another_clinic_the_page_gives_the_phone_number(app: Flask) -> None:
    [reference] = sent_to(open_clinic())
    _is(reference, InquiryState.UNDELIVERABLE)
    browser, link = show_everything(app)

    page = checked(browser.get(f"{link}/all"))

    assert "No other clinic near there takes inquiries here." in page
    assert "(847) 555-0142" in page


def test_a_clinic_that_takes_no_inquiries_is_not_written_to(app: Flask) -> None:
    clinic, other = open_clinic(), open_clinic(email=None, email_confirmed_at=None)
    [reference] = sent_to(clinic)
    browser, link = show_everything(app)

    answer = browser.post(f"{link}/{reference}/ask", data={"clinic": other.public_id})

    assert answer.status_code == 409
    assert "(847) 555-0142" in answer.text
    assert len(row_keys().names()) == 2  # of the draft and of the inquiry that were there before
    assert browser.post(f"{link}/{reference}/ask", data={"clinic": "x"}).status_code == 404


def test_a_repeat_asks_for_the_same_with_the_treatment_as_the_last_one() -> None:
    toxin = EarlierToxin(product="A", last_on=date(2025, 1, 1), units=155)
    answers = make_answers(earlier_toxin=toxin, toxin_elsewhere=YesNo.NO)

    again = asked_again(answers, date(2026, 8, 3))

    assert (again.reason, again.had_toxin) == (Reason.REPEAT, YesNo.YES)
    assert again.earlier_toxin == EarlierToxin(product="A", last_on=date(2026, 8, 3), units=155)
    assert (again.toxin_elsewhere, again.windows) == (None, ())
    assert (again.headache_days, again.message) == (answers.headache_days, answers.message)


def test_twelve_weeks_are_counted_from_the_treatment() -> None:
    assert repeat_from(Inquiry(treated_on=date(2026, 9, 1))) == date(2026, 11, 24)
    assert repeat_from(Inquiry(treated_on=None)) is None


def test_a_repeat_is_one_press_once_12_weeks_have_passed(app: Flask) -> None:
    clinic = open_clinic()
    reference = _treated(clinic, weeks_ago=12)
    browser, link = show_everything(app)

    answer = browser.post(f"{link}/{reference}/repeat")

    assert (answer.status_code, answer.location) == (303, "/inquiry/review")
    assert clinic.name in browser.get(answer.location, follow_redirects=True).text
    [draft] = stored(InquiryDraft)[1:]
    fields = fields_of(draft)
    assert [each.clinic_id for each in draft.clinics] == [clinic.id]
    assert fields["headaches"]["reason"] == ["repeat"]
    assert fields["treatment"]["toxin_last_on"] == [str(inquiry_of(reference).treated_on)]
    assert fields["practical"]["message"] == ["MARKEDANSWER: light hurts most."]


def test_an_early_repeat_warns_first_with_the_day(app: Flask) -> None:
    reference = _treated(open_clinic(), weeks_ago=11)
    browser, link = show_everything(app)
    url = f"{link}/{reference}/repeat"

    page = checked(browser.post(url))

    assert "This treatment is given about every 12 weeks" in page
    assert len(stored(InquiryDraft)) == 1
    assert browser.post(url, data={"is_warned": "y"}).location == "/inquiry/review"
    assert len(stored(InquiryDraft)) == 2


def test_what_is_not_completed_or_is_deleted_cannot_be_repeated(app: Flask) -> None:
    clinic = open_clinic()
    [reference] = sent_to(clinic)
    browser, link = show_everything(app)
    assert browser.post(f"{link}/{reference}/repeat").status_code == 409

    clinic_says(reference, InquiryState.ACCEPTED)
    clinic_says(reference, InquiryState.COMPLETED)
    browser.post(f"{link}/delete")

    assert browser.post(f"{link}/{reference}/repeat").status_code == 409
    assert len(stored(InquiryDraft)) == 1


def _is(reference: str, state: InquiryState, **facts: object) -> None:
    with writing() as session:
        inquiry = session.query(Inquiry).filter_by(reference=reference).one()
        for name, value in {"state": state, **facts}.items():
            setattr(inquiry, name, value)


def _treated(clinic: Clinic, *, weeks_ago: int) -> str:
    [reference] = sent_to(clinic)
    clinic_says(reference, InquiryState.ACCEPTED)
    clinic_says(reference, InquiryState.COMPLETED)
    treated_on = utc_now().date() - timedelta(weeks=weeks_ago, days=1)
    _is(reference, InquiryState.REPEAT_DUE, treated_on=treated_on)
    return reference
