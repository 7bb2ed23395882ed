"""What a patient fills in, as plain values. Their texts stand in `questions.py`.

Nothing of it may appear in a log, so none of these shows its content.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


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


class Told(enum.StrEnum):
    """What a clinician has called the headaches."""

    CHRONIC_MIGRAINE = "chronic-migraine"
    MIGRAINE = "migraine"
    TENSION_TYPE = "tension-type"
    OTHER = "other"
    NOBODY = "nobody"
    UNSURE = "unsure"


class Length(enum.StrEnum):
    """How long a headache usually lasts without treatment."""

    UNDER_4 = "under-4"
    FOUR_OR_MORE = "4-or-more"
    UNSURE = "unsure"


class YesNo(enum.StrEnum):
    """An answer that may be open."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Diary(enum.StrEnum):
    """For how many months a headache diary has been kept."""

    NONE = "none"
    UNDER_1 = "under-1"
    ONE_TO_TWO = "1-2"
    THREE_OR_MORE = "3-or-more"


class PainRelief(enum.StrEnum):
    """Classes of acute medication."""

    TRIPTAN = "triptan"
    ERGOT = "ergot"
    OPIOID = "opioid"
    COMBINATION = "combination"
    SIMPLE = "simple"  # or an NSAID
    GEPANT = "gepant"
    OTHER = "other"


class Preventive(enum.StrEnum):
    """Classes of preventive medication."""

    BETA_BLOCKER = "beta-blocker"
    ANTISEIZURE = "antiseizure"
    ANTIDEPRESSANT = "antidepressant"
    CANDESARTAN_OR_ACE = "candesartan-or-ace"
    CGRP = "cgrp"
    OTHER = "other"


class Outcome(enum.StrEnum):
    """What came of a preventive."""

    NO_EFFECT = "no-effect"
    SIDE_EFFECTS = "side-effects"
    UNSUITABLE = "unsuitable"
    STILL_TAKING = "still-taking"


class Helped(enum.StrEnum):
    """How much an earlier toxin treatment helped."""

    NOT_AT_ALL = "not-at-all"
    A_LITTLE = "a-little"
    ABOUT_HALF = "about-half"
    A_LOT = "a-lot"
    UNSURE = "unsure"


class SafetyPoint(enum.StrEnum):
    """What a clinic has to know before it injects."""

    ALLERGY = "allergy"  # to any botulinum toxin product
    INFECTION = "infection"  # at the site
    NEUROMUSCULAR = "neuromuscular"  # ALS, myasthenia gravis, Lambert-Eaton
    SWALLOWING = "swallowing"  # or breathing trouble
    BLEEDING = "bleeding"
    ANTIBIOTIC = "antibiotic"  # injected recently
    SURGERY = "surgery"
    PREGNANT = "pregnant"  # or breastfeeding
    NONE = "none"
    PREFER_NOT = "prefer-not"


# US prescribing information, section 4: the injections are not given while one of these lasts.
CONTRAINDICATIONS = frozenset({SafetyPoint.ALLERGY, SafetyPoint.INFECTION})


class Way(enum.StrEnum):
    """How the patient wants to hear from the clinic."""

    EMAIL = "email"
    PHONE = "phone"
    EITHER = "either"


class PartOfDay(enum.StrEnum):
    """When somebody can be reached, or can come."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    ANY = "any"


class Language(enum.StrEnum):
    """What the patient wants to be spoken to in."""

    ENGLISH = "en"
    SPANISH = "es"
    OTHER = "other"


@dataclass(frozen=True, repr=False)
class Contact:
    """Who asks, for whom, and how to reach them."""

    name: str
    email: str
    phone: str | None = None
    relationship: str | None = None  # to the patient, when somebody asks for another
    way: Way = Way.EMAIL
    part_of_day: PartOfDay = PartOfDay.ANY
    language: Language = Language.ENGLISH
    other_language: str = ""
    needs_interpreter: bool = False


@dataclass(frozen=True, repr=False)
class Score:
    """A score of a questionnaire that the patient knows; the questions are not ours to ask."""

    midas: int | None = None  # 0-450
    hit6: int | None = None  # 36-78
    scored_on: date | None = None


@dataclass(frozen=True, repr=False)
class TriedPreventive:
    """A preventive that was tried."""

    kind: Preventive
    name: str = ""
    dose: str = ""
    months: int | None = None
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, repr=False)
class EarlierToxin:
    """An earlier treatment with a botulinum toxin product for headache."""

    product: str = ""
    last_on: date | None = None
    units: int | None = None
    helped: Helped | None = None
    effects: str = ""


@dataclass(frozen=True, repr=False)
class Coverage:
    """How the treatment would be paid. Never a member number."""

    insurer: str = ""
    plan: str = ""
    self_pay: bool = False
    has_referral: bool = False


@dataclass(frozen=True, repr=False)
class Window:
    """When the patient can come."""

    first: date
    last: date
    part_of_day: PartOfDay = PartOfDay.ANY


@dataclass(frozen=True, repr=False)
class Answers:
    """The health answers. None stands for "I am not sure", or for a question left open."""

    age_band: AgeBand
    zip_code: str
    reason: Reason
    told: tuple[Told, ...]
    headache_days: int | None
    migraine_days: int | None
    length: Length
    over_three_months: YesNo
    diary: Diary | None = None
    score: Score = field(default_factory=Score)
    pain_relief: Mapping[PainRelief, int] = field(default_factory=dict)  # days a month
    preventives: tuple[TriedPreventive, ...] = ()
    had_toxin: YesNo | None = None
    earlier_toxin: EarlierToxin | None = None
    toxin_elsewhere: YesNo | None = None  # any toxin elsewhere in the last 4 months
    safety: tuple[SafetyPoint, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    windows: tuple[Window, ...] = ()
    travel_miles: int | None = None
    access_needs: str = ""
    message: str = ""
    may_repeat: bool = False  # keep the answers for a repeat after 12 weeks
