"""The pages of the self-check: questions, result, diary. Nothing typed is stored or logged."""

from flask import Blueprint, make_response, render_template, request
from flask_babel import format_date
from werkzeug.wrappers import Response

from directory.care import selfcheck_outcomes, selfcheck_questions
from directory.care.selfcheck_answers import SelfCheckAnswers
from directory.care.selfcheck_outcomes import Outcome
from directory.care.selfcheck_rules import evaluate
from directory.core.clock import utc_now
from directory.core.formats import month_text
from directory.core.http import keep_private
from directory.selfcheck.carrying import carried
from directory.selfcheck.diary import month_of
from directory.selfcheck.forms import SelfCheckForm

selfcheck_bp = Blueprint("selfcheck", __name__)

# The country whose rules and emergency number are named.
COUNTRY = selfcheck_outcomes.COUNTRIES["us"]


@selfcheck_bp.get("/self-check")
def start() -> Response:
    """Show the emergency signs, then the questions."""
    response = make_response(_questions_page(SelfCheckForm()))
    # The page holds this browser's token; "back" from the result still finds what was ticked.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@selfcheck_bp.post("/self-check")
def result() -> Response:
    """Show what the answers resemble, straight from what was sent."""
    form = SelfCheckForm()
    is_complete = form.validate_on_submit()
    answers = form.answers()
    # Nobody fills in the rest of a form first in an emergency.
    if not is_complete and not answers.emergencies:
        return keep_private(make_response(_questions_page(form), 422))
    return keep_private(make_response(_result_page(answers)))


@selfcheck_bp.get("/self-check/diary")
def diary() -> str:
    """Show the diary of a month, made to be printed."""
    month = month_of(request.args.get("month"), today=utc_now().date())
    return render_template(
        "selfcheck/diary.html",
        name=month_text(month.first),
        days=[(day.day, format_date(day, "EEE")) for day in month.days],
        others=[
            (each.slug, month_text(each.first))
            for each in (month.moved(-1), month.moved(1))
            if each is not None
        ],
    )


def _questions_page(form: SelfCheckForm) -> str:
    return render_template(
        "selfcheck/questions.html",
        form=form,
        asked=selfcheck_questions,
        emergency_number=COUNTRY.emergency_number,
    )


def _result_page(answers: SelfCheckAnswers) -> str:
    result = evaluate(answers)
    outcome = selfcheck_outcomes.OUTCOMES[result.outcome]
    notes = selfcheck_outcomes.note_passages(result.notes, COUNTRY)
    said = [
        outcome,
        *notes.values(),
        selfcheck_outcomes.BOXED_WARNING,
        selfcheck_outcomes.HOW_FAR_THIS_GOES,
    ]
    return render_template(
        "selfcheck/result.html",
        is_emergency=result.outcome is Outcome.EMERGENCY,
        outcome=outcome,
        notes=notes,
        warning=selfcheck_outcomes.BOXED_WARNING,
        how_far=selfcheck_outcomes.HOW_FAR_THIS_GOES,
        only_a_clinician=selfcheck_outcomes.ONLY_A_CLINICIAN,
        sources=selfcheck_outcomes.sources_of(said),
        carried=carried(answers),
        preventives=len(answers.preventives),
        emergency_number=COUNTRY.emergency_number,
    )
