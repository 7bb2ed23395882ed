"""The questions as a form, checked, and turned into answers."""

from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import gettext as _
from wtforms import BooleanField, Field, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput

from directory.care.answers import AgeBand, Length, PainRelief, YesNo
from directory.care.questions import NOT_SURE, Question
from directory.care.selfcheck_answers import SelfCheckAnswers
from directory.care.selfcheck_questions import (
    AGE,
    EMERGENCIES,
    HEADACHE_DAYS,
    ITEMS,
    LENGTH,
    MIGRAINE_DAYS,
    NONE,
    NONE_OF_THESE,
    OVER_THREE_MONTHS,
    PREVENTIVES,
    PROMPTS,
    RELIEF,
    RELIEF_OVER_THREE_MONTHS,
    SAFETY,
)
from directory.care.thresholds import DAYS_ASKED, DAYS_OF_MONTH
from directory.core.forms import ProtectedForm
from directory.core.text import stripped

Choice = TypeVar("Choice", bound=StrEnum)


class TicksField(SelectMultipleField):
    """Large choices, several of which may be ticked."""

    option_widget = CheckboxInput()


def _choices(question: Question) -> list[SelectChoice]:
    return [SelectChoice(value.value, label) for value, label in question.choices.items()]


def _one_of(question: Question) -> RadioField:
    return RadioField(question.text, [InputRequired(question.missing)], choices=_choices(question))


def _some_of(question: Question, *, must_answer: bool) -> TicksField:
    def answered(_form: ProtectedForm, field: Field) -> None:
        if not field.data:
            raise ValidationError(question.missing)

    none = [SelectChoice(NONE, NONE_OF_THESE)] if must_answer else []
    validators = [answered] if must_answer else []
    return TicksField(question.text, validators, choices=[*_choices(question), *none])


def _number(question: Question) -> StringField:
    return StringField(question.text, filters=[stripped])


class SelfCheckForm(ProtectedForm):
    """The whole self-check on one page. Mistakes are listed in the order of definition."""

    emergencies = _some_of(EMERGENCIES, must_answer=True)
    prompts = _some_of(PROMPTS, must_answer=True)
    age_band = _one_of(AGE)
    headache_days = _number(HEADACHE_DAYS)
    headache_days_unsure = BooleanField(NOT_SURE)
    over_three_months = _one_of(OVER_THREE_MONTHS)
    migraine_days = _number(MIGRAINE_DAYS)
    migraine_days_unsure = BooleanField(NOT_SURE)
    items = _some_of(ITEMS, must_answer=True)
    length = _one_of(LENGTH)
    relief_triptan = _number(RELIEF[PainRelief.TRIPTAN])
    relief_ergot = _number(RELIEF[PainRelief.ERGOT])
    relief_opioid = _number(RELIEF[PainRelief.OPIOID])
    relief_combination = _number(RELIEF[PainRelief.COMBINATION])
    relief_simple = _number(RELIEF[PainRelief.SIMPLE])
    relief_over_three_months = RadioField(
        RELIEF_OVER_THREE_MONTHS.text,
        choices=_choices(RELIEF_OVER_THREE_MONTHS),
        validate_choice=False,  # asked only of those who take something
    )
    preventives = _some_of(PREVENTIVES, must_answer=False)
    safety = _some_of(SAFETY, must_answer=False)

    def validate_headache_days(self, field: StringField) -> None:
        """Ask for a number of days, or for the tick that says unsure."""
        if not self.headache_days_unsure.data:
            _check_days(field.data, HEADACHE_DAYS)

    def validate_migraine_days(self, field: StringField) -> None:
        """Ask for no more days than there are headache days."""
        if self.migraine_days_unsure.data:
            return
        _check_days(field.data, MIGRAINE_DAYS)
        headache, migraine = self._asked_days("headache_days"), self._asked_days("migraine_days")
        if headache is not None and migraine is not None and migraine > headache:
            raise ValidationError(_("Enter no more migraine days than headache days."))

    def validate_relief_triptan(self, field: StringField) -> None:
        """Ask for days of a month, or for nothing."""
        if field.data and _days(field.data, most=DAYS_OF_MONTH) is None:
            raise ValidationError(_("Enter a whole number from 0 to 31, or nothing."))

    validate_relief_ergot = validate_relief_triptan
    validate_relief_opioid = validate_relief_triptan
    validate_relief_combination = validate_relief_triptan
    validate_relief_simple = validate_relief_triptan

    def validate_relief_over_three_months(self, field: RadioField) -> None:
        """Ask for how long, once some pain relief is taken."""
        if any(self._relief().values()) and field.data not in list(YesNo):
            raise ValidationError(RELIEF_OVER_THREE_MONTHS.missing)

    @property
    def relief_fields(self) -> list[tuple[StringField, Question]]:
        """Return the number fields of the kinds of pain relief, with their questions."""
        return [(self[question.name], question) for question in RELIEF.values()]

    def answers(self) -> SelfCheckAnswers:
        """Return the answers; what is missing or cannot be read counts as unsure."""
        return SelfCheckAnswers(
            emergencies=self._ticked("emergencies", EMERGENCIES),
            prompts=self._ticked("prompts", PROMPTS),
            age_band=self._chosen("age_band", AgeBand),
            headache_days=self._asked_days("headache_days"),
            over_three_months=self._chosen("over_three_months", YesNo) or YesNo.UNSURE,
            migraine_days=self._asked_days("migraine_days"),
            items=self._ticked("items", ITEMS),
            length=self._chosen("length", Length) or Length.UNSURE,
            relief=self._relief(),
            relief_over_three_months=self._chosen("relief_over_three_months", YesNo)
            or YesNo.UNSURE,
            preventives=self._ticked("preventives", PREVENTIVES),
            safety=self._ticked("safety", SAFETY),
        )

    def _chosen(self, name: str, kind: type[Choice]) -> Choice | None:
        return next((each for each in kind if each.value == self[name].data), None)

    def _ticked(self, name: str, question: Question) -> frozenset[Any]:
        return frozenset(each for each in question.choices if each in (self[name].data or ()))

    def _asked_days(self, name: str) -> int | None:
        if self[f"{name}_unsure"].data:
            return None
        return _days(self[name].data, most=DAYS_ASKED)

    def _relief(self) -> dict[PainRelief, int]:
        typed = {kind: self[question.name].data for kind, question in RELIEF.items()}
        days = {kind: _days(text, most=DAYS_OF_MONTH) for kind, text in typed.items()}
        return {kind: number for kind, number in days.items() if number is not None}


def _days(text: str | None, *, most: int) -> int | None:
    """Return the number that was typed, or None when it is not one of 0 to the most."""
    if not text or not (text.isascii() and text.isdigit() and len(text) <= 2):
        return None
    return int(text) if int(text) <= most else None


def _check_days(text: str | None, question: Question) -> None:
    if not text:
        raise ValidationError(question.missing)
    if _days(text, most=DAYS_ASKED) is None:
        raise ValidationError(_("Enter a whole number from 0 to 30."))
