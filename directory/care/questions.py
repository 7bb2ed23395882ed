"""The questions of an inquiry and their choices, each defined once.

The self-check takes over from here what both ask, and puts some of it in other words: see
`selfcheck_questions.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from directory.care.answers import (
    AgeBand,
    Diary,
    Helped,
    Language,
    Length,
    Outcome,
    PainRelief,
    PartOfDay,
    Preventive,
    Reason,
    SafetyPoint,
    Told,
    Way,
    YesNo,
)
from directory.care.thresholds import (
    ADULT_AGE,
    DAYS_ASKED,
    DAYS_OF_MONTH,
    HEADACHE_HOURS,
    HIT6_RANGE,
    KEPT_FOR_REPEAT,
    MIDAS_RANGE,
    OLDER_AGE,
    TOXIN_ELSEWHERE_MONTHS,
)

Words = Mapping[Any, Any]


@dataclass(frozen=True)
class Question:
    """What is asked, what helps to answer it, and what may be answered."""

    name: str  # of its field, in every form that asks it
    text: Any
    hint: Any = ""
    choices: Words = field(default_factory=dict)
    missing: Any = ""  # said when an answer is needed and there is none
    bounds: tuple[int, int] = (0, 0)  # of an answer that is a number

    @property
    def unsure_name(self) -> str:
        """Return the name of the box that says "I am not sure" instead of a number."""
        return f"{self.name}_unsure"


# Name a new version whenever the words of the two consents change.
CONSENT_VERSION = "2026-12"
CONSENT_SHARE = _l("Share these answers with the clinics named above, so that they can answer me.")
CONSENT_EMERGENCY = _l("I understand that this is not for emergencies.")
CONSENT_REPEAT = _l(
    "Keep my answers until %(weeks)s weeks after a treatment, so that I can repeat this inquiry "
    "with one click. Without this tick they are deleted 30 days after the end.",
    weeks=KEPT_FOR_REPEAT.days // 7,
)

AGE_BANDS: Words = {
    AgeBand.UNDER_18: _l("Under %(adult)s", adult=ADULT_AGE),
    AgeBand.ADULT: _l("%(adult)s to %(last)s", adult=ADULT_AGE, last=OLDER_AGE - 1),
    AgeBand.OLDER: _l("%(older)s or over", older=OLDER_AGE),
}
WAYS: Words = {
    Way.EMAIL: _l("By email"),
    Way.PHONE: _l("By phone"),
    Way.EITHER: _l("Either is fine"),
}
PARTS_OF_DAY: Words = {
    PartOfDay.ANY: _l("Any time"),
    PartOfDay.MORNING: _l("Mornings"),
    PartOfDay.AFTERNOON: _l("Afternoons"),
    PartOfDay.EVENING: _l("Evenings"),
}
LANGUAGES: Words = {
    Language.ENGLISH: _l("English"),
    Language.SPANISH: _l("Spanish"),
    Language.OTHER: _l("Another language"),
}
REASONS: Words = {
    Reason.FIRST: _l("A first assessment"),
    Reason.CONTINUE: _l("To continue a treatment I have begun elsewhere"),
    Reason.REPEAT: _l("To repeat a treatment"),
    Reason.SECOND_OPINION: _l("A second opinion"),
}
TOLD: Words = {
    Told.CHRONIC_MIGRAINE: _l("Chronic migraine"),
    Told.MIGRAINE: _l("Migraine"),
    Told.TENSION_TYPE: _l("Tension-type headache"),
    Told.OTHER: _l("Another kind of headache"),
    Told.NOBODY: _l("No clinician has named it yet"),
    Told.UNSURE: _l("I am not sure"),
}
LENGTHS: Words = {
    Length.UNDER_4: _l("Less than %(hours)s hours", hours=HEADACHE_HOURS),
    Length.FOUR_OR_MORE: _l("%(hours)s hours or more", hours=HEADACHE_HOURS),
    Length.UNSURE: _l("I am not sure"),
}
NOT_SURE = _l("I am not sure")
YES_NO: Words = {YesNo.YES: _l("Yes"), YesNo.NO: _l("No"), YesNo.UNSURE: NOT_SURE}
DIARIES: Words = {
    Diary.NONE: _l("No diary"),
    Diary.UNDER_1: _l("For less than a month"),
    Diary.ONE_TO_TWO: _l("For 1 to 2 months"),
    Diary.THREE_OR_MORE: _l("For 3 months or more"),
}
PAIN_RELIEF: Words = {
    PainRelief.TRIPTAN: _l("Triptans, such as sumatriptan"),
    PainRelief.ERGOT: _l("Ergots, such as dihydroergotamine"),
    PainRelief.OPIOID: _l("Opioids, such as tramadol or codeine"),
    PainRelief.COMBINATION: _l("Combinations, such as pain relief with caffeine or butalbital"),
    PainRelief.SIMPLE: _l("Simple pain relief, such as acetaminophen, ibuprofen or naproxen"),
    PainRelief.GEPANT: _l("Gepants, such as ubrogepant"),
    PainRelief.OTHER: _l("Anything else for the pain"),
}
PREVENTIVES: Words = {
    Preventive.BETA_BLOCKER: _l("Beta-blocker, such as propranolol"),
    Preventive.ANTISEIZURE: _l("Antiseizure medicine, such as topiramate"),
    Preventive.ANTIDEPRESSANT: _l("Antidepressant, such as amitriptyline"),
    Preventive.CANDESARTAN_OR_ACE: _l("Candesartan or an ACE inhibitor"),
    Preventive.CGRP: _l("CGRP medicine, such as erenumab or atogepant"),
    Preventive.OTHER: _l("Another preventive"),
}
OUTCOMES: Words = {
    Outcome.NO_EFFECT: _l("It did not help"),
    Outcome.SIDE_EFFECTS: _l("Side effects"),
    Outcome.UNSUITABLE: _l("Not suitable for me"),
    Outcome.STILL_TAKING: _l("I still take it"),
}
HELPED: Words = {
    Helped.NOT_AT_ALL: _l("Not at all"),
    Helped.A_LITTLE: _l("A little"),
    Helped.ABOUT_HALF: _l("About half as many headaches"),
    Helped.A_LOT: _l("A lot"),
    Helped.UNSURE: _l("I am not sure"),
}
SAFETY: Words = {
    SafetyPoint.ALLERGY: _l("Allergy to a botulinum toxin product"),
    SafetyPoint.INFECTION: _l("Infection of the skin where the injections would go"),
    SafetyPoint.NEUROMUSCULAR: _l(
        "A nerve or muscle disease, such as ALS, myasthenia gravis or Lambert-Eaton syndrome"
    ),
    SafetyPoint.SWALLOWING: _l("Trouble swallowing or breathing"),
    SafetyPoint.BLEEDING: _l("A bleeding problem, or blood thinners"),
    SafetyPoint.ANTIBIOTIC: _l("An antibiotic by injection in the last weeks"),
    SafetyPoint.SURGERY: _l("A planned operation"),
    SafetyPoint.PREGNANT: _l("Pregnant or breastfeeding"),
    SafetyPoint.NONE: _l("None of these"),
    SafetyPoint.PREFER_NOT: _l("I prefer to tell the clinic in person"),
}

AGE_BAND = Question(
    "age_band",
    _l("Age of the person to be treated"),
    choices=AGE_BANDS,
    missing=_l("Choose an age group."),
)
WAY = Question("way", _l("How should the clinic reach you?"), choices=WAYS)
PART_OF_DAY = Question("part_of_day", _l("When can you be reached?"), choices=PARTS_OF_DAY)
LANGUAGE = Question("language", _l("Which language do you want to speak?"), choices=LANGUAGES)

REASON = Question(
    "reason",
    _l("What are you looking for?"),
    choices=REASONS,
    missing=_l("Choose what you are looking for."),
)
DIAGNOSIS = Question(
    "told",
    _l("What has a clinician called these headaches?"),
    choices=TOLD,
    missing=_l("Tick what a clinician has said, or that nobody has."),
)
_DAYS_MISSING = _l("Enter the number of days, or tick that you are not sure.")
HEADACHE_DAYS = Question(
    "headache_days",
    _l("On how many of the last %(days)s days did you have a headache?", days=DAYS_ASKED),
    missing=_DAYS_MISSING,
    bounds=(0, DAYS_ASKED),
)
MIGRAINE_DAYS = Question(
    "migraine_days",
    _l("On how many of those days did it feel like migraine?"),
    missing=_DAYS_MISSING,
    bounds=(0, DAYS_ASKED),
)
LENGTH = Question(
    "length",
    _l("How long does a headache usually last without treatment?"),
    choices=LENGTHS,
    missing=_l("Choose how long a headache usually lasts."),
)
OVER_THREE_MONTHS = Question(
    "over_three_months",
    _l("Has it been like this for more than three months?"),
    choices=YES_NO,
    missing=_l("Choose an answer about the last three months."),
)
DIARY = Question("diary", _l("Do you keep a headache diary?"), choices=DIARIES)
MIDAS = Question("midas", _l("MIDAS score"), bounds=MIDAS_RANGE)
HIT6 = Question("hit6", _l("HIT-6 score"), bounds=HIT6_RANGE)

RELIEF = {
    kind: Question(f"relief_{kind.value}", label, bounds=(0, DAYS_OF_MONTH))
    for kind, label in PAIN_RELIEF.items()
}
HAD_TOXIN = Question(
    "had_toxin",
    _l("Have you had botulinum toxin (such as Botox) for headaches before?"),
    choices=YES_NO,
)
TOXIN_UNITS = Question("toxin_units", _l("How many units?"), bounds=(1, 1000))
TOXIN_HELPED = Question("toxin_helped", _l("How much did it help?"), choices=HELPED)
TOXIN_ELSEWHERE = Question(
    "toxin_elsewhere",
    _l(
        "Have you had any botulinum toxin elsewhere in the last %(months)s months, for example "
        "cosmetic?",
        months=TOXIN_ELSEWHERE_MONTHS,
    ),
    choices=YES_NO,
)
SAFETY_POINTS = Question("safety", _l("Does any of these apply?"), choices=SAFETY)
TRAVEL_MILES = Question("travel_miles", _l("How many miles can you travel?"), bounds=(0, 1000))
PART_OF_WINDOW = Question("part", _l("Time of day"), choices=PARTS_OF_DAY)

# A row for each preventive. The names are those of the fields within a row.
PREVENTIVE_KIND = Question("kind", _l("Kind"), choices=PREVENTIVES)
PREVENTIVE_MONTHS = Question("months", _l("For how many months"), bounds=(0, 600))
PREVENTIVE_OUTCOMES = Question("outcomes", _l("What came of it"), choices=OUTCOMES)
