"""Facts of a professional as pages show them, each with its source and date."""

from dataclasses import dataclass
from datetime import date

from directory.providers.models import LicenseStatus, Source


@dataclass(frozen=True)
class LicenseFact:
    """A license as it is shown: the status only where a state file gave it."""

    state: str
    number: str
    status: LicenseStatus | None
    status_checked_on: date | None
    status_gone_on: date | None
    expires_on: date | None
    has_board_action: bool | None
    source: Source
    as_of: date


@dataclass(frozen=True)
class AnswerRecord:
    """How a clinic has answered inquiries so far."""

    received: int
    answered: int
    minutes: int | None  # median time to an answer
