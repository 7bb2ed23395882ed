"""What the self-check says: each outcome and each note, in our words, with its sources.

This file is made to be read and changed by a clinician. Which answers lead to what is in
`selfcheck_rules.py`. The wording needs a clinician's sign-off before a real site goes live.
"""

import enum
from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from directory.care.answers import PainRelief
from directory.care.thresholds import (
    ADULT_AGE,
    HEADACHE_DAYS,
    HEADACHE_HOURS,
    INJECTIONS,
    MIGRAINE_DAYS,
    RELIEF_DAYS,
    TREATMENT_WEEKS,
    UNITS,
)


class Outcome(enum.StrEnum):
    """What answers lead to; the first that applies, in this order."""

    EMERGENCY = "emergency"
    PROMPT_REVIEW = "prompt-review"
    UNDER_18 = "under-18"
    DIARY = "diary"
    FEWER_DAYS = "fewer-days"
    NOT_YET_LONG = "not-yet-long"
    OTHER_PATTERN = "other-pattern"
    RESEMBLES = "resembles"
    RESEMBLES_SHORTER = "resembles-shorter"


class Note(enum.StrEnum):
    """What is said besides, in this order."""

    SAFETY = "safety"
    PAIN_RELIEF = "pain-relief"
    ACCESS = "access"
    EXPECTATIONS = "expectations"


@dataclass(frozen=True)
class Source:
    """Where a statement comes from. The address is text: no page of ours links there."""

    title: str
    year: int | None  # None for a page that is rewritten as rules change
    address: str


@dataclass(frozen=True)
class Passage:
    """A heading, what it says, what to do next, and where that comes from."""

    heading: str
    sentences: tuple[str, ...]
    next_steps: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Country:
    """What differs from country to country."""

    emergency_number: str
    access: Passage


# Sources. Titles stay in the language in which they were published.

LABEL = Source(
    "BOTOX (onabotulinumtoxinA), US prescribing information and medication guide",
    2023,
    "dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid=33d066a9-34ff-4a1a-b38b-d10983df3300",
)
ICHD_CHRONIC_MIGRAINE = Source(
    "International Classification of Headache Disorders, 3rd edition: 1.3 Chronic migraine",
    2018,
    "ichd-3.org/1-migraine/1-3-chronic-migraine",
)
ICHD_MEDICATION_OVERUSE = Source(
    "International Classification of Headache Disorders, 3rd edition: 8.2 Medication-overuse "
    "headache",
    2018,
    "ichd-3.org",
)
RED_FLAGS = Source(
    "CMAJ 195:E153, table 1: headache red flags, modified SNOOP4",
    2023,
    "doi.org/10.1503/cmaj.211969",
)
ID_MIGRAINE = Source(
    "Neurology 61:375: A self-administered screener for migraine in primary care, "
    "the ID Migraine validation study",
    2003,
    "doi.org/10.1212/01.WNL.0000078940.53438.83",
)
SELF_SCORING = Source(
    "The Journal of Headache and Pain: Development and validation of the ID-EC, the Italian "
    "version of the identify chronic migraine",
    2019,
    "doi.org/10.1186/s10194-019-0966-3",
)
EUROPEAN_GUIDELINE = Source(
    "The Journal of Headache and Pain 19:91: Guideline on the use of onabotulinumtoxinA in "
    "chronic migraine, European Headache Federation",
    2018,
    "doi.org/10.1186/s10194-018-0921-8",
)
US_PLAN = Source(
    "Aetna Clinical Policy Bulletin 0113: Botulinum Toxin, an example of a US plan's rules",
    None,
    "aetna.com/cpb/medical/data/100_199/0113.html",
)
NICE_TA260 = Source(
    "NICE technology appraisal guidance 260: Botulinum toxin type A for the prevention of "
    "headaches in adults with chronic migraine",
    2012,
    "nice.org.uk/guidance/ta260",
)

# Said on every result.

ONLY_A_CLINICIAN = _l("Only a clinician can diagnose, and only with more than these answers.")

HOW_FAR_THIS_GOES = Passage(
    _l("How far this goes"),
    (
        _l("This page compares answers with published criteria. It knows nothing else of you."),
        _l(
            "In one study of a similar questionnaire, people who scored it themselves recognized "
            "fewer than one in three cases of chronic migraine. So no result here should keep "
            "anybody from asking."
        ),
    ),
    sources=(SELF_SCORING,),
)

