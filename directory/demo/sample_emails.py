"""Every email that the product sends, made of invented data. Nothing is stored or sent."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import partial

from directory.care.answers import (
    AgeBand,
    Answers,
    Contact,
    Coverage,
    Diary,
    EarlierToxin,
    Helped,
    Length,
    Outcome,
    PainRelief,
    PartOfDay,
    Preventive,
    Reason,
    SafetyPoint,
    Told,
    TriedPreventive,
    Way,
    Window,
    YesNo,
)
from directory.clinics.emails import confirm_address, confirm_second_address
from directory.clinics.models import Clinic
from directory.inquiries import emails
from directory.inquiries.emails import ClinicNews, PatientNews
from directory.inquiries.lifecycle.appointment_ics import appointment_file, cancelling_file
from directory.inquiries.models import Inquiry, Submission
from directory.outbox.mail.content import Attachment, Content

LEVELS = (0, 1, 2)
_CANCELLING = (
    *(PatientNews.VISIT_WITHDRAWN, PatientNews.MOVED, PatientNews.CALLED_OFF),
    *(ClinicNews.VISIT_WITHDRAWN, ClinicNews.VISIT_ENDED),
)
_SENT_AT = datetime(2026, 11, 2, 14, 30, tzinfo=UTC)
_TAKEN = datetime(2026, 11, 12, 16, tzinfo=UTC)
_TOKEN = "a-token-of-the-demonstration"  # noqa: S105 - it opens nothing
_CODE = "104729"
_CONTACT = Contact(
    name="Robin Sampleton",
    email="robin.sampleton@example.org",
    phone="(847) 555-0119",
    way=Way.EITHER,
    part_of_day=PartOfDay.MORNING,
)
_ANSWERS = Answers(
    age_band=AgeBand.ADULT,
    zip_code="60201",
    reason=Reason.FIRST,
    told=(Told.CHRONIC_MIGRAINE,),
    headache_days=22,
    migraine_days=14,
    length=Length.FOUR_OR_MORE,
    over_three_months=YesNo.YES,
    diary=Diary.THREE_OR_MORE,
    pain_relief={PainRelief.TRIPTAN: 11},
    preventives=(
        TriedPreventive(
            Preventive.BETA_BLOCKER, "propranolol", "80 mg", 4, (Outcome.SIDE_EFFECTS,)
        ),
    ),
    had_toxin=YesNo.YES,
    earlier_toxin=EarlierToxin(last_on=date(2026, 6, 1), helped=Helped.A_LITTLE),
    safety=(SafetyPoint.NONE,),
    coverage=Coverage(insurer="Sample Mutual", has_referral=True),
    windows=(Window(date(2026, 11, 9), date(2026, 11, 20), PartOfDay.MORNING),),
    travel_miles=30,
    message="Light hurts most.\nI can come at short notice.",
)

Maker = Callable[[str], Content]


def samples() -> Mapping[str, Maker]:
    """Return by name what makes each email in a language."""
    found: dict[str, Maker] = {
        "patient-code": lambda language: emails.code_for_patient(_CODE, language=language),
        "patient-sent": lambda language: emails.sent(_inquiry(language).submission, _TOKEN),
    }
    for news in PatientNews:
        found[f"patient-{news.value}"] = partial(_to_patient, news)
    for level in LEVELS:
        found[f"clinic-inquiry-level-{level}"] = partial(_to_clinic, level)
    found["clinic-reminder"] = lambda language: emails.reminder(_inquiry(language), _TOKEN)
    found["clinic-second"] = lambda language: emails.second_contact(_inquiry(language), _TOKEN)
    for each in ClinicNews:
        found[f"clinic-{each.value}"] = partial(_news_to_clinic, each)
    found["clinic-code"] = lambda language: emails.code_for_clinic(_CODE, _inquiry(language))
    found["clinic-proof"] = lambda language: confirm_address(_clinic(language), _TOKEN)
    found["clinic-proof-second"] = lambda language: confirm_second_address(
        _clinic(language), _TOKEN
    )
    return found


def _to_patient(news: PatientNews, language: str) -> Content:
    inquiry = _inquiry(language)
    calendar = _calendar(inquiry, language, news)
    return emails.patient_news(inquiry, _TOKEN, news, calendar=calendar)


def _news_to_clinic(news: ClinicNews, language: str) -> Content:
    inquiry = _inquiry(language)
    calendar = _calendar(inquiry, language, news)
    return emails.clinic_news(inquiry, _TOKEN, news, calendar=calendar)


def _to_clinic(level: int, language: str) -> Content:
    return emails.new_inquiry(_inquiry(language, level=level), _TOKEN, _CONTACT, _ANSWERS)


def _calendar(inquiry: Inquiry, language: str, news: PatientNews | ClinicNews) -> Attachment | None:
    if news in (PatientNews.SCHEDULED, ClinicNews.SCHEDULED):
        return appointment_file(inquiry, _TAKEN, language=language, now=_SENT_AT)
    if news in _CANCELLING:
        return cancelling_file(inquiry, _TAKEN, language=language, now=_SENT_AT)
    return None


def _inquiry(language: str, *, level: int = 0) -> Inquiry:
    """Return an inquiry that is not stored."""
    return Inquiry(
        public_id="demonstration",
        reference="H7KM-2QXR",
        clinic=_clinic(language, level=level),
        submission=Submission(language=language, is_email_proven=True),
        sent_at=_SENT_AT,
    )


def _clinic(language: str, *, level: int = 0) -> Clinic:
    return Clinic(
        public_id="demonstration",
        name="Lakeshore Headache Clinic",
        line1="12 Sample St",
        city="Evanston",
        state="IL",
        zip_code="60201",
        languages=language,
        email_level=level,
        email_level_agreed_on=date(2026, 10, 1),
        tls_enforced_on=date(2026, 10, 1),
    )
