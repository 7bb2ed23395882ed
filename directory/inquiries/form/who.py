"""Who asks, for whom, and how to reach them: the first step."""

from typing import Any

from email_validator import validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField
from wtforms.fields.choices import RadioField, SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import (
    DataRequired,
    Email,
    InputRequired,
    Length,
    Optional,
    Regexp,
    ValidationError,
)

from directory.care.answers import AgeBand, Contact, Language, PartOfDay, Way
from directory.care.questions import AGE_BAND, LANGUAGE, PART_OF_DAY, WAY
from directory.core.forms import ProtectedForm
from directory.core.text import digits, stripped
from directory.inquiries.form.fields import line, one_of

MYSELF, OTHER = "myself", "other"
_NO_EMAIL = _l("Enter an email address like name@example.org.")


class WhoForm(ProtectedForm):
    """Mistakes are listed in the order of these fields."""

    asks_for = RadioField(
        _l("Who is this inquiry for?"),
        [InputRequired(_l("Choose who this inquiry is for."))],
        choices=[
            SelectChoice(MYSELF, _l("For myself")),
            SelectChoice(OTHER, _l("For someone else")),
        ],
    )
    relationship = line(_l("If for someone else: who are you to them?"), 60)
    may_ask = BooleanField(_l("I am allowed to ask and to share health answers for them."))
    age_band = one_of(AGE_BAND)
    zip_code = StringField(
        _l("ZIP code where they live"),
        [
            DataRequired(_l("Enter a ZIP code.")),
            Regexp(
                r"^[0-9]{5}(-?[0-9]{4})?$", message=_l("Enter a ZIP code of 5 digits, like 60201.")
            ),
        ],
        filters=[stripped],
    )
    patient_name = line(_l("Your name"), 100, DataRequired(_l("Enter your name.")))
    email = StringField(
        _l("Your email address"),
        [
            DataRequired(_l("Enter your email address.")),
            Length(max=254, message=_NO_EMAIL),
            Email(_NO_EMAIL),
        ],
        filters=[stripped],
    )
    phone = StringField(
        _l("Your phone number, if you like"),
        [
            Optional(),
            Length(max=30, message=_l("Shorten this to %(max)d characters.")),
            Regexp(r"^[0-9+(). \-x]{7,30}$", message=_l("Enter a phone number of digits.")),
        ],
        filters=[stripped],
    )
    way = one_of(WAY, default=Way.EMAIL)
    part_of_day = one_of(PART_OF_DAY, default=PartOfDay.ANY)
    language = one_of(LANGUAGE, default=Language.ENGLISH)
    other_language = line(_l("If another language: which one?"), 60)
    needs_interpreter = BooleanField(_l("I need an interpreter, sign language included"))

    def validate_asks_for(self, field: RadioField) -> None:
        """Let a guardian go on for somebody under 18."""
        if field.data == MYSELF and self.age_band.data == AgeBand.UNDER_18:
            raise ValidationError(
                _(
                    "The treatment is licensed for adults. A parent or guardian can send this: "
                    "choose “For someone else”."
                )
            )

    def validate_relationship(self, field: StringField) -> None:
        """Ask who writes for somebody else."""
        if self.asks_for.data == OTHER and not field.data:
            raise ValidationError(_("Enter who you are to them, for example mother or partner."))

    def validate_may_ask(self, field: BooleanField) -> None:
        """Ask whether somebody else may share these answers."""
        if self.asks_for.data == OTHER and not field.data:
            raise ValidationError(_("Tick this if you are allowed to ask for them."))

    def validate_email(self, field: StringField) -> None:
        """Refuse what mail servers in use do not take: letters beyond ASCII before the @."""
        if not (field.data or "").rpartition("@")[0].isascii():
            raise ValidationError(_("Enter an email address like name@example.org."))

    def validate_way(self, field: RadioField) -> None:
        """Ask for a number when the clinic is to call."""
        if field.data == Way.PHONE and not self.phone.data:
            raise ValidationError(_("Enter a phone number above, or choose another way."))

    def validate_other_language(self, field: StringField) -> None:
        """Ask which other language it is."""
        if self.language.data == Language.OTHER and not field.data:
            raise ValidationError(_("Enter the language."))

    def contact(self) -> Contact:
        """Return who asks, once the form is valid."""
        given = self.data
        is_other = given["language"] == Language.OTHER
        return Contact(
            name=given["patient_name"],
            email=_ascii_domain(given["email"]),
            phone=given["phone"] or None,
            relationship=given["relationship"] if given["asks_for"] == OTHER else None,
            way=given["way"],
            part_of_day=given["part_of_day"],
            language=given["language"],
            other_language=(given["other_language"] or "") if is_other else "",
            needs_interpreter=given["needs_interpreter"],
        )

    def answers(self) -> dict[str, Any]:
        """Return what this step says of `Answers`, once the form is valid."""
        given = self.data
        return {"age_band": given["age_band"], "zip_code": digits(given["zip_code"])[:5]}


class FirstForm(WhoForm):
    """The first step as it begins a draft: it also tells people from programs."""

    form_id = HiddenField()
    website = StringField(_l("Leave this field empty"))  # seen by programs only


def _ascii_domain(address: str) -> str:
    """Return the address with its domain as mail servers write it."""
    found = validate_email(address, check_deliverability=False, test_environment=True)
    return found.ascii_email or address
