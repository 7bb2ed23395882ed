"""What somebody who triages looks for first. It repeats the answers and judges nothing."""

from datetime import date

from flask_babel import gettext as _

from directory.care.answers import AgeBand, Answers, SafetyPoint, YesNo
from directory.care.clinician_terms import PAIN_RELIEF
from directory.care.thresholds import (
    ADULT_AGE,
    DAYS_ASKED,
    HEADACHE_DAYS,
    MIGRAINE_DAYS,
    RELIEF_DAYS,
    TOXIN_ELSEWHERE_MONTHS,
    TREATMENT_INTERVAL,
    TREATMENT_WEEKS,
    frequent_relief,
)
from directory.core.formats import day_text

_NO_POINT = frozenset({SafetyPoint.NONE, SafetyPoint.PREFER_NOT})


def day_notes(answers: Answers) -> list[str]:
    """Say where the days stand against the two numbers that everybody looks at."""
    notes = []
    headache, migraine = answers.headache_days, answers.migraine_days
    if answers.age_band is AgeBand.UNDER_18:
        notes.append(_("Under %(adult)s: the US approval is for adults.", adult=ADULT_AGE))
    if headache is None or migraine is None:
        notes.append(_("The patient is not sure of the days. A one-month diary may help."))
    elif headache < HEADACHE_DAYS:
        notes.append(
            _(
                "Fewer than %(days)s headache days in the last %(asked)s.",
                days=HEADACHE_DAYS,
                asked=DAYS_ASKED,
            )
        )
    elif migraine >= MIGRAINE_DAYS:
        notes.append(
            _(
                "%(days)s or more headache days, %(migraine)s or more of them migraine-like.",
                days=HEADACHE_DAYS,
                migraine=MIGRAINE_DAYS,
            )
        )
    else:
        notes.append(
            _(
                "%(days)s or more headache days, fewer than %(migraine)s of them migraine-like.",
                days=HEADACHE_DAYS,
                migraine=MIGRAINE_DAYS,
            )
        )
    return notes


def safety_points(answers: Answers) -> list[SafetyPoint]:
    """Return what the patient reports, without "none" and "prefer not to say"."""
    return [point for point in answers.safety if point not in _NO_POINT]


def relief_notes(answers: Answers) -> list[str]:
    """Name each class of pain relief that is reported on as many days as clinicians look at."""
    return [
        _(
            "%(kind)s on %(days)s or more days a month, as reported. Frequent pain relief can "
            "itself keep headaches going.",
            kind=_sentence(str(PAIN_RELIEF[kind])),
            days=RELIEF_DAYS[kind],
        )
        for kind in frequent_relief(answers.pain_relief)
    ]


def toxin_notes(answers: Answers, today: date) -> list[str]:
    """Say whether 12 weeks have passed since the last treatment, and of toxin elsewhere."""
    notes = []
    last_on = answers.earlier_toxin.last_on if answers.earlier_toxin else None
    if last_on is not None:
        due = last_on + TREATMENT_INTERVAL
        notes.append(
            _("%(weeks)s weeks have passed since then.", weeks=TREATMENT_WEEKS)
            if due <= today
            else _(
                "%(weeks)s weeks will have passed on %(day)s.",
                weeks=TREATMENT_WEEKS,
                day=day_text(due),
            )
        )
    if answers.toxin_elsewhere is YesNo.YES:
        notes.append(
            _(
                "A toxin product was injected elsewhere in the last %(months)s months.",
                months=TOXIN_ELSEWHERE_MONTHS,
            )
        )
    return notes


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
