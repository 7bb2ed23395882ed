"""What the answers mean, in the short words that a clinic reads."""

from collections.abc import Mapping
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
from directory.care.thresholds import ADULT_AGE, HEADACHE_HOURS, OLDER_AGE

Terms = Mapping[Any, Any]

REASON: Terms = {
    Reason.FIRST: _l("First assessment"),
    Reason.CONTINUE: _l("Continue a treatment begun elsewhere"),
    Reason.REPEAT: _l("Repeat treatment"),
    Reason.SECOND_OPINION: _l("Second opinion"),
}
AGE_BAND: Terms = {
    AgeBand.UNDER_18: _l("under %(adult)s", adult=ADULT_AGE),
    AgeBand.ADULT: _l("%(adult)s to %(last)s years", adult=ADULT_AGE, last=OLDER_AGE - 1),
    AgeBand.OLDER: _l("%(older)s or over", older=OLDER_AGE),
}
TOLD: Terms = {
    Told.CHRONIC_MIGRAINE: _l("chronic migraine"),
    Told.MIGRAINE: _l("migraine"),
    Told.TENSION_TYPE: _l("tension-type headache"),
    Told.OTHER: _l("another headache"),
    Told.NOBODY: _l("nobody has said yet"),
    Told.UNSURE: _l("not sure"),
}
LENGTH: Terms = {
    Length.UNDER_4: _l("under %(hours)s hours", hours=HEADACHE_HOURS),
    Length.FOUR_OR_MORE: _l("%(hours)s hours or more", hours=HEADACHE_HOURS),
    Length.UNSURE: _l("not sure"),
}
YES_NO: Terms = {YesNo.YES: _l("yes"), YesNo.NO: _l("no"), YesNo.UNSURE: _l("not sure")}
DIARY: Terms = {
    Diary.NONE: _l("none"),
    Diary.UNDER_1: _l("under 1 month"),
    Diary.ONE_TO_TWO: _l("1 to 2 months"),
    Diary.THREE_OR_MORE: _l("3 months or more"),
}
PAIN_RELIEF: Terms = {
    PainRelief.TRIPTAN: _l("triptan"),
    PainRelief.ERGOT: _l("ergot"),
    PainRelief.OPIOID: _l("opioid"),
    PainRelief.COMBINATION: _l("combination"),
    PainRelief.SIMPLE: _l("simple pain relief or NSAID"),
    PainRelief.GEPANT: _l("gepant"),
    PainRelief.OTHER: _l("other"),
}
PREVENTIVE: Terms = {
    Preventive.BETA_BLOCKER: _l("beta-blocker"),
    Preventive.ANTISEIZURE: _l("antiseizure"),
    Preventive.ANTIDEPRESSANT: _l("antidepressant"),
    Preventive.CANDESARTAN_OR_ACE: _l("candesartan or ACE inhibitor"),
    Preventive.CGRP: _l("CGRP medication"),
    Preventive.OTHER: _l("other"),
}
OUTCOME: Terms = {
    Outcome.NO_EFFECT: _l("no effect"),
    Outcome.SIDE_EFFECTS: _l("side effects"),
    Outcome.UNSUITABLE: _l("unsuitable"),
    Outcome.STILL_TAKING: _l("still taking"),
}
HELPED: Terms = {
    Helped.NOT_AT_ALL: _l("not at all"),
    Helped.A_LITTLE: _l("a little"),
    Helped.ABOUT_HALF: _l("about half"),
    Helped.A_LOT: _l("a lot"),
    Helped.UNSURE: _l("not sure"),
}
SAFETY: Terms = {
    SafetyPoint.ALLERGY: _l("allergy to a botulinum toxin product"),
    SafetyPoint.INFECTION: _l("infection at an injection site"),
    SafetyPoint.NEUROMUSCULAR: _l("ALS, myasthenia gravis or Lambert-Eaton syndrome"),
    SafetyPoint.SWALLOWING: _l("trouble swallowing or breathing"),
    SafetyPoint.BLEEDING: _l("bleeding problem"),
    SafetyPoint.ANTIBIOTIC: _l("recent antibiotic by injection"),
    SafetyPoint.SURGERY: _l("planned surgery"),
    SafetyPoint.PREGNANT: _l("pregnant or breastfeeding"),
    SafetyPoint.NONE: _l("none of those asked about"),
    SafetyPoint.PREFER_NOT: _l("prefers not to say here"),
}
WAY: Terms = {
    Way.EMAIL: _l("by email"),
    Way.PHONE: _l("by phone"),
    Way.EITHER: _l("by email or phone"),
}
PART_OF_DAY: Terms = {
    PartOfDay.MORNING: _l("in the morning"),
    PartOfDay.AFTERNOON: _l("in the afternoon"),
    PartOfDay.EVENING: _l("in the evening"),
    PartOfDay.ANY: _l("at any time of day"),
}
LANGUAGE: Terms = {
    Language.ENGLISH: _l("English"),
    Language.SPANISH: _l("Spanish"),
    Language.OTHER: _l("another language"),
}
