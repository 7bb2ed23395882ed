"""What a clinic reads first: days against the criteria, never a verdict."""

import pytest
from flask import Flask

from directory.inquiries.answers import AgeBand, Answers, Contact, Reason
from directory.inquiries.models import Inquiry
from directory.inquiries.summary import view_of


def notes(headache: int | None, migraine: int | None, age: AgeBand = AgeBand.ADULT) -> str:
    inquiry = Inquiry(public_id="x" * 22)
    answers = Answers(age, "60201", Reason.FIRST, headache, migraine, "")
    inquiry.contact = Contact("Jo", "jo@example.org", None).to_json()
    inquiry.answers = answers.to_json()
    view = view_of(inquiry, None)
    assert view is not None
    return " ".join(view.notes)


@pytest.mark.parametrize(
    ("headache", "migraine", "said"),
    [
        (15, 8, "15 or more headache days, 8 or more"),
        (15, 7, "15 or more headache days, fewer than 8"),
        (14, 14, "Fewer than 15"),
        (None, 8, "not sure"),
        (20, None, "not sure"),
    ],
)
def test_the_days_are_compared_with_the_criteria(
    app: Flask, headache: int | None, migraine: int | None, said: str
) -> None:
    assert said in notes(headache, migraine)


def test_an_age_below_18_is_said_first(app: Flask) -> None:
    assert notes(15, 8, AgeBand.UNDER_18).startswith("Under 18")


def test_deleted_answers_leave_no_view(app: Flask) -> None:
    assert view_of(Inquiry(public_id="x" * 22), None) is None
