"""The answers as fields of a form, to be taken along into an inquiry."""

from enum import StrEnum

from directory.care.questions import Question
from directory.care.selfcheck_answers import SelfCheckAnswers
from directory.care.selfcheck_questions import (
    AGE,
    HEADACHE_DAYS,
    LENGTH,
    MIGRAINE_DAYS,
    OVER_THREE_MONTHS,
    PREVENTIVES,
    RELIEF,
    SAFETY,
)

Fields = list[tuple[str, str]]


def carried(answers: SelfCheckAnswers) -> Fields:
    """Return names and values as the inquiry asks for them. They go into a POST, never a URL."""
    return [
        *_chosen(AGE, answers.age_band),
        *_days(HEADACHE_DAYS, answers.headache_days),
        *_days(MIGRAINE_DAYS, answers.migraine_days),
        *_chosen(LENGTH, answers.length),
        *_chosen(OVER_THREE_MONTHS, answers.over_three_months),
        *((RELIEF[kind].name, str(days)) for kind, days in answers.relief.items()),
        *_chosen(PREVENTIVES, *sorted(answers.preventives)),
        *_chosen(SAFETY, *sorted(answers.safety)),
    ]


def _chosen(question: Question, *members: StrEnum | None) -> Fields:
    return [(question.name, each.value) for each in members if each is not None]


def _days(question: Question, days: int | None) -> Fields:
    return [(question.unsure_name, "y")] if days is None else [(question.name, str(days))]
