"""Emails about inquiries. What an email may hold is decided here and nowhere else.

At the default level a clinic's email holds a reference, a time and a link: no name, no
health word. Level 1 adds how to reach the person who asks, level 2 all answers, each only as
far as `effective_level` allows. The directory's own name may hold a health word, so emails do
not bear it. A patient's email never says which clinic, or what for: somebody else may see the
screen.
"""

import enum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from directory.care.answers import Answers, Contact
from directory.clinics.email_levels import effective_level
from directory.clinics.emails import clinic_language
from directory.clinics.local_time import clinic_zone, local_text
from directory.core.http import public_url
from directory.core.translations import in_language
from directory.inquiries.models import Inquiry, Submission
from directory.inquiries.presentation.clinic_summary import Section, view_of
from directory.outbox.mail.content import Attachment, Content
from directory.outbox.mail.templates import rendered


class PatientNews(enum.StrEnum):
    """What a patient is told."""

    QUESTION = "question"  # the clinic has asked something
    TIMES = "times"  # it proposes times
    WAIT_LIST = "wait-list"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    SCHEDULED = "scheduled"  # a time is settled; the calendar file is attached
    NOT_OPENED = "not-opened"  # the clinic has not opened it in time
    UNDELIVERABLE = "undeliverable"  # no address of the clinic takes our email
    EXPIRED = "expired"
    REPEAT_DUE = "repeat-due"
    # A settled time no longer holds; the file that takes it out of a calendar is attached.
    VISIT_WITHDRAWN = "visit-withdrawn"  # the patient has withdrawn
    MOVED = "moved"  # the clinic proposes other times
    CALLED_OFF = "called-off"  # the clinic cannot keep it


class ClinicNews(enum.StrEnum):
    """What a clinic is told after the inquiry itself."""

    REPLY = "reply"  # the patient has answered a question, or wants other times
    SCHEDULED = "scheduled"
    WITHDRAWN = "withdrawn"
    # A settled time no longer holds; the file that takes it out of a calendar is attached.
    VISIT_WITHDRAWN = "visit-withdrawn"  # the patient has withdrawn
    VISIT_ENDED = "visit-ended"  # the clinic itself has said so


# A heading, which is the subject too, and a paragraph. None of them says "clinic".
_PATIENT_WORDS = {
    PatientNews.QUESTION: (
        _l("You have been asked a question"),
        _l("Read it on your page and answer there. Your inquiry waits until you do."),
    ),
    PatientNews.TIMES: (
        _l("Times have been proposed to you"),
        _l("Choose one on your page, or say that none of them fits."),
    ),
    PatientNews.WAIT_LIST: (
        _l("Your inquiry is on a wait list"),
        _l("Your page says more. You can go on waiting, or ask elsewhere as well."),
    ),
    PatientNews.ACCEPTED: (
        _l("Your inquiry has been accepted"),
        _l(
            "Your page says what comes next. If you asked elsewhere as well, you can withdraw "
            "those inquiries there."
        ),
    ),
    PatientNews.DECLINED: (
        _l("Your inquiry cannot be taken up"),
        _l("Your page says why, and shows where else you can ask with the same answers."),
    ),
    PatientNews.SCHEDULED: (
        _l("Your time is settled"),
        _l("The file with this email puts it into your calendar. Your page shows it, too."),
    ),
    PatientNews.NOT_OPENED: (
        _l("Your inquiry has not been opened yet"),
        _l(
            "We have sent a reminder. You can go on waiting, or look at your page: it has the "
            "phone number, and shows where else you can ask with the same answers."
        ),
    ),
    PatientNews.UNDELIVERABLE: (
        _l("Your inquiry could not be delivered"),
        _l(
            "Nobody there has received it. Your page has the phone number, and shows where else "
            "you can ask with the same answers."
        ),
    ),
    PatientNews.EXPIRED: (
        _l("Your inquiry has ended"),
        _l("Nothing had happened for a long time. You can send a new one whenever you like."),
    ),
    PatientNews.REPEAT_DUE: (
        _l("It may be time for your next visit"),
        _l(
            "Your answers are still here, as you asked. On your page you can look through them "
            "and send them again."
        ),
    ),
    PatientNews.VISIT_WITHDRAWN: (
        _l("Your time is cancelled"),
        _l(
            "You have withdrawn your inquiry. The file with this email takes the time out of "
            "your calendar."
        ),
    ),
    PatientNews.MOVED: (
        _l("Your time has to be moved"),
        _l(
            "The time that was settled no longer holds, and others have been proposed. Choose one "
            "on your page. The file with this email takes the old time out of your calendar."
        ),
    ),
    PatientNews.CALLED_OFF: (
        _l("Your time is cancelled"),
        _l(
            "Your page says why, and shows where else you can ask with the same answers. The file "
            "with this email takes the time out of your calendar."
        ),
    ),
}
_CLINIC_WORDS = {
    ClinicNews.REPLY: (
        _l("There is a reply for you"),
        _l("The person who asks has answered. Read it on the page and say what comes next."),
    ),
    ClinicNews.SCHEDULED: (
        _l("A time is settled"),
        _l("One of the times that you proposed has been taken. The calendar file is attached."),
    ),
    ClinicNews.WITHDRAWN: (
        _l("An inquiry has been withdrawn"),
        _l("You need not answer any more. Nothing else is asked of you."),
    ),
    ClinicNews.VISIT_WITHDRAWN: (
        _l("An appointment is cancelled"),
        _l(
            "The person who had taken the time has withdrawn. The calendar file that is attached "
            "takes it out of your calendar. You need not answer."
        ),
    ),
    ClinicNews.VISIT_ENDED: (
        _l("An appointment is cancelled"),
        _l(
            "Your clinic has declined, or proposed other times. The calendar file that is attached "
            "takes the old time out of your calendar."
        ),
    ),
}


