"""Each question is defined once; the forms ask it under its name and in its words."""

from collections.abc import Iterator

import pytest
from flask import Flask

from directory.care import questions, selfcheck_questions
from directory.care.questions import Question
from directory.inquiries.form.form_pages import Step, form_of
from directory.selfcheck.carrying import carried
from directory.selfcheck.forms import SelfCheckForm
from tests.care.test_selfcheck_rules import TYPICAL


def asked_in(module: object) -> Iterator[Question]:
    """Yield the questions that a module defines; those of a preventive's row are in no form."""
    for name, value in vars(module).items():
        if isinstance(value, Question) and not name.startswith(("PREVENTIVE_", "PART_OF_WINDOW")):
            yield value
    yield from vars(module)["RELIEF"].values()


@pytest.mark.parametrize("question", list(asked_in(questions)), ids=lambda each: each.name)
def test_the_inquiry_asks_each_question_in_its_words(app: Flask, question: Question) -> None:
    with app.test_request_context():
        [field] = [form[question.name] for form in map(form_of, Step) if question.name in form]
        assert field.label.text == question.text


@pytest.mark.parametrize(
    "question", list(asked_in(selfcheck_questions)), ids=lambda each: each.name
)
def test_the_self_check_asks_each_question_in_its_words(app: Flask, question: Question) -> None:
    with app.test_request_context():
        assert SelfCheckForm()[question.name].label.text == question.text


def test_every_name_that_is_carried_is_a_field_of_the_inquiry(app: Flask) -> None:
    with app.test_request_context():
        known = {field.name for step in Step for field in form_of(step)}
    assert {name for name, _ in carried(TYPICAL)} <= known
