"""From answers back to the fields of the form, to fill in an inquiry that is repeated."""

from collections.abc import Iterable
from typing import Any

from directory.care.answers import Answers, Contact
from directory.inquiries.drafts import Fields
from directory.inquiries.form.form_pages import Step
from directory.inquiries.form.practical import window_name
from directory.inquiries.form.treatment import MOST_ROWS, relief_name, row_name
from directory.inquiries.form.who import MYSELF, OTHER

_TICKED = "y"


def kept_fields(contact: Contact, answers: Answers) -> Fields:
    """Return the fields of all steps as if these values had just been typed.

    The consents are not among them: they are given anew each time. Windows that have passed
    are: leave them out of the answers before, or the form asks for new ones.
    """
    return {
        Step.WHO.value: _given(
            asks_for=OTHER if contact.relationship else MYSELF,
            relationship=contact.relationship,
            may_ask=bool(contact.relationship),
            age_band=answers.age_band,
            zip_code=answers.zip_code,
            patient_name=contact.name,
            email=contact.email,
            phone=contact.phone,
            way=contact.way,
            part_of_day=contact.part_of_day,
            language=contact.language,
            other_language=contact.other_language,
            needs_interpreter=contact.needs_interpreter,
        ),
        Step.HEADACHES.value: _headaches(answers),
        Step.TREATMENT.value: _treatment(answers),
        Step.SAFETY.value: _given(safety=answers.safety),
        Step.PRACTICAL.value: _practical(answers),
    }


def _headaches(answers: Answers) -> dict[str, list[str]]:
    return _given(
        reason=answers.reason,
        told=answers.told,
        headache_days=answers.headache_days,
        headache_days_unsure=answers.headache_days is None,
        migraine_days=answers.migraine_days,
        migraine_days_unsure=answers.migraine_days is None,
        length=answers.length,
        over_three_months=answers.over_three_months,
        diary=answers.diary,
        midas=answers.score.midas,
        hit6=answers.score.hit6,
        scored_on=answers.score.scored_on,
    )


def _treatment(answers: Answers) -> dict[str, list[str]]:
    relief = {relief_name(kind): days for kind, days in answers.pain_relief.items()}
    tried = {
        row_name(row, name): getattr(each, name)
        for row, each in enumerate(answers.preventives[:MOST_ROWS], start=1)
        for name in ("kind", "name", "dose", "months", "outcomes")
    }
    toxin = answers.earlier_toxin
    earlier = {
        f"toxin_{name}": getattr(toxin, name) if toxin else None
        for name in ("product", "last_on", "units", "helped", "effects")
    }
    return _given(
        **relief,
        **tried,
        **earlier,
        had_toxin=answers.had_toxin,
        toxin_elsewhere=answers.toxin_elsewhere,
    )


def _practical(answers: Answers) -> dict[str, list[str]]:
    windows = {
        window_name(number, field): value
        for number, window in enumerate(answers.windows, start=1)
        for field, value in (
            ("first", window.first),
            ("last", window.last),
            ("part", window.part_of_day),
        )
    }
    return _given(
        insurer=answers.coverage.insurer,
        plan=answers.coverage.plan,
        self_pay=answers.coverage.self_pay,
        has_referral=answers.coverage.has_referral,
        travel_miles=answers.travel_miles,
        access_needs=answers.access_needs,
        message=answers.message,
        **windows,
    )


def _given(**values: Any) -> dict[str, list[str]]:
    texts = {name: list(_texts(value)) for name, value in values.items()}
    return {name: given for name, given in texts.items() if given}


def _texts(value: Any) -> Iterable[str]:
    """Yield a value as a browser sends it; what is empty or not ticked is not sent."""
    if value is True:
        yield _TICKED
    elif isinstance(value, tuple):
        yield from (each.value for each in value)
    elif value is not None and value is not False and value != "":
        yield str(value)
