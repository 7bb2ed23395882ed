"""The answers of the self-check, as plain values. Their texts are in `selfcheck_questions.py`.

Where an inquiry asks the same, the enums are those of `answers.py`, so that answers carry over.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from directory.care.answers import AgeBand, Length, PainRelief, Preventive, SafetyPoint, YesNo


class Emergency(enum.StrEnum):
    """Signs that can need emergency care now."""

    THUNDERCLAP = "thunderclap"
    NEW_LOSS = "new-loss"
    STIFF_NECK = "stiff-neck"
    AFTER_INJECTION = "after-injection"


class Prompt(enum.StrEnum):
    """Signs that a clinician should look at soon, before anything else."""

    AFTER_50 = "after-50"
    CANCER_OR_IMMUNE = "cancer-or-immune"
    WEIGHT_LOSS = "weight-loss"
    PREGNANT = "pregnant"  # or just gave birth
    POSTURE = "posture"
    EFFORT = "effort"
    CHANGE = "change"


class MigraineItem(enum.StrEnum):
    """The three items of ID-Migraine."""

    NAUSEA = "nausea"
    LIGHT = "light"
    LIMITED = "limited"


@dataclass(frozen=True, repr=False)
class SelfCheckAnswers:
    """The answers. None stands for "I am not sure"; what was left open counts as such."""

    emergencies: frozenset[Emergency] = frozenset()
    prompts: frozenset[Prompt] = frozenset()
    age_band: AgeBand | None = None
    headache_days: int | None = None
    over_three_months: YesNo = YesNo.UNSURE
    migraine_days: int | None = None
    items: frozenset[MigraineItem] = frozenset()
    length: Length = Length.UNSURE
    relief: Mapping[PainRelief, int] = field(default_factory=dict)  # days a month
    relief_over_three_months: YesNo = YesNo.UNSURE
    preventives: frozenset[Preventive] = frozenset()
    safety: frozenset[SafetyPoint] = frozenset()
