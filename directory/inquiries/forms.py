"""The inquiry form and the code: checked, and turned into values."""

from typing import Any

from email_validator import validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import (
    DataRequired,
    Email,
    InputRequired,
    Length,
    Optional,
    Regexp,
    ValidationError,
)

from directory.core.forms import ProtectedForm
from directory.core.text import digits, single_line, stripped
from directory.inquiries.answers import AgeBand, Answers, Contact, Reason
from directory.inquiries.questions import AGE_BANDS, CONSENT_EMERGENCY, CONSENT_SHARE, REASONS

_MOST_DAYS = 30


def _one_line(text: str | None) -> str | None:
    return single_line(text) if text is not None else None


def _plain_newlines(text: str | None) -> str | None:
    """Browsers send CRLF; a message of 1,000 characters counts each line break once."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip() if text is not None else None


class ContactForm(ProtectedForm):
    """Who asks. Defined first, because mistakes are listed in the order of definition."""

    form_id = HiddenField()
    website = StringField(_l("Leave this field empty"))  # seen by programs only
    patient_name = StringField(
        _l("Your name"),
        [DataRequired(_l("Enter your name.")), Length(max=100)],
        filters=[_one_line],
    )
    email = StringField(
        _l("Your email address"),
        [
            DataRequired(_l("Enter your email address.")),
            Length(max=254),
            Email(_l("Enter an email address like name@example.org.")),
        ],
        filters=[stripped],
    )
    phone = StringField(
        _l("Your phone number, if you like"),
        [
            Optional(),
            Length(max=30),
            Regexp(r"^[0-9+(). \-x]{7,30}$", message=_l("Enter a phone number of digits.")),
        ],
        filters=[stripped],
    )

    def validate_email(self, field: StringField) -> None:
        """Refuse what mail servers in use do not take: letters beyond ASCII before the @."""
        if not (field.data or "").rpartition("@")[0].isascii():
            raise ValidationError(_("Enter an email address like name@example.org."))

    def validate_website(self, field: StringField) -> None:
        """Refuse what only a program fills in."""
        if field.data:
            raise ValidationError(_("Leave this field empty and send the form again."))

    def contact(self) -> Contact:
        """Return who asks."""
        return Contact(
            self.data["patient_name"], _ascii_domain(self.data["email"]), self.data["phone"] or None
        )

    def show_contact(self, contact: Contact) -> None:
        """Fill the fields with what was given before."""
        self.patient_name.data = contact.name
        self.email.data = contact.email
        self.phone.data = contact.phone or ""


class AnswersForm(ProtectedForm):
    """The questions about headaches: also used for a summary to print and bring."""

    age_band = RadioField(
        _l("Your age"),
        [InputRequired(_l("Choose your age group."))],
        choices=[SelectChoice(value.value, label) for value, label in AGE_BANDS.items()],
    )
    zip_code = StringField(
        _l("Your ZIP code"),
        [
            DataRequired(_l("Enter your ZIP code.")),
            Regexp(
                r"^[0-9]{5}(-?[0-9]{4})?$", message=_l("Enter a ZIP code of 5 digits, like 60201.")
            ),
        ],
        filters=[stripped],
    )
    reason = RadioField(
        _l("What are you looking for?"),
        [InputRequired(_l("Choose what you are looking for."))],
        choices=[SelectChoice(value.value, label) for value, label in REASONS.items()],
    )
    headache_days = StringField(
        _l("On how many of the last 30 days did you have a headache?"), filters=[stripped]
    )
    headache_days_unsure = BooleanField(_l("I am not sure"))
    migraine_days = StringField(
        _l("On how many of those days did it feel like migraine?"), filters=[stripped]
    )
    migraine_days_unsure = BooleanField(_l("I am not sure"))
    message = TextAreaField(
        _l("Anything else the clinic should know?"),
        [Length(max=1000, message=_l("Shorten your message to 1,000 characters."))],
        filters=[_plain_newlines],
    )

    def validate_headache_days(self, field: StringField) -> None:
        """Ask for a number of days, or for the tick that says unsure."""
        _check_days(field.data, unsure=self.headache_days_unsure.data)

    def validate_migraine_days(self, field: StringField) -> None:
        """Ask for no more days than there are headache days."""
        _check_days(field.data, unsure=self.migraine_days_unsure.data)
        migraine, headache = self._days("migraine"), self._days("headache")
        if migraine is not None and headache is not None and migraine > headache:
            raise ValidationError(_("Enter no more migraine days than headache days."))

    def answers(self) -> Answers:
        """Return the checked answers."""
        return Answers(
            age_band=AgeBand(self.data["age_band"]),
            zip_code=digits(self.data["zip_code"])[:5],
            reason=Reason(self.data["reason"]),
            headache_days=self._days("headache"),
            migraine_days=self._days("migraine"),
            message=self.data["message"] or "",
        )

    def show_answers(self, answers: Answers) -> None:
        """Fill the fields with what was answered before."""
        self.age_band.data = answers.age_band.value
        self.zip_code.data = answers.zip_code
        self.reason.data = answers.reason.value
        for name in ("headache", "migraine"):
            days = getattr(answers, f"{name}_days")
            self[f"{name}_days"].data = "" if days is None else str(days)
            self[f"{name}_days_unsure"].data = days is None
        self.message.data = answers.message

    def _days(self, name: str) -> int | None:
        """Return the days, or None when the patient is unsure or the field is not a number."""
        text: str = self[f"{name}_days"].data or ""
        if self[f"{name}_days_unsure"].data or not _is_number(text):
            return None
        return int(text)


class InquiryForm(ContactForm, AnswersForm):
    """The whole inquiry on one page."""

    consent_share = BooleanField(
        CONSENT_SHARE, [InputRequired(_l("Tick this if the clinic may read your answers."))]
    )
    consent_emergency = BooleanField(CONSENT_EMERGENCY, [InputRequired(_l("Tick this to go on."))])


class CodeForm(ProtectedForm):
    """Six digits from an email."""

    code = StringField(
        _l("The six digits from the email"),
        [
            DataRequired(_l("Enter the six digits.")),
            Regexp(r"^[0-9]{6}$", message=_l("The code has six digits.")),
        ],
        filters=[lambda text: digits(text) if text is not None else None],
    )

    def refuse(self, reason: Any) -> None:
        """Say at the field why the code does not open anything."""
        self.code.errors = [*self.code.errors, reason]


class ButtonForm(ProtectedForm):
    """A button and nothing else."""


def _ascii_domain(address: str) -> str:
    """Return the address with its domain as mail servers write it."""
    found = validate_email(address, check_deliverability=False, test_environment=True)
    return found.ascii_email or address


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3


def _check_days(text: str | None, *, unsure: bool) -> None:
    if unsure:
        return
    if not text:
        raise ValidationError(_("Enter the number of days, or tick that you are not sure."))
    if not _is_number(text) or int(text) > _MOST_DAYS:
        raise ValidationError(_("Enter a whole number from 0 to 30."))
