"""The words of the questions and of their choices, in one place."""

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

Words = Mapping[Any, Any]

# Name a new version whenever the words of the two consents change.
CONSENT_VERSION = "2026-12"
CONSENT_SHARE = _l("Share these answers with the clinics named above, so that they can answer me.")
CONSENT_EMERGENCY = _l("I understand that this is not for emergencies.")
CONSENT_REPEAT = _l(
    "Keep my answers until 16 weeks after a treatment, so that I can repeat this inquiry "
    "with one click. Without this tick they are deleted 30 days after the end."
)

AGE_BANDS: Words = {
    AgeBand.UNDER_18: _l("Under 18"),
    AgeBand.ADULT: _l("18 to 64"),
    AgeBand.OLDER: _l("65 or over"),
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
    Length.UNDER_4: _l("Less than 4 hours"),
    Length.FOUR_OR_MORE: _l("4 hours or more"),
    Length.UNSURE: _l("I am not sure"),
}
YES_NO: Words = {
    YesNo.YES: _l("Yes"),
    YesNo.NO: _l("No"),
    YesNo.UNSURE: _l("I am not sure"),
}
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
