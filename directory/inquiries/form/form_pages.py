"""The steps of the form, their order, and what comes of them once all are right."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from directory.care.answers import Answers, Contact
from directory.care.questions import (
    AGE_BAND,
    HEADACHE_DAYS,
    LENGTH,
    MIGRAINE_DAYS,
    OVER_THREE_MONTHS,
    RELIEF,
    SAFETY_POINTS,
)
from directory.care.selfcheck_questions import PREVENTIVES
from directory.core.forms import ProtectedForm
from directory.inquiries.drafts import Fields
from directory.inquiries.form.headaches import HeadachesForm
from directory.inquiries.form.practical import PracticalForm
from directory.inquiries.form.review import ReviewForm
from directory.inquiries.form.safety import SafetyForm
from directory.inquiries.form.treatment import TreatmentForm, carried_preventives
from directory.inquiries.form.who import FirstForm, WhoForm

Typed = Mapping[str, Sequence[str]]


class Step(enum.StrEnum):
    """One screen of the form; the values stand in addresses."""

    WHO = "who"
    HEADACHES = "headaches"
    TREATMENT = "treatment"
    SAFETY = "safety"
    PRACTICAL = "practical"
    REVIEW = "review"

    @property
    def number(self) -> int:
        """Which step it is, from 1."""
        return _ORDER.index(self) + 1

    @property
    def after(self) -> "Step":
        """The next step; after the last, the last."""
        return _ORDER[min(self.number, len(_ORDER) - 1)]

    @property
    def before(self) -> "Step":
        """The step before; before the first, the first."""
        return _ORDER[max(self.number - 2, 0)]


_ORDER = tuple(Step)
STEPS = len(_ORDER)
TITLES: Mapping[Step, Any] = {
    Step.WHO: _l("Who it is for"),
    Step.HEADACHES: _l("Your headaches"),
    Step.TREATMENT: _l("Treatment so far"),
    Step.SAFETY: _l("Safety"),
    Step.PRACTICAL: _l("Practical things"),
    Step.REVIEW: _l("Review and send"),
}
_FORMS: Mapping[Step, Any] = {
    Step.WHO: WhoForm,
    Step.HEADACHES: HeadachesForm,
    Step.TREATMENT: TreatmentForm,
    Step.SAFETY: SafetyForm,
    Step.PRACTICAL: PracticalForm,
    Step.REVIEW: ReviewForm,
}
QUESTIONS = _ORDER[:-1]
# What the self-check asks as well.
_CARRIED: Mapping[Step, tuple[str, ...]] = {
    Step.WHO: (AGE_BAND.name,),
    Step.HEADACHES: (
        *(HEADACHE_DAYS.name, HEADACHE_DAYS.unsure_name),
        *(MIGRAINE_DAYS.name, MIGRAINE_DAYS.unsure_name),
        *(LENGTH.name, OVER_THREE_MONTHS.name),
    ),
    Step.TREATMENT: tuple(each.name for each in RELIEF.values()),
    Step.SAFETY: (SAFETY_POINTS.name,),
}
# What a form carries besides what was typed.
_NOT_TYPED = frozenset({"csrf_token", "form_id", "website"})


@dataclass(frozen=True, repr=False)
class FilledIn:
    """All steps, checked, as values and as forms to show."""

    contact: Contact
    answers: Answers
    forms: Mapping[Step, Any]


def form_of(step: Step, typed: Typed | None = None) -> Any:
    """Return the form of a step as a page shows it: with what was typed, or as it was sent."""
    return _FORMS[step]() if typed is None else _filled(_FORMS[step], typed)


def first_form(typed: Typed | None = None) -> FirstForm:
    """Return the first step as it begins a draft."""
    form: FirstForm = FirstForm() if typed is None else _filled(FirstForm, typed)
    return form


def is_stale(form: Any) -> bool:
    """Tell whether a form was not sent by a page of this session; then drop that complaint.

    The page says so in words of its own, with everything typed kept in sight.
    """
    if "csrf_token" not in form or not form.csrf_token.errors:
        return False
    del form.csrf_token
    return True


def typed_in(form: ProtectedForm, sent: MultiDict[str, str]) -> dict[str, list[str]]:
    """Return exactly what was typed into a form, and nothing that it does not ask for."""
    names = {field.name for field in form} - _NOT_TYPED
    return {name: sent.getlist(name) for name in sorted(names) if name in sent}


def carried_into(fields: Fields, sent: MultiDict[str, str]) -> Fields:
    """Return the steps that the self-check fills, with its answers in place of earlier ones."""
    steps = {
        step.value: {
            **fields.get(step.value, {}),
            **{name: sent.getlist(name) for name in names},
        }
        for step, names in _CARRIED.items()
    }
    treatment = steps[Step.TREATMENT.value]
    treatment |= carried_preventives(treatment, sent.getlist(PREVENTIVES.name))
    return steps


def answered(fields: Fields) -> Fields:
    """Return what was typed at the steps with questions, and nothing that is kept beside it."""
    return {step.value: fields.get(step.value, {}) for step in QUESTIONS}


def first_wrong(fields: Fields) -> Step | None:
    """Return the first step that has a mistake or has not been filled in."""
    return next((step for step in QUESTIONS if not _kept(step, fields).validate()), None)


def filled_in(fields: Fields) -> FilledIn | None:
    """Return what was filled in, or None while a step has a mistake."""
    forms = {step: _kept(step, fields) for step in QUESTIONS}
    if not all(form.validate() for form in forms.values()):
        return None
    parts: dict[str, Any] = {}
    for form in forms.values():
        parts |= form.answers()
    return FilledIn(forms[Step.WHO].contact(), Answers(**parts), forms)


def _kept(step: Step, fields: Fields) -> Any:
    return form_of(step, fields.get(step.value, {}))


def _filled(kind: Any, typed: Typed) -> Any:
    """Return a form with what was kept: only the one that the browser sends needs a token."""
    pairs = [(name, each) for name, texts in typed.items() for each in texts]
    # Never empty: an empty one would count as not sent at all, and its defaults as answers.
    return kind(MultiDict([("step", ""), *pairs]), meta={"csrf": False})
