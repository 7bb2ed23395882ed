"""The filters of the results page, as groups of choices."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from directory.search.criteria import EVIDENCE_SLUGS, SPECIALTY_SLUGS, Sort
from directory.search.forms import ALL_SPECIALTIES, SearchRequest
from directory.search.labels import EVIDENCE_NAMES, SEX_NAMES, SORT_NAMES, SPECIALTY_NAMES


@dataclass(frozen=True)
class FilterOption:
    """One choice; its label is translated when it is shown."""

    value: str
    label: Any
    checked: bool


@dataclass(frozen=True)
class FilterGroup:
    """Choices that share a parameter."""

    name: str
    legend: Any
    type: str  # "checkbox" or "radio"
    options: tuple[FilterOption, ...]


def filter_groups(request: SearchRequest) -> list[FilterGroup]:
    """Return the groups with the choices of this search marked."""
    return [
        FilterGroup(
            "evidence",
            _l("Does it for migraine"),
            "checkbox",
            tuple(
                FilterOption(slug, EVIDENCE_NAMES[slug], slug in request.evidence)
                for slug in EVIDENCE_SLUGS
            ),
        ),
        FilterGroup(
            "specialty",
            _l("Specialty"),
            "checkbox",
            (
                *(
                    FilterOption(slug, SPECIALTY_NAMES[group], slug in request.specialty)
                    for slug, group in SPECIALTY_SLUGS.items()
                ),
                FilterOption(
                    ALL_SPECIALTIES,
                    _l("Everyone, whatever the specialty"),
                    ALL_SPECIALTIES in request.specialty,
                ),
            ),
        ),
        FilterGroup(
            "sex",
            _l("Sex of the professional"),
            "radio",
            (
                FilterOption("", _l("Any"), not request.sex),
                *(
                    FilterOption(value, name, request.sex == value)
                    for value, name in SEX_NAMES.items()
                ),
            ),
        ),
        _yes_group("accepting", _l("New patients"), _l("Says yes"), checked=request.accepting),
        _yes_group(
            "inquiries", _l("Contact"), _l("Takes inquiries here"), checked=request.inquiries
        ),
    ]


def sort_options(request: SearchRequest) -> list[FilterOption]:
    """Return the orders to choose from."""
    return [FilterOption(sort.value, SORT_NAMES[sort.value], request.sort is sort) for sort in Sort]


def _yes_group(name: str, legend: Any, label: Any, *, checked: bool) -> FilterGroup:
    return FilterGroup(name, legend, "checkbox", (FilterOption("yes", label, checked),))
