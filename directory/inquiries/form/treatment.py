"""The treatment so far: pain relief, preventives, earlier treatment with a toxin."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from directory.care.answers import EarlierToxin, PainRelief, TriedPreventive, YesNo
from directory.care.questions import (
    HAD_TOXIN,
    PREVENTIVE_KIND,
    PREVENTIVE_MONTHS,
    PREVENTIVE_OUTCOMES,
    RELIEF,
    TOXIN_ELSEWHERE,
    TOXIN_HELPED,
    TOXIN_UNITS,
)
from directory.core.clock import utc_now
from directory.core.forms import ProtectedForm
from directory.inquiries.form.fields import (
    DayField,
    line,
    not_after,
    number,
    number_in,
    one_of,
    picked,
    plain_newlines,
    some_of,
)

FEWEST_ROWS = 3
MOST_ROWS = 6
_ROWS = range(1, MOST_ROWS + 1)
_ROW_FIELDS = ("kind", "name", "dose", "months", "outcomes")
_TOXIN_FIELDS = ("toxin_product", "toxin_last_on", "toxin_units", "toxin_helped", "toxin_effects")

Form = TypeVar("Form", bound=type[Any])


def relief_name(kind: PainRelief) -> str:
    """Return the name of the field for the days on this kind of pain relief."""
    return RELIEF[kind].name


def row_name(row: int, field: str) -> str:
    """Return the name of a field of a preventive's row; rows begin at 1."""
    return f"preventive_{row}_{field}"


def carried_preventives(
    kept: Mapping[str, list[str]], kinds: Sequence[str]
) -> dict[str, list[str]]:
    """Return the rows with these kinds; what was told of a preventive before stays with it."""
    rows = [{name: kept.get(row_name(row, name), []) for name in _ROW_FIELDS} for row in _ROWS]
    told = [row for row in rows if any(any(row[name]) for name in _ROW_FIELDS[1:])]
    known = {kind for row in told for kind in row["kind"]}
    told += [{"kind": [kind]} for kind in kinds if kind not in known]
    told += [{}] * MOST_ROWS  # what is not filled is emptied
    return {
        row_name(number, name): row.get(name, [])
        for number, row in zip(_ROWS, told, strict=False)
        for name in _ROW_FIELDS
    }


def _with_repeated_fields(form: Form) -> Form:
    for question in RELIEF.values():
        setattr(form, question.name, number(question))
    for row in _ROWS:
        setattr(form, row_name(row, "kind"), picked(PREVENTIVE_KIND))
        setattr(form, row_name(row, "name"), line(_l("Name, if you know it"), 80))
        setattr(form, row_name(row, "dose"), line(_l("Dose"), 40))
        setattr(form, row_name(row, "months"), number(PREVENTIVE_MONTHS))
        setattr(form, row_name(row, "outcomes"), some_of(PREVENTIVE_OUTCOMES))
    return form


@_with_repeated_fields
class MedicinesForm(ProtectedForm):
    """Days on pain relief, and a row for each preventive."""


class TreatmentForm(MedicinesForm):
    """Mistakes are listed in the order of these fields, after those on medicines."""

    rows = HiddenField(default=str(FEWEST_ROWS))  # how many are in sight
    had_toxin = one_of(HAD_TOXIN)
    toxin_product = line(_l("Which product?"), 80)
    toxin_last_on = DayField(_l("When was the last time?"))
    toxin_units = number(TOXIN_UNITS)
    toxin_helped = one_of(TOXIN_HELPED)
    toxin_effects = TextAreaField(
        _l("Any unwanted effects?"),
        [Length(max=500, message=_l("Shorten this to 500 characters."))],
        filters=[plain_newlines],
    )
    toxin_elsewhere = one_of(TOXIN_ELSEWHERE)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then what several of them say together."""
        is_valid = bool(super().validate(extra_validators))
        for row in _ROWS:
            kind = self.of_row(row, "kind")
            if not kind.data and not kind.errors and self._is_used(row):
                kind.errors = [_("Choose the kind of this medicine.")]
                is_valid = False
        # Nothing is dropped: whoever tells of an earlier treatment has had one.
        is_told = any(self[name].data for name in _TOXIN_FIELDS)
        if is_told and self.had_toxin.data != YesNo.YES and not self.had_toxin.errors:
            self.had_toxin.errors = [_("Choose “Yes”, or empty the fields about it below.")]
            is_valid = False
        return is_valid

    def validate_toxin_last_on(self, field: DayField) -> None:
        """Refuse a treatment of tomorrow."""
        not_after(field, utc_now().date())

    def of_row(self, row: int, field: str) -> Any:
        """Return a field of a preventive's row."""
        return self[row_name(row, field)]

    def shown_rows(self) -> range:
        """Return the numbers of the rows in sight: those asked for, and all that are in use."""
        asked = number_in(self.rows.data) or FEWEST_ROWS
        last_used = max((row for row in _ROWS if self._is_used(row)), default=0)
        return range(1, min(MOST_ROWS, max(FEWEST_ROWS, asked, last_used)) + 1)

    def can_show_more(self) -> bool:
        """Tell whether another row can be had."""
        return len(self.shown_rows()) < MOST_ROWS

    def rows_after_one_more(self) -> int:
        """Return how many rows are in sight after one more was asked for."""
        return min(MOST_ROWS, len(self.shown_rows()) + 1)

    def answers(self) -> dict[str, Any]:
        """Return what this step says of `Answers`, once the form is valid."""
        given = self.data
        relief = {kind: number_in(given[relief_name(kind)]) for kind in PainRelief}
        return {
            "pain_relief": {kind: days for kind, days in relief.items() if days is not None},
            "preventives": tuple(_tried(given, row) for row in _ROWS if self._is_used(row)),
            "had_toxin": given["had_toxin"],
            "earlier_toxin": _toxin(given) if given["had_toxin"] == YesNo.YES else None,
            "toxin_elsewhere": given["toxin_elsewhere"],
        }

    def _is_used(self, row: int) -> bool:
        fields = [self.of_row(row, name) for name in _ROW_FIELDS]
        return any(each.data or (each.errors and each.raw_data) for each in fields)


def _tried(given: dict[str, Any], row: int) -> TriedPreventive:
    return TriedPreventive(
        kind=given[row_name(row, "kind")],
        name=given[row_name(row, "name")] or "",
        dose=given[row_name(row, "dose")] or "",
        months=number_in(given[row_name(row, "months")]),
        outcomes=tuple(given[row_name(row, "outcomes")] or ()),
    )


def _toxin(given: dict[str, Any]) -> EarlierToxin:
    return EarlierToxin(
        product=given["toxin_product"] or "",
        last_on=given["toxin_last_on"],
        units=number_in(given["toxin_units"]),
        helped=given["toxin_helped"],
        effects=given["toxin_effects"] or "",
    )
