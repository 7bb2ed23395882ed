"""Every outcome, every limit from both sides, and what no result may ever say."""

import re
from dataclasses import replace
from itertools import chain

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.care import selfcheck_outcomes
from directory.care.answers import (
    CONTRAINDICATIONS,
    AgeBand,
    Length,
    PainRelief,
    Preventive,
    SafetyPoint,
    YesNo,
)
from directory.care.selfcheck_answers import Emergency, MigraineItem, Prompt, SelfCheckAnswers
from directory.care.selfcheck_outcomes import COUNTRIES, Note, Outcome
from directory.care.selfcheck_questions import RELIEF
from directory.care.selfcheck_rules import Result, evaluate

TWO_ITEMS = frozenset({MigraineItem.NAUSEA, MigraineItem.LIGHT})
TYPICAL = SelfCheckAnswers(
    age_band=AgeBand.ADULT,
    headache_days=15,
    over_three_months=YesNo.YES,
    migraine_days=8,
    items=TWO_ITEMS,
    length=Length.FOUR_OR_MORE,
)
NEVER = re.compile(r"eligib|qualif|you have|you are suffering|you suffer|candidate", re.IGNORECASE)


def subsets(kind):
    return st.frozensets(st.sampled_from(kind))


ANSWERS = st.builds(
    SelfCheckAnswers,
    emergencies=subsets(Emergency),
    prompts=subsets(Prompt),
    age_band=st.none() | st.sampled_from(AgeBand),
    headache_days=st.none() | st.integers(0, 30),
    over_three_months=st.sampled_from(YesNo),
    migraine_days=st.none() | st.integers(0, 30),
    items=subsets(MigraineItem),
    length=st.sampled_from(Length),
    relief=st.dictionaries(st.sampled_from(list(RELIEF)), st.integers(0, 31)),
    relief_over_three_months=st.sampled_from(YesNo),
    preventives=subsets(Preventive),
    safety=subsets(SafetyPoint),
)


def changed(**changes) -> Result:
    return evaluate(replace(TYPICAL, **changes))


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.RESEMBLES),
        ({"age_band": AgeBand.OLDER}, Outcome.RESEMBLES),
        ({"age_band": AgeBand.UNDER_18}, Outcome.UNDER_18),
        ({"headache_days": None}, Outcome.DIARY),
        ({"migraine_days": None}, Outcome.DIARY),
        ({"over_three_months": YesNo.UNSURE}, Outcome.DIARY),
        ({"headache_days": 14}, Outcome.FEWER_DAYS),
        ({"headache_days": 0, "migraine_days": 0}, Outcome.FEWER_DAYS),
        ({"headache_days": 16}, Outcome.RESEMBLES),
        ({"over_three_months": YesNo.NO}, Outcome.NOT_YET_LONG),
        ({"migraine_days": 7}, Outcome.OTHER_PATTERN),
        ({"migraine_days": 9}, Outcome.RESEMBLES),
        ({"items": frozenset()}, Outcome.OTHER_PATTERN),
        ({"items": frozenset({MigraineItem.LIMITED})}, Outcome.OTHER_PATTERN),
        ({"items": frozenset(MigraineItem)}, Outcome.RESEMBLES),
        ({"length": Length.UNDER_4}, Outcome.RESEMBLES_SHORTER),
        ({"length": Length.UNSURE}, Outcome.RESEMBLES_SHORTER),
    ],
)
def test_each_limit_decides_from_both_sides(changes, outcome):
    assert changed(**changes).outcome is outcome


@pytest.mark.parametrize("sign", Emergency)
def test_each_emergency_sign_alone_is_an_emergency(sign):
    assert changed(emergencies=frozenset({sign})).outcome is Outcome.EMERGENCY


@pytest.mark.parametrize("sign", Prompt)
def test_each_prompt_sign_alone_calls_for_a_clinician_soon(sign):
    assert changed(prompts=frozenset({sign})).outcome is Outcome.PROMPT_REVIEW


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"prompts": frozenset({Prompt.EFFORT}), "headache_days": 3}, Outcome.PROMPT_REVIEW),
        ({"age_band": AgeBand.UNDER_18, "headache_days": None}, Outcome.UNDER_18),
        ({"headache_days": 3, "migraine_days": None}, Outcome.DIARY),
        ({"headache_days": 14, "over_three_months": YesNo.NO}, Outcome.FEWER_DAYS),
        ({"over_three_months": YesNo.NO, "migraine_days": 7}, Outcome.NOT_YET_LONG),
        ({"migraine_days": 7, "length": Length.UNDER_4}, Outcome.OTHER_PATTERN),
    ],
)
def test_where_two_rules_apply_the_first_decides(changes, outcome):
    assert changed(**changes).outcome is outcome