BOXED_WARNING = Passage(
    _l("The boxed warning"),
    (
        _l(
            "The effect of any botulinum toxin product can spread from where it was injected. "
            "This can happen hours to weeks later and can be life-threatening."
        ),
        _l(
            "Signs are: trouble swallowing, speaking or breathing, weak muscles all over, double "
            "or blurred vision, drooping eyelids, a hoarse voice, loss of bladder control."
        ),
        _l("With trouble swallowing, speaking or breathing, get emergency help at once."),
    ),
    sources=(LABEL,),
)

# The outcomes.

OUTCOMES = {
    Outcome.EMERGENCY: Passage(
        _l("These can need emergency care now"),
        (
            _l("Call your emergency number. Do not wait for an answer from a clinic."),
            _l("Do not drive yourself. Say what you ticked, and when it began."),
        ),
        sources=(RED_FLAGS, LABEL),
    ),
    Outcome.PROMPT_REVIEW: Passage(
        _l("Please speak to a clinician soon"),
        (
            _l(
                "Something you ticked should be looked at before this treatment is arranged. "
                "Often there is a harmless reason, but a clinician has to make sure."
            ),
        ),
        (
            _l("Call your own clinician or a clinic, and say on the phone what you ticked."),
            _l("If it gets worse quickly, or something new comes with it, get emergency help."),
        ),
        (RED_FLAGS,),
    ),
    Outcome.UNDER_18: Passage(
        _l("This treatment is licensed for adults"),
        (
            _l(
                "For people under %(adult)s, it has not been established that it works and is "
                "safe to prevent headaches in chronic migraine.",
                adult=ADULT_AGE,
            ),
        ),
        (
            _l("Ask a pediatrician or family clinician about headache care for young people."),
            _l("Some headache clinics have their own hours for young people. Ask by phone."),
        ),
        (LABEL,),
    ),
    Outcome.DIARY: Passage(
        _l("A diary of one month would help"),
        (
            _l(
                "The number of headache days, of migraine-like days, and for how long it has been "
                "so decide most. Not being sure is common: memory is bad at counting headaches."
            ),
        ),
        (
            _l("Keep the diary for one month. It takes a minute a day."),
            _l("There is no need to wait: a clinician can be asked meanwhile."),
        ),
        (ICHD_CHRONIC_MIGRAINE,),
    ),
    Outcome.FEWER_DAYS: Passage(
        _l("The answers speak of fewer than %(days)s headache days a month", days=HEADACHE_DAYS),
        (
            _l(
                "In studies of people with %(days)s headache days a month or fewer, Botox was not "
                "shown to prevent headaches.",
                days=HEADACHE_DAYS - 1,
            ),
            _l("There are other treatments that prevent migraine."),
        ),
        (
            _l("Ask a clinician which preventive treatments there are."),
            _l("Count for a month with the diary: people often miss the milder days."),
        ),
        (LABEL,),
    ),
    Outcome.NOT_YET_LONG: Passage(
        _l("The answers speak of three months or less"),
        (
            _l(
                "Clinicians usually look for the pattern of chronic migraine over more than three "
                "months. Headaches that became frequent lately can have other causes."
            ),
        ),
        (
            _l("Speak to a clinician about the change, now rather than in three months."),
            _l("Keep the diary meanwhile."),
        ),
        (ICHD_CHRONIC_MIGRAINE,),
    ),
    Outcome.OTHER_PATTERN: Passage(
        _l("Frequent headaches have several causes"),
        (
            _l(
                "The answers speak of headaches on %(days)s or more days a month, with fewer "
                "signs of migraine than clinicians look for. Tension-type headache is one of the "
                "other causes, and it is treated differently.",
                days=HEADACHE_DAYS,
            ),
            _l(
                "The three short questions about what comes with the headaches miss about one "
                "migraine in five, and sometimes point to migraine where there is none."
            ),
        ),
        (
            _l("A diagnosis comes first. Ask a clinician for one."),
            _l("Bring the diary of one month. It shows which days are like migraine."),
        ),
        (ICHD_CHRONIC_MIGRAINE, ID_MIGRAINE),
    ),
    Outcome.RESEMBLES: Passage(
        _l("The answers resemble what clinicians call chronic migraine"),
        (
            _l(
                "That is: headache on %(days)s or more days a month for more than three months, "
                "%(hours)s hours or longer, with signs of migraine on at least %(migraine)s days "
                "a month.",
                days=HEADACHE_DAYS,
                hours=HEADACHE_HOURS,
                migraine=MIGRAINE_DAYS,
            ),
            _l("Only a clinician can say what it is, and whether Botox suits you."),
        ),
        (
            _l("Look for a professional near you who gives this treatment, and ask."),
            _l("Bring a diary of one month, and the names of the medicines that were tried."),
        ),
        (ICHD_CHRONIC_MIGRAINE, LABEL, ID_MIGRAINE),
    ),
    Outcome.RESEMBLES_SHORTER: Passage(
        _l("The answers resemble what clinicians call chronic migraine, except for the hours"),
        (
            _l(
                "That is: headache on %(days)s or more days a month for more than three months, "
                "with signs of migraine on at least %(migraine)s days a month.",
                days=HEADACHE_DAYS,
                migraine=MIGRAINE_DAYS,
            ),
            _l(
                "The US approval of Botox speaks of headaches that last %(hours)s hours a day or "
                "longer. The answers speak of a shorter time, or leave it open.",
                hours=HEADACHE_HOURS,
            ),
            _l("Only a clinician can say what it is, and whether Botox suits you."),
        ),
        (
            _l("Write the hours down for a month, for days on which nothing was taken early."),
            _l("Look for a professional near you who gives this treatment, and ask."),
        ),
        (ICHD_CHRONIC_MIGRAINE, LABEL, ID_MIGRAINE),
    ),
}

