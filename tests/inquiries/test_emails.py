"""What emails say, and what they never say."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from directory.care.answers import SafetyPoint, Told
from directory.clinics.models import Clinic
from directory.inquiries import emails
from directory.inquiries.emails import ClinicNews, PatientNews
from directory.inquiries.lifecycle.notifications import answers_of, contact_of
from directory.inquiries.models import Inquiry
from directory.outbox.mail.content import Attachment, Content
from tests.factories import make_answers, make_clinic, make_contact, make_inquiry

CALENDAR = Attachment("time.ics", "text/calendar; method=PUBLISH", "BEGIN:VCALENDAR\r\n")
AGREED = {
    "email_level_agreed_on": date(2026, 10, 1),
    "email_level_agreed_by": "Office of the clinic",
    "tls_enforced_on": date(2026, 10, 1),
}
HEALTH_WORDS = re.compile(
    r"(?i)headache|migraine|botox|toxin|botul|inject|treat|patient|doctor|physician|clinician|"
    r"health|symptom|diagnos|medic|therap|pain|nausea|allerg|pregnan|insur|disease|illness|nurse|"
    r"migraña|cefale|dolor|cabeza|inyec|tratamiento|paciente|médic|salud|síntoma|enferm|alerg|"
    r"embaraz|seguro médico|terapia"
)
MARKS = re.compile(r"(?i)marked|60201|847\) ?555|lakeshore|evanston|sample st")
TO_CLINICS = {
    "inquiry": lambda inquiry: emails.new_inquiry(
        inquiry, "token", contact_of(inquiry), answers_of(inquiry)
    ),
    "reminder": lambda inquiry: emails.reminder(inquiry, "token"),
    "second": lambda inquiry: emails.second_contact(inquiry, "token"),
    "code": lambda inquiry: emails.code_for_clinic("123456", inquiry),
    **{
        news.value: lambda inquiry, news=news: emails.clinic_news(inquiry, "token", news)
        for news in ClinicNews
    },
}
TO_PATIENTS = {
    "code": lambda inquiry: emails.code_for_patient("123456", language=inquiry.submission.language),
    "sent": lambda inquiry: emails.sent(inquiry.submission, "token"),
    **{
        news.value: lambda inquiry, news=news: emails.patient_news(inquiry, "token", news)
        for news in PatientNews
    },
}


def inquiry_in(session: Session, language: str, **facts: object) -> Inquiry:
    clinic = make_clinic(session, languages=language, **facts)
    contact = make_contact(phone="(847) 555-0199")
    return make_inquiry(session, clinic, contact=contact, language=language)


def words_of(content: Content) -> str:
    """Return what people see: everything but our own links and the styles."""
    text = f"{content.subject}\n{content.text}\n{re.sub('<[^>]*>', ' ', content.html)}"
    return text.replace("http://directory.test", "")


def new_inquiry(session: Session, level: int, **facts: object) -> Content:
    inquiry = inquiry_in(session, "en", email_level=level, **{**AGREED, **facts})
    return TO_CLINICS["inquiry"](inquiry)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", TO_CLINICS)
def test_an_email_to_a_clinic_says_nothing_of_health_or_of_anybody(
    session, name: str, language: str
) -> None:
    content = TO_CLINICS[name](inquiry_in(session, language))
    assert not HEALTH_WORDS.search(words_of(content))
    assert not MARKS.search(words_of(content))
    assert (content.language, content.reply_to) == (language, None)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", TO_PATIENTS)
def test_an_email_to_a_patient_says_neither_where_nor_what_for(
    session, name: str, language: str
) -> None:
    content = TO_PATIENTS[name](inquiry_in(session, language))
    assert not HEALTH_WORDS.search(words_of(content))
    assert not MARKS.search(words_of(content))
    assert not re.search(r"(?i)clinic|clínica|consultorio", words_of(content))
    assert content.language == language


@pytest.mark.parametrize("make", [*TO_CLINICS.values(), *TO_PATIENTS.values()])
def test_every_email_has_a_reference_or_a_code_and_links_of_ours_only(session, make) -> None:
    inquiry = inquiry_in(session, "es")
    content = make(inquiry)
    assert inquiry.reference in content.subject + content.text or "123456" in content.subject
    links = re.findall(r"https?://[^\s\"<>]+", content.text + content.html)
    assert all(link.startswith("http://directory.test/es/") for link in links)
    assert "<img" not in content.html
    assert 'lang="es"' in content.html


@pytest.mark.parametrize("make", [*TO_CLINICS.values(), *TO_PATIENTS.values()])
def test_text_and_html_say_the_same_without_a_gap(session, make) -> None:
    content = make(inquiry_in(session, "en", email_level=2, **AGREED))
    assert "\n\n\n" not in content.text
    html = re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", content.html))
    for line in filter(None, map(str.strip, content.text.splitlines())):
        wanted = line.replace("\xa0", " ").removeprefix("- ").replace("'", "&#39;").replace(":", "")
        assert wanted in html.replace(":", "").replace("  ", " ") or line.endswith(":"), line


def test_level_1_holds_how_to_reach_the_person_and_nothing_of_health(session) -> None:
    content = new_inquiry(session, 1)
    for mark in ("Jo Markedname", "markedmail@example.org", "(847) 555-0199", "by email"):
        assert mark in content.text
        assert mark in content.html
    assert content.reply_to == "markedmail@example.org"
    assert "MARKEDANSWER" not in content.text + content.html
    assert "60201" not in content.text + content.html
    assert not HEALTH_WORDS.search(words_of(content))


def test_level_2_holds_all_answers(session) -> None:
    clinic = make_clinic(session, email_level=2, **AGREED)
    answers = make_answers(safety=(SafetyPoint.ALLERGY,), told=(Told.MIGRAINE,), travel_miles=31)
    content = TO_CLINICS["inquiry"](make_inquiry(session, clinic, answers=answers))
    for mark in ("MARKEDANSWER", "22", "allergy", "31 miles", "Jo Markedname"):
        assert mark in content.text
        assert mark in content.html
    assert not HEALTH_WORDS.search(content.subject)
    assert "Markedname" not in content.subject


def test_level_2_speaks_the_clinics_language(session) -> None:
    inquiry = inquiry_in(session, "es", email_level=2, **AGREED)
    assert TO_CLINICS["inquiry"](inquiry).language == "es"


@pytest.mark.parametrize("missing", ["tls_enforced_on", "email_level_agreed_on"])
def test_without_agreement_or_enforced_tls_every_level_is_0(session, missing: str) -> None:
    clinic = make_clinic(session)
    facts = {**AGREED, "email_level": 2, missing: None}
    inquiry = make_inquiry(session, clinic)
    with session.no_autoflush:
        for name, value in facts.items():
            setattr(clinic, name, value)
        content = TO_CLINICS["inquiry"](inquiry)
    assert content.reply_to is None
    assert not MARKS.search(words_of(content))


def test_what_a_patient_wrote_stays_text(session) -> None:
    clinic = make_clinic(session, email_level=2, **AGREED)
    message = "<script>x</script>\nRead it here:\nhttp://evil.example"
    content = TO_CLINICS["inquiry"](
        make_inquiry(session, clinic, answers=make_answers(message=message))
    )
    assert "<script>" not in content.html
    # A line of theirs never looks like a line of ours.
    assert not re.search(r"(?m)^http://evil", content.text)


def test_an_address_outside_ascii_is_shown_but_not_replied_to(session) -> None:
    clinic = make_clinic(session, email_level=1, **AGREED)
    inquiry = make_inquiry(session, clinic)
    contact = make_contact(email="josé@example.org")
    content = emails.new_inquiry(inquiry, "token", contact, make_answers())
    assert content.reply_to is None
    assert "josé@example.org" in content.text


def test_a_calendar_file_goes_with_the_news_of_a_time(session) -> None:
    inquiry = inquiry_in(session, "en")
    to_patient = emails.patient_news(inquiry, "t", PatientNews.SCHEDULED, calendar=CALENDAR)
    to_clinic = emails.clinic_news(inquiry, "t", ClinicNews.SCHEDULED, calendar=CALENDAR)
    assert to_patient.attachment == to_clinic.attachment == CALENDAR


@pytest.mark.parametrize(
    ("languages", "expected"),
    [("en,es", "en"), ("es,en", "es"), ("zh,es,en", "es"), ("fr", "en"), ("", "en")],
)
def test_a_clinic_is_written_to_in_the_first_of_its_languages_that_we_speak(
    session, languages: str, expected: str
) -> None:
    clinic: Clinic = make_clinic(session, languages=languages)
    assert emails.clinic_language(clinic) == expected


@pytest.mark.parametrize(
    ("language", "sent"),
    [
        ("en", "Sent: November 2, 2026, 8:30 AM CST"),
        ("es", "2 de noviembre de 2026, 8:30 a.m. CST"),
    ],
)
@pytest.mark.parametrize("name", ["inquiry", "reminder", "second"])
def test_a_clinic_reads_the_time_of_its_own_clock(
    session, name: str, language: str, sent: str
) -> None:
    inquiry = inquiry_in(session, language)
    inquiry.sent_at = datetime(2026, 11, 2, 14, 30, tzinfo=UTC)
    content = TO_CLINICS[name](inquiry)
    assert sent in content.text.replace("\xa0", " ")
    assert "UTC" not in content.text


def test_an_address_that_nobody_proved_is_told_how_to_withdraw(session) -> None:
    inquiry = inquiry_in(session, "en")
    assert "by mistake" not in TO_PATIENTS["sent"](inquiry).text
    inquiry.submission.is_email_proven = False
    assert "by mistake" in TO_PATIENTS["sent"](inquiry).text


@pytest.mark.parametrize("level", [1, 2])
def test_a_clinic_is_told_when_nobody_proved_the_address(session, level: int) -> None:
    inquiry = inquiry_in(session, "en", email_level=level, **AGREED)
    words = "Nobody has confirmed this email address."
    assert words not in TO_CLINICS["inquiry"](inquiry).text
    inquiry.submission.is_email_proven = False
    content = TO_CLINICS["inquiry"](inquiry)
    assert words in content.text
    assert words in content.html
