"""From answers to an outcome: the same answers always lead to the same result."""

from collections.abc import Iterator
from dataclasses import dataclass

from directory.care.answers import CONTRAINDICATIONS, AgeBand, Length, YesNo
from directory.care.selfcheck_answers import SelfCheckAnswers
from directory.care.selfcheck_outcomes import Note, Outcome
from directory.care.thresholds import (
    HEADACHE_DAYS,
    MIGRAINE_DAYS,
    MIGRAINE_ITEMS,
    frequent_relief,
)

_RESEMBLING = {Outcome.RESEMBLES, Outcome.RESEMBLES_SHORTER}


@dataclass(frozen=True, repr=False)
class Result:
    """What the answers lead to, and what is said besides."""

    outcome: Outcome
    notes: tuple[Note, ...]


def evaluate(answers: SelfCheckAnswers) -> Result:
    """Return the result. Red flags come before everything else."""
    outcome = _outcome(answers)
    notes = () if outcome is Outcome.EMERGENCY else tuple(_notes(answers, outcome))
    return Result(outcome, notes)


def _outcome(answers: SelfCheckAnswers) -> Outcome:
    if answers.emergencies:
        return Outcome.EMERGENCY
    if answers.prompts:
        return Outcome.PROMPT_REVIEW
    if answers.age_band is AgeBand.UNDER_18:
        return Outcome.UNDER_18
    return _pattern(answers)


def _pattern(answers: SelfCheckAnswers) -> Outcome:
    headache, migraine = answers.headache_days, answers.migraine_days
    if headache is None or migraine is None or answers.over_three_months is YesNo.UNSURE:
        return Outcome.DIARY
    if headache < HEADACHE_DAYS:
        return Outcome.FEWER_DAYS
    if answers.over_three_months is YesNo.NO:
        return Outcome.NOT_YET_LONG
    if migraine < MIGRAINE_DAYS or len(answers.items) < MIGRAINE_ITEMS:
        return Outcome.OTHER_PATTERN
    if answers.length is Length.FOUR_OR_MORE:
        return Outcome.RESEMBLES
    return Outcome.RESEMBLES_SHORTER


def _notes(answers: SelfCheckAnswers, outcome: Outcome) -> Iterator[Note]:
    if answers.safety & CONTRAINDICATIONS:
        yield Note.SAFETY
    if _takes_much_relief(answers):
        yield Note.PAIN_RELIEF
    if outcome in _RESEMBLING:
        yield Note.ACCESS
        yield Note.EXPECTATIONS


def _takes_much_relief(answers: SelfCheckAnswers) -> bool:
    # "I am not sure" counts as yes: the note warns, and asks for nothing.
    if answers.relief_over_three_months is YesNo.NO:
        return False
    return bool(frequent_relief(answers.relief))
