"""The questions of the self-check and their choices, in the order in which they are asked.

A question that an inquiry asks too is taken from `questions.py`, with its name and choices, and
only put in other words here. What the answers lead to is in
`selfcheck_outcomes.py`, and by which rule in `selfcheck_rules.py`.
"""

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from directory.care import questions
from directory.care.answers import Length, PainRelief, Preventive, SafetyPoint
from directory.care.questions import YES_NO, Question
from directory.care.selfcheck_answers import Emergency, MigraineItem, Prompt
from directory.care.thresholds import DAYS_ASKED, HEADACHE_HOURS

NONE = "none"  # the value of the choice that says that nothing of a list applies
NONE_OF_THESE = _l("None of these")

EMERGENCIES = Question(
    "emergencies",
    _l("Is any of this happening now, or new with this headache?"),
    _l("Tick all that apply."),
    {
        Emergency.THUNDERCLAP: _l("The worst headache of your life, at its peak within a minute"),
        Emergency.NEW_LOSS: _l("New weakness, or loss of speech or sight, or confusion"),
        Emergency.STIFF_NECK: _l("Fever with a stiff neck"),
        Emergency.AFTER_INJECTION: _l(
            "Trouble swallowing, speaking or breathing after an injection"
        ),
    },
    _l("Tick which of the emergency signs apply, or “None of these”."),
)

PROMPTS = Question(
    "prompts",
    _l("Does any of this apply?"),
    _l("Tick all that apply."),
    {
        Prompt.AFTER_50: _l("The headaches began after the age of 50"),
        Prompt.CANCER_OR_IMMUNE: _l("Cancer, now or in the past, or a weak immune system"),
        Prompt.WEIGHT_LOSS: _l("Losing weight without meaning to"),
        Prompt.PREGNANT: _l("Pregnant, or gave birth in the last weeks"),
        Prompt.POSTURE: _l("The headache gets clearly worse on standing up or lying down"),
        Prompt.EFFORT: _l("Coughing, sneezing, straining or exercise sets the headache off"),
        Prompt.CHANGE: _l("The headaches have clearly changed, or get worse from week to week"),
    },
    _l("Tick which of the other signs apply, or “None of these”."),
)

AGE = replace(questions.AGE_BAND, text=_l("Your age"), missing=_l("Choose your age group."))

HEADACHE_DAYS = replace(
    questions.HEADACHE_DAYS,
    text=_l("On how many of the last %(days)s days did your head hurt?", days=DAYS_ASKED),
    hint=_l("Count every kind of headache, mild ones too. A number from 0 to 30."),
    missing=_l("Enter the number of headache days, or tick that you are not sure."),
)

OVER_THREE_MONTHS = replace(
    questions.OVER_THREE_MONTHS,
    text=_l("Has it been about like this for more than three months?"),
    missing=_l("Choose how long it has been like this."),
)

MIGRAINE_DAYS = replace(
    questions.MIGRAINE_DAYS,
    hint=_l(
        "For example throbbing or on one side, worse on moving, with nausea, or with light and "
        "noise hurting. Also count days on which a triptan or ergot medicine helped. A number "
        "from 0 to 30."
    ),
    missing=_l("Enter the number of migraine-like days, or tick that you are not sure."),
)

ITEMS = Question(
    "items",
    _l("What comes with the headaches?"),
    _l("Think of the last three months. Tick all that apply."),
    {
        MigraineItem.NAUSEA: _l("I feel sick to my stomach with a headache"),
        MigraineItem.LIGHT: _l("Light bothers me much more than without a headache"),
        MigraineItem.LIMITED: _l(
            "On at least one day, a headache kept me from work, study or what I had to do"
        ),
    },
    _l("Tick what comes with the headaches, or “None of these”."),
)

LENGTH = replace(
    questions.LENGTH,
    text=_l("How long does a headache usually last when you take nothing for it?"),
    choices={
        **questions.LENGTHS,
        Length.FOUR_OR_MORE: _l("%(hours)s hours or longer", hours=HEADACHE_HOURS),
    },
    missing=_l("Choose how long a headache lasts."),
)

# Each is a number of its own: the limits differ from kind to kind.
_RELIEF = {
    PainRelief.TRIPTAN: (_l("Triptan"), _l("Such as sumatriptan, rizatriptan or eletriptan")),
    PainRelief.ERGOT: (_l("Ergot medicine"), _l("Such as dihydroergotamine")),
    PainRelief.OPIOID: (_l("Opioid"), _l("Such as codeine, tramadol or oxycodone")),
    PainRelief.COMBINATION: (
        _l("Combined pain relief"),
        _l("Several medicines in one tablet, for example with caffeine or butalbital"),
    ),
    PainRelief.SIMPLE: (
        _l("Simple pain relief"),
        _l("Such as acetaminophen, ibuprofen, naproxen or aspirin"),
    ),
}
RELIEF = {
    kind: replace(questions.RELIEF[kind], text=text, hint=hint)
    for kind, (text, hint) in _RELIEF.items()
}

RELIEF_OVER_THREE_MONTHS = Question(
    "relief_over_three_months",
    _l("Has pain relief been this frequent for more than three months?"),
    _l("Skip this if you take no pain relief."),
    YES_NO,
    _l("Choose how long pain relief has been this frequent."),
)

PREVENTIVES = Question(
    "preventives",
    _l("Which medicines were tried to prevent headaches?"),
    _l("Taken every day or on a schedule, not for one attack. Tick all that apply."),
    {
        Preventive.BETA_BLOCKER: _l("Beta-blocker, such as propranolol or metoprolol"),
        Preventive.ANTISEIZURE: _l("Antiseizure medicine, such as topiramate or valproate"),
        Preventive.ANTIDEPRESSANT: _l("Antidepressant, such as amitriptyline or venlafaxine"),
        Preventive.CANDESARTAN_OR_ACE: _l("Blood pressure medicine: candesartan or lisinopril"),
        Preventive.CGRP: _l("CGRP medicine, such as erenumab, galcanezumab or atogepant"),
        Preventive.OTHER: _l("Another medicine to prevent headaches"),
    },
)

SAFETY = replace(
    questions.SAFETY_POINTS,
    text=_l("Does one of these apply?"),
    hint=_l("Tick all that apply."),
    choices={
        SafetyPoint.ALLERGY: _l("Allergy to any botulinum toxin product"),
        SafetyPoint.INFECTION: _l("Infection of the skin at the head, neck or shoulders"),
    },
)
