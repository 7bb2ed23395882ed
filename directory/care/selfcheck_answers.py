"""What somebody answers in the self-check, as plain values. Their texts are in `questions.py`.

Where an inquiry asks the same, the values are the same, so that answers can be taken along.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


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


class AgeBand(enum.StrEnum):
    """Never a date of birth."""

    UNDER_18 = "under-18"
    ADULT = "18-64"
    OLDER = "65-or-over"


class YesNo(enum.StrEnum):
    """An answer that may be open."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Length(enum.StrEnum):
    """How long a headache usually lasts without treatment."""

    UNDER_4 = "under-4"
    FOUR_OR_MORE = "4-or-more"
    UNSURE = "unsure"


class MigraineItem(enum.StrEnum):
    """The three items of ID-Migraine."""

    NAUSEA = "nausea"
    LIGHT = "light"
    LIMITED = "limited"


class PainRelief(enum.StrEnum):
    """Kinds of pain relief that are known to keep headaches going when taken often."""

    TRIPTAN = "triptan"
    ERGOT = "ergot"
    OPIOID = "opioid"
    COMBINATION = "combination"
    SIMPLE = "simple"  # or an NSAID


class Preventive(enum.StrEnum):
    """Kinds of preventive medicine."""

    BETA_BLOCKER = "beta-blocker"
    ANTISEIZURE = "antiseizure"
    ANTIDEPRESSANT = "antidepressant"
    CANDESARTAN_OR_ACE = "candesartan-or-ace"
    CGRP = "cgrp"
    OTHER = "other"


class SafetyPoint(enum.StrEnum):
    """What rules the injections out while it lasts."""

    ALLERGY = "allergy"  # to any botulinum toxin product
    INFECTION = "infection"  # where the needle would go


@dataclass(frozen=True, repr=False)
class Answers:
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