def code_for_patient(code: str, *, language: str) -> Content:
    """The code that proves a patient's address."""
    return rendered("patient_code", language=language, code=code)


def sent(submission: Submission, token: str) -> Content:
    """Tell the patient that it is on its way, with the link to its status."""
    language = submission.language
    return rendered(
        "patient_sent",
        language=language,
        references=[inquiry.reference for inquiry in submission.inquiries],
        is_email_proven=submission.is_email_proven,
        link=public_url("status.door", language=language, token=token),
    )


def patient_news(
    inquiry: Inquiry, token: str, news: PatientNews, *, calendar: Attachment | None = None
) -> Content:
    """Tell the patient that something has changed, in words that say nothing of health."""
    language = inquiry.submission.language
    title, text = _PATIENT_WORDS[news]
    return rendered(
        "patient_news",
        language=language,
        attachment=calendar,
        title=title,
        text=text,
        reference=inquiry.reference,
        link=public_url("status.door", language=language, token=token),
    )


def new_inquiry(
    inquiry: Inquiry, token: str, contact: Contact | None, answers: Answers | None
) -> Content:
    """Tell a clinic that an inquiry waits. Nothing happens on opening the link."""
    level = effective_level(inquiry.clinic) if contact and answers else 0
    reply_to = None
    if level > 0 and contact is not None and contact.email.isascii():
        reply_to = contact.email
    return rendered(
        "clinic_inquiry",
        reply_to=reply_to,
        takes_replies=reply_to is not None,
        sections=_sections(inquiry, contact, answers, level),
        **_to_clinic(inquiry, token),
    )


def reminder(inquiry: Inquiry, token: str) -> Content:
    """Remind a clinic of an inquiry that nobody has opened."""
    return rendered("clinic_reminder", **_to_clinic(inquiry, token))


def second_contact(inquiry: Inquiry, token: str) -> Content:
    """Tell the clinic's second contact that an inquiry waits."""
    return rendered("clinic_second", **_to_clinic(inquiry, token))


def clinic_news(
    inquiry: Inquiry, token: str, news: ClinicNews, *, calendar: Attachment | None = None
) -> Content:
    """Tell a clinic what the patient has done."""
    title, text = _CLINIC_WORDS[news]
    return rendered(
        "clinic_news",
        attachment=calendar,
        title=title,
        text=text,
        **_to_clinic(inquiry, token),
    )


def code_for_clinic(code: str, inquiry: Inquiry) -> Content:
    """The code that opens an inquiry in the browser that asked for it."""
    return rendered(
        "clinic_code",
        language=clinic_language(inquiry.clinic),
        code=code,
        reference=inquiry.reference,
    )


def _to_clinic(inquiry: Inquiry, token: str) -> dict[str, Any]:
    language = clinic_language(inquiry.clinic)
    with in_language(language):
        sent = local_text(inquiry.sent_at, clinic_zone(inquiry.clinic))
    return {
        "language": language,
        "reference": inquiry.reference,
        "sent": sent,
        "link": public_url("portal.door", language=language, token=token),
    }


def _sections(
    inquiry: Inquiry, contact: Contact | None, answers: Answers | None, level: int
) -> list[Section]:
    """Return what stands in the email besides reference, time and link."""
    if level < 1 or contact is None or answers is None:
        return []
    today = inquiry.sent_at.astimezone(clinic_zone(inquiry.clinic)).date()
    with in_language(clinic_language(inquiry.clinic)):
        view = view_of(inquiry, contact, answers, today=today)
        # Not "the patient": at level 1 no word may hint at health.
        title = _("How to reach the person who asks")
        is_proven = inquiry.submission.is_email_proven
        notes = () if is_proven else (_("Nobody has confirmed this email address."),)
        reach = Section(title, view.contact.facts, notes)
        others = [each for each in view.sections() if each is not view.contact]
        return [*others, reach] if level > 1 else [reach]
