"""The query parameters of a search, parsed and validated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from directory.core.errors import DirectoryError
from directory.core.text import squeezed
from directory.geo.points import Point
from directory.providers.models import Sex
from directory.search.index.name_words import parse_name
from directory.search.index.packed_listing import LANGUAGES
from directory.search.query.criteria import (
    DEFAULT_WITHIN,
    EVIDENCE_SLUGS,
    SPECIALTY_SLUGS,
    WITHIN_CHOICES,
    Criteria,
    Sort,
)

ALL_SPECIALTIES = "all"
_LONGEST_PLACE = 200
_LONGEST_NAME = 100
_LAST_PAGE = 100_000
PARAMETERS = (
    *("near", "within", "evidence", "specialty", "sex", "language", "telehealth", "accepting"),
    *("inquiries", "name", "sort", "widen", "page", "version"),
)


class ParameterError(DirectoryError):
    """A search parameter has an invalid value."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"The parameter {name!r} must be {expected}.")
        self.name = name
        self.expected = expected


@dataclass(frozen=True)
class SearchRequest:
    """The validated parameters of a search; the place is not yet resolved."""

    near: str = ""
    name: str = ""
    within: int = DEFAULT_WITHIN
    evidence: frozenset[str] = frozenset()
    specialty: frozenset[str] = frozenset()
    sex: str = ""
    language: frozenset[str] = frozenset()
    telehealth: bool = False
    accepting: bool = False
    inquiries: bool = False
    sort: Sort = Sort.RECOMMENDED
    widen: bool = True
    page: int = 1
    version: int | None = None  # of the data, which the preceding pages were made from

    def criteria(self, point: Point | None) -> Criteria:
        """Return the criteria of a search around the point, or, for a name, anywhere."""
        return Criteria(
            near=point,
            radius_miles=self.within,
            name=parse_name(self.name),
            tiers=frozenset(EVIDENCE_SLUGS[slug] for slug in self.evidence),
            specialties=frozenset(
                SPECIALTY_SLUGS[slug] for slug in self.specialty - {ALL_SPECIALTIES}
            ),
            all_specialties=ALL_SPECIALTIES in self.specialty,
            sex=Sex(self.sex) if self.sex else None,
            languages=self.language,
            telehealth_only=self.telehealth,
            accepting_only=self.accepting,
            inquiries_only=self.inquiries,
            sort=self.sort,
            may_widen=self.widen,
        )

    @property
    def chosen(self) -> int:
        """The number of filter values selected, apart from place, name and distance."""
        several = len(self.evidence) + len(self.specialty) + len(self.language)
        return several + sum((bool(self.sex), self.telehealth, self.accepting, self.inquiries))

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """Return the query parameters of this search, without defaults."""
        other = replace(self, **changes)
        given = {
            "near": other.near or None,
            "name": other.name or None,
            "within": other.within if other.within != DEFAULT_WITHIN else None,
            "evidence": sorted(other.evidence) or None,
            "specialty": sorted(other.specialty) or None,
            "sex": other.sex or None,
            "language": sorted(other.language) or None,
            "telehealth": "yes" if other.telehealth else None,
            "accepting": "yes" if other.accepting else None,
            "inquiries": "yes" if other.inquiries else None,
            "sort": other.sort.value if other.sort is not Sort.RECOMMENDED else None,
            "widen": None if other.widen else "no",
            "page": other.page if other.page > 1 else None,
            "version": other.version if other.page > 1 else None,
        }
        return {name: value for name, value in given.items() if value is not None}

    def kept(self, *without: str) -> list[tuple[str, str]]:
        """Return the hidden fields of a form that has inputs for the parameters `without`."""
        return [
            (name, str(each))
            for name, value in self.parameters(page=1).items()
            if name not in without
            for each in (value if isinstance(value, list) else [value])
        ]


NO_FILTERS: dict[str, Any] = {
    "evidence": frozenset(),
    "specialty": frozenset(),
    "sex": "",
    "language": frozenset(),
    "telehealth": False,
    "accepting": False,
    "inquiries": False,
}


def parse_search(arguments: Mapping[str, list[str]]) -> SearchRequest:
    """Check the parameters of an address; raise `ParameterError` naming the wrong one."""
    return SearchRequest(
        near=squeezed(_last(arguments, "near"))[:_LONGEST_PLACE],
        name=squeezed(_last(arguments, "name"))[:_LONGEST_NAME],
        within=_within(_last(arguments, "within")),
        evidence=_some(arguments, "evidence", set(EVIDENCE_SLUGS)),
        specialty=_some(arguments, "specialty", {*SPECIALTY_SLUGS, ALL_SPECIALTIES}),
        sex=_one(arguments, "sex", {each.value for each in Sex}),
        language=_some(arguments, "language", set(LANGUAGES)),
        telehealth=_yes(arguments, "telehealth"),
        accepting=_yes(arguments, "accepting"),
        inquiries=_yes(arguments, "inquiries"),
        sort=Sort(_one(arguments, "sort", {each.value for each in Sort}) or Sort.RECOMMENDED),
        widen=_one(arguments, "widen", {"yes", "no"}) != "no",
        page=_page(_last(arguments, "page")),
        version=_version(_last(arguments, "version")),
    )


def _last(arguments: Mapping[str, list[str]], name: str) -> str:
    return arguments.get(name, [""])[-1].strip()


def _within(text: str) -> int:
    if not text:
        return DEFAULT_WITHIN
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or int(text) not in WITHIN_CHOICES:
        raise ParameterError("within", _one_of(map(str, WITHIN_CHOICES)))
    return int(text)


def _page(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or not 1 <= int(text) <= _LAST_PAGE:
        raise ParameterError("page", _("a whole number from 1 on"))
    return int(text)


def _version(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise ParameterError("version", _("the number that the page before gave"))
    return int(text)


def _some(arguments: Mapping[str, list[str]], name: str, known: set[str]) -> frozenset[str]:
    given = {value.strip() for value in arguments.get(name, []) if value.strip()}
    if given - known:
        values = ", ".join(sorted(known))
        raise ParameterError(name, _("one or more of %(values)s", values=values))
    return frozenset(given)


def _one(arguments: Mapping[str, list[str]], name: str, known: set[str]) -> str:
    given = _last(arguments, name)
    if given and given not in known:
        raise ParameterError(name, _one_of(sorted(known)))
    return given


def _one_of(known: Iterable[str]) -> str:
    return str(_("one of %(values)s", values=", ".join(known)))


def _yes(arguments: Mapping[str, list[str]], name: str) -> bool:
    return _one(arguments, name, {"yes", "no"}) == "yes"
