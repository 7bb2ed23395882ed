"""What is written with a step: a question, times, a reason. Sealed with the inquiry's own key.

Nothing of it may appear in a log, so none of these shows its content.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l


class DeclineReason(enum.StrEnum):
    """Why a clinic does not take a patient."""

    NOT_OFFERED = "not-offered"  # it does not give this treatment
    FULL = "full"  # no new patients
    INSURANCE = "insurance"
    REFERRAL_NEEDED = "referral-needed"
    OTHER_CARE = "other-care"  # another kind of care fits better
    AGE = "age"
    OTHER = "other"


# In the words that both sides read.
DECLINE_REASON: Mapping[Any, Any] = {
    DeclineReason.NOT_OFFERED: _l("We do not give this treatment"),
    DeclineReason.FULL: _l("We take no new patients at the moment"),
    DeclineReason.INSURANCE: _l("We do not take this insurance"),
    DeclineReason.REFERRAL_NEEDED: _l("We need a referral first"),
    DeclineReason.OTHER_CARE: _l("Another kind of care should come first"),
    DeclineReason.AGE: _l("We do not see patients of this age"),
    DeclineReason.OTHER: _l("Another reason"),
}


@dataclass(frozen=True, repr=False)
class Details:
    """What goes with one step; which fields are filled depends on the step."""

    text: str = ""  # the question, the reply, a sentence with any answer
    times: tuple[datetime, ...] = ()  # proposed, in UTC; or the one that was taken
    reason: DeclineReason | None = None
    other_clinic: str = ""  # whom the clinic names instead