@pytest.mark.parametrize(
    "kind", [PainRelief.TRIPTAN, PainRelief.ERGOT, PainRelief.OPIOID, PainRelief.COMBINATION]
)
@pytest.mark.parametrize(("days", "is_frequent"), [(0, False), (9, False), (10, True), (31, True)])
def test_other_pain_relief_is_frequent_from_10_days_on(kind, days, is_frequent):
    result = changed(relief={kind: days}, relief_over_three_months=YesNo.YES)
    assert (Note.PAIN_RELIEF in result.notes) == is_frequent


@pytest.mark.parametrize(("days", "is_frequent"), [(10, False), (14, False), (15, True)])
def test_simple_pain_relief_is_frequent_from_15_days_on(days, is_frequent):
    result = changed(relief={PainRelief.SIMPLE: days}, relief_over_three_months=YesNo.YES)
    assert (Note.PAIN_RELIEF in result.notes) == is_frequent


@pytest.mark.parametrize(
    ("since", "is_said"), [(YesNo.YES, True), (YesNo.UNSURE, True), (YesNo.NO, False)]
)
def test_pain_relief_counts_only_over_three_months(since, is_said):
    result = changed(relief={PainRelief.TRIPTAN: 12}, relief_over_three_months=since)
    assert (Note.PAIN_RELIEF in result.notes) == is_said


def test_one_frequent_kind_among_rare_ones_is_enough():
    relief = {PainRelief.SIMPLE: 2, PainRelief.OPIOID: 10, PainRelief.TRIPTAN: 1}
    assert Note.PAIN_RELIEF in changed(relief=relief).notes


@pytest.mark.parametrize("point", sorted(CONTRAINDICATIONS))
@pytest.mark.parametrize("days", [15, 3])
def test_an_allergy_or_infection_is_spoken_of_whatever_the_pattern(point, days):
    result = changed(safety=frozenset({point}), headache_days=days)
    assert result.notes[0] is Note.SAFETY


@pytest.mark.parametrize("point", sorted(set(SafetyPoint) - CONTRAINDICATIONS))
def test_what_only_an_inquiry_asks_adds_no_note(point):
    assert Note.SAFETY not in changed(safety=frozenset({point})).notes


@pytest.mark.parametrize("length", Length)
def test_access_and_expectations_stand_where_the_pattern_resembles(length):
    assert changed(length=length).notes == (Note.ACCESS, Note.EXPECTATIONS)
    assert changed(length=length, migraine_days=7).notes == ()


@given(ANSWERS)
def test_an_emergency_wins_over_everything_and_stands_alone(answers):
    result = evaluate(answers)
    assert (result.outcome is Outcome.EMERGENCY) == bool(answers.emergencies)
    assert not (answers.emergencies and result.notes)


@given(ANSWERS)
def test_the_same_answers_lead_to_the_same_result(answers):
    assert evaluate(answers) == evaluate(replace(answers))


@given(answers=ANSWERS, country=st.sampled_from(sorted(COUNTRIES)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_result_ever_says_what_only_a_clinician_may(app: Flask, answers, country):
    assert not NEVER.search(said(evaluate(answers), country))


@pytest.mark.parametrize("country", COUNTRIES)
def test_everything_said_besides_the_results_keeps_to_this_too(app: Flask, country):
    assert not NEVER.search(said(Result(Outcome.RESEMBLES, tuple(Note)), country))


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_names_its_sources(outcome):
    assert selfcheck_outcomes.OUTCOMES[outcome].sources


@pytest.mark.parametrize("country", COUNTRIES)
def test_each_note_names_its_sources(country):
    passages = selfcheck_outcomes.note_passages(list(Note), COUNTRIES[country])
    assert list(passages) == list(Note)
    assert all(each.sources for each in passages.values())


def said(result: Result, country: str) -> str:
    """Return all that a result page says in its own words."""
    passages = [
        selfcheck_outcomes.OUTCOMES[result.outcome],
        *selfcheck_outcomes.note_passages(result.notes, COUNTRIES[country]).values(),
        selfcheck_outcomes.BOXED_WARNING,
        selfcheck_outcomes.HOW_FAR_THIS_GOES,
    ]
    texts = chain.from_iterable(
        (each.heading, *each.sentences, *each.next_steps) for each in passages
    )
    return "\n".join([*map(str, texts), str(selfcheck_outcomes.ONLY_A_CLINICIAN)])