# The notes. Access depends on the country and stands below.

NOTES = {
    Note.SAFETY: Passage(
        _l("Tell the clinic about the allergy or infection"),
        (
            _l(
                "Botox is never given to people with an allergy to any botulinum toxin product, "
                "or into skin that is infected."
            ),
            _l("An infection can pass. Say it when you first ask for an appointment."),
        ),
        sources=(LABEL,),
    ),
    Note.PAIN_RELIEF: Passage(
        _l("Frequent pain relief can itself keep headaches going"),
        (
            _l(
                "That is known from %(days)s days a month on with triptans, ergot medicines, "
                "opioids and combined pain relief, and from %(simple)s days a month on with "
                "simple pain relief.",
                days=RELIEF_DAYS[PainRelief.TRIPTAN],
                simple=RELIEF_DAYS[PainRelief.SIMPLE],
            ),
            _l("Do not stop suddenly. Discuss it with a clinician, who can plan it with you."),
        ),
        sources=(ICHD_MEDICATION_OVERUSE,),
    ),
    Note.EXPECTATIONS: Passage(
        _l("What to expect of the treatment"),
        (
            _l(
                "%(units)s units, in %(injections)s small injections at head and neck, every "
                "%(weeks)s weeks.",
                units=UNITS,
                injections=INJECTIONS,
                weeks=TREATMENT_WEEKS,
            ),
            _l("Whether it helps is judged after two or three rounds, not after the first."),
            _l(
                "In England, NICE advises to stop when two rounds have not brought the headache "
                "days down by at least 30 percent."
            ),
        ),
        sources=(LABEL, EUROPEAN_GUIDELINE, NICE_TA260),
    ),
}

COUNTRIES = {
    "us": Country(
        "911",
        Passage(
            _l("What health plans commonly ask"),
            (
                _l(
                    "US health plans commonly ask that two kinds of preventive medicine were tried "
                    "first, and each plan has rules of its own. Ask yours before the visit."
                ),
                _l("Write down which medicines were tried, how long, and why they were stopped."),
            ),
            sources=(US_PLAN,),
        ),
    ),
    "gb": Country(
        "999",
        Passage(
            _l("What the NHS asks"),
            (
                _l(
                    "NICE recommends it when at least three preventive medicines have not worked, "
                    "were not tolerated or were unsuitable, and frequent pain relief has been "
                    "dealt with."
                ),
                _l("Write down which medicines were tried, how long, and why they were stopped."),
            ),
            sources=(NICE_TA260,),
        ),
    ),
}


def note_passages(notes: Collection[Note], country: Country) -> dict[Note, Passage]:
    """Return what is said besides the outcome, in order."""
    texts = {**NOTES, Note.ACCESS: country.access}
    return {note: texts[note] for note in Note if note in notes}


def sources_of(passages: Collection[Passage]) -> list[Source]:
    """Return the sources of the passages, each once, in order."""
    return list(dict.fromkeys(source for passage in passages for source in passage.sources))
