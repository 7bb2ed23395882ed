"""The words of the questions and of their choices, in one place."""

from flask_babel import lazy_gettext as _l

from directory.inquiries.answers import AgeBand, Reason

# Name a new version whenever the words of the two consents change.
CONSENT_VERSION = "2026-11"
CONSENT_SHARE = _l("Share these answers with the clinic named above, so that it can answer me.")
CONSENT_EMERGENCY = _l("I understand that this is not for emergencies.")

AGE_BANDS = {
    AgeBand.UNDER_18: _l("Under 18"),
    AgeBand.ADULT: _l("18 to 64"),
    AgeBand.OLDER: _l("65 or over"),
}

REASONS = {
    Reason.FIRST: _l("A first assessment"),
    Reason.CONTINUE: _l("To continue a treatment I have begun elsewhere"),
    Reason.REPEAT: _l("To repeat a treatment"),
    Reason.SECOND_OPINION: _l("A second opinion"),
}
