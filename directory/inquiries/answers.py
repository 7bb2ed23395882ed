"""What a patient filled in: plain values, and the JSON that is sealed."""

import enum
import json
from dataclasses import asdict, dataclass


class AgeBand(enum.StrEnum):
    """Never a date of birth."""

    UNDER_18 = "under-18"
    ADULT = "18-64"
    OLDER = "65-or-over"


class Reason(enum.StrEnum):
    """What the patient asks for."""

    FIRST = "first"
    CONTINUE = "continue"
    REPEAT = "repeat"
    SECOND_OPINION = "second-opinion"


@dataclass(frozen=True)
class Contact:
    """Who asks, and how to reach them."""

    name: str
    email: str
    phone: str | None

    def __repr__(self) -> str:
        return "Contact(...)"  # never in a log or a traceback

    def to_json(self) -> str:
        """Return the text that is sealed."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Contact":
        """Read what was sealed."""
        return cls(**json.loads(text))


@dataclass(frozen=True)
class Answers:
    """The health answers. None stands for "I am not sure"."""

    age_band: AgeBand
    zip_code: str
    reason: Reason
    headache_days: int | None
    migraine_days: int | None
    message: str

    def __repr__(self) -> str:
        return "Answers(...)"  # never in a log or a traceback

    def to_json(self) -> str:
        """Return the text that is sealed."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Answers":
        """Read what was sealed."""
        values = json.loads(text)
        values["age_band"] = AgeBand(values["age_band"])
        values["reason"] = Reason(values["reason"])
        return cls(**values)
