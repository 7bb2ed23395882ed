"""Answers to read through or to print, in the words of the questions; and whom to call."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from directory.clinics.queries import clinics_of
from directory.core.formats import day_text
from directory.inquiries.form.fields import DayField
from directory.providers.models import Provider

_ROW = re.compile(r"(preventive|window)_(\d)_(\w+)")
_UNSURE = "_unsure"
_UNASKED = frozenset({"HiddenField", "CSRFTokenField"})


@dataclass(frozen=True, repr=False)
class Line:
    """A question and its answer."""

    label: str
    value: str


@dataclass(frozen=True)
class CallPlace:
    """Whom to call."""

    name: str
    phone: str | None


def call_place(session: Session, provider: Provider) -> CallPlace:
    """Return the clinic to call, else the professional's first practice location."""
    for clinic in clinics_of(session, provider.npi):
        if clinic.phone:
            return CallPlace(clinic.name, clinic.phone)
    location = next((each for each in provider.practice_locations if each.phone), None)
    return CallPlace(provider.full_name, location.phone if location else None)


def lines_of(form: Any) -> list[Line]:
    """Return what was answered in a form, leaving out what was left open."""
    lines: dict[str, Line] = {}
    for field in form:
        row = _ROW.fullmatch(field.name)
        value = _value(form, field)
        if not value or field.name.endswith(_UNSURE) or field.type in _UNASKED:
            continue
        if row is None:
            lines[field.name] = Line(str(field.label.text), value)
        elif _is_used(form, row):
            key = f"{row[1]}_{row[2]}"
            before = lines[key].value if key in lines else ""
            lines[key] = Line(_row_label(row), _with(before, value, is_end=row[3] == "last"))
    return list(lines.values())


def _with(before: str, value: str, *, is_end: bool) -> str:
    """Return a row with one more of its fields; the days of a window become one span."""
    if not before:
        return value
    if is_end:
        return str(_("%(first)s to %(last)s", first=before, last=value))
    return f"{before} · {value.replace(chr(10), ', ')}"


def _value(form: Any, field: Any) -> str:
    unsure = f"{field.name}{_UNSURE}"
    if unsure in form and form[unsure].data:
        return str(_("not sure"))
    if field.type == "BooleanField":
        return str(_("yes")) if field.data else ""
    if isinstance(field, DayField):
        return day_text(field.data) if field.data else ""
    if hasattr(field, "iter_choices"):
        return "\n".join(_chosen(field))
    if field.name.startswith("relief_") and field.data:
        return str(ngettext("%(num)d day a month", "%(num)d days a month", int(field.data)))
    if field.name.endswith("_months") and field.data:
        return str(ngettext("for %(num)d month", "for %(num)d months", int(field.data)))
    return str(field.data or "")


def _chosen(field: Any) -> Iterator[str]:
    for option in field:
        if option.checked and option.data:
            yield str(option.label.text)


def _is_used(form: Any, row: re.Match[str]) -> bool:
    """Tell whether a row says anything: a time of day alone, which is set before, does not."""
    needed = "kind" if row[1] == "preventive" else "first"
    return bool(form[f"{row[1]}_{row[2]}_{needed}"].data)


def _row_label(row: re.Match[str]) -> str:
    if row[1] == "preventive":
        return str(_("Preventive %(number)s", number=row[2]))
    return str(_("Time %(number)s", number=row[2]))
