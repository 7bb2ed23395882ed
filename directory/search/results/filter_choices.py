"""The filters of the results page: groups of options with their result counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from directory.profiles.labels import (
    EVIDENCE_NAMES,
    LANGUAGE_NAMES,
    SEX_NAMES,
    SORT_NAMES,
    SPECIALTY_NAMES,
)
from directory.search.query.criteria import (
    ANYWHERE,
    EVIDENCE_SLUGS,
    SPECIALTY_SLUGS,
    WITHIN_CHOICES,
    Facets,
    Sort,
)
from directory.search.query.request import ALL_SPECIALTIES, SearchRequest
from directory.search.results.values import ResultPage


@dataclass(frozen=True)
class FilterOption:
    """One option of a filter, and how many professionals it matches; None if not counted."""

    name: str
    value: str
    label: Any
    checked: bool
    count: int | None = None


@dataclass(frozen=True)
class FilterGroup:
    """The options of one filter."""

    legend: str
    type: str  # "checkbox" or "radio"
    options: tuple[FilterOption, ...]
    is_long: bool = False  # collapsed until opened

    @property
    def chosen(self) -> int:
        """The number of selected options."""
        return sum(option.checked for option in self.options)


def filter_groups(asked: SearchRequest, page: ResultPage) -> list[FilterGroup]:
    """Return the filters with the options of this search selected."""
    facets = page.facets
    groups = [
        FilterGroup(_("Gives Botox for migraine"), "checkbox", tuple(_evidence(asked, facets))),
        FilterGroup(_("Also needed"), "checkbox", tuple(_needs(asked, facets))),
        FilterGroup(_("Sex of the professional"), "radio", tuple(_sexes(asked, facets))),
        FilterGroup(_("Specialty"), "checkbox", tuple(_specialties(asked, page)), is_long=True),
        FilterGroup(_("Language"), "checkbox", tuple(_languages(asked, facets)), is_long=True),
    ]
    if facets.within:
        groups.insert(0, FilterGroup(_("Distance"), "radio", tuple(_distances(asked, facets))))
    return [group for group in groups if group.options]


def sort_options(asked: SearchRequest) -> list[FilterOption]:
    """Return the sort orders; by distance only in a search around a place."""
    return [
        FilterOption("sort", sort.value, SORT_NAMES[sort.value], asked.sort is sort)
        for sort in Sort
        if asked.near or sort is not Sort.DISTANCE or asked.sort is sort
    ]


def _distances(asked: SearchRequest, facets: Facets) -> Iterator[FilterOption]:
    for miles in WITHIN_CHOICES:
        label = ngettext("%(num)s mile", "%(num)s miles", miles)
        count = facets.within[miles]
        yield FilterOption("within", str(miles), label, asked.within == miles, count)


def _evidence(asked: SearchRequest, facets: Facets) -> Iterator[FilterOption]:
    for slug, tier in EVIDENCE_SLUGS.items():
        count = facets.evidence.get(tier, 0)
        yield FilterOption("evidence", slug, EVIDENCE_NAMES[slug], slug in asked.evidence, count)


def _needs(asked: SearchRequest, facets: Facets) -> Iterator[FilterOption]:
    for name, label, checked, count in (
        ("accepting", _("Takes new patients"), asked.accepting, facets.accepting),
        ("inquiries", _("Takes inquiries here"), asked.inquiries, facets.inquiries),
        ("telehealth", _("Offers telehealth"), asked.telehealth, facets.telehealth),
    ):
        yield FilterOption(name, "yes", label, checked, count)


def _specialties(asked: SearchRequest, page: ResultPage) -> Iterator[FilterOption]:
    for slug, group in SPECIALTY_SLUGS.items():
        label, count = SPECIALTY_NAMES[group], page.facets.specialty.get(group, 0)
        yield FilterOption("specialty", slug, label, slug in asked.specialty, count)
    checked = ALL_SPECIALTIES in asked.specialty
    label = _("Everyone, whatever the specialty")
    if page.is_further:
        # All specialties are counted within the requested distance only.
        label = _("Everyone within %(miles)s miles, whatever the specialty", miles=asked.within)
    yield FilterOption("specialty", ALL_SPECIALTIES, label, checked, page.facets.all_specialties)


def _languages(asked: SearchRequest, facets: Facets) -> Iterator[FilterOption]:
    for code, count in sorted(facets.language.items(), key=lambda each: -each[1]):
        yield FilterOption("language", code, LANGUAGE_NAMES[code], code in asked.language, count)


def _sexes(asked: SearchRequest, facets: Facets) -> Iterator[FilterOption]:
    yield FilterOption("sex", "", _("Any"), not asked.sex)
    for sex, count in facets.sex.items():
        yield FilterOption("sex", sex.value, SEX_NAMES[sex.value], asked.sex == sex.value, count)


def counted_within(page: ResultPage) -> int | None:
    """Return the radius of the counts in miles, if it differs from the requested one."""
    return page.radius_miles if page.is_further and page.radius_miles != ANYWHERE else None
