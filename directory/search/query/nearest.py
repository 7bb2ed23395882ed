"""Finding the nearest professionals. docs/search.md explains the index behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from directory.care.specialties import CareGroup
from directory.geo.points import Circle, miles_of_chord
from directory.providers.evidence import Tier
from directory.providers.models import Sex
from directory.search.index import packed_listing as bits
from directory.search.index.cell_reader import Area, chords, records_around, records_named
from directory.search.index.data_versions import NEWEST, Version
from directory.search.index.packed_listing import Records
from directory.search.query import ranking
from directory.search.query.criteria import FURTHEST, PAGE_SIZE, WITHIN_CHOICES, Criteria
from directory.search.query.ranking import Candidates, Chosen, Indices, tier_mask, wanted_flags

ANYWHERE = 0  # the radius of a search for a name that went as far as it could


@dataclass(frozen=True)
class Match:
    """A professional, at the nearest of their places that fit."""

    npi: str
    place: int  # as in `Listing`
    tier: Tier
    miles: float | None  # None in a search without a place


@dataclass(frozen=True)
class Facets:
    """For each value of each filter, how many professionals it would leave.

    A filter's own choice is left out when its values are counted, as they are alternatives.
    """

    within: Mapping[int, int] = field(default_factory=dict)
    evidence: Mapping[Tier, int] = field(default_factory=dict)
    specialty: Mapping[CareGroup, int] = field(default_factory=dict)
    everyone: int = 0  # whatever the specialty, within the distance asked for
    usual: int = 0  # without a choice of specialty
    sex: Mapping[Sex, int] = field(default_factory=dict)
    language: Mapping[str, int] = field(default_factory=dict)
    telehealth: int = 0
    accepting: int = 0
    inquiries: int = 0


@dataclass(frozen=True)
class Found:
    """A page of matches, the exact number of all, and how far the search went for them."""

    matches: tuple[Match, ...]
    total: int
    confirmed_or_documented: int
    radius_miles: int  # ANYWHERE when a name was found no nearer
    tiers: frozenset[Tier]
    version: int  # of the data, to turn pages in
    facets: Facets | None = None


def nearest(
    session: Session,
    criteria: Criteria,
    *,
    page: int = 1,
    page_size: int = PAGE_SIZE,
    version: Version | None = None,
    as_of: int | None = None,
    with_facets: bool = True,
) -> Found:
    """Return a page of matches in the order asked for, one row a professional.

    While too few match, the distance is widened, then the evidence. What was read of `version`
    is kept for the next search; without one, what is there now is read. `as_of` reads an older
    version of the data, from which the pages before came.
    """
    as_of = as_of or (version.number if version else NEWEST)
    reader = _Reader(session, criteria, version, as_of, with_facets=with_facets)
    for radius, tiers in _steps(criteria):
        reading = reader.read(radius)
        matching = reading.matching(_limit(criteria, radius), tiers)
        if len(matching) >= criteria.enough:
            break
    else:
        # However far it went, too few: as far as the evidence asked for could be looked for.
        radius, tiers = _furthest(criteria)
        reading = reader.read(radius)
        matching = reading.matching(_limit(criteria, radius), tiers)
    at = reading.candidates
    start = (page - 1) * page_size
    backed = tier_mask(frozenset({Tier.CONFIRMED, Tier.DOCUMENTED}))
    return Found(
        matches=_matches(
            at,
            at.ordered(matching, criteria.sort, start=start, size=page_size),
            has_place=criteria.near is not None,
        ),
        total=len(matching),
        confirmed_or_documented=int(np.count_nonzero(at.flags[matching] & backed)),
        radius_miles=radius,
        tiers=tiers,
        version=as_of,
        facets=_facets(criteria, reading, radius, tiers) if with_facets else None,
    )


def _steps(criteria: Criteria) -> Iterator[tuple[int, frozenset[Tier]]]:
    """Yield what to try: further and further away, then the same with weaker evidence."""
    for tiers in criteria.tier_sets():
        if criteria.near is None:
            yield ANYWHERE, tiers
            continue
        for radius in criteria.radii():
            yield radius, tiers
        if criteria.name and criteria.may_widen:
            yield ANYWHERE, tiers


def _furthest(criteria: Criteria) -> tuple[int, frozenset[Tier]]:
    return list(_steps(criteria))[-1]


def _limit(criteria: Criteria, radius_miles: int) -> float | None:
    """Return the squared chord that is still inside; None where distance does not matter."""
    if criteria.near is None or radius_miles == ANYWHERE:
        return None
    return Circle(criteria.near, radius_miles).chord_squared


@dataclass(frozen=True)
class _Reading:
    """What was read for a search, folded by professional whatever the evidence."""

    candidates: Candidates
    wanted: Mapping[str, np.uint64]
    folded: Indices
    hidden: Candidates | None  # summed up, who is shown only to those who ask for everyone

    def matching(self, limit: float | None, tiers: frozenset[Tier]) -> Indices:
        """Return one record a professional, of those inside with this evidence."""
        at, keep = self.candidates, self.folded
        if limit is not None:
            keep = keep[at.chords[keep] <= limit]
        if tiers:
            keep = keep[(at.flags[keep] & tier_mask(tiers)) != 0]
        return keep


class _Reader:
    """Reads the records of a search: all at once for the facets, else only as far as it goes."""

    def __init__(
        self,
        session: Session,
        criteria: Criteria,
        version: Version | None,
        as_of: int,
        *,
        with_facets: bool,
    ) -> None:
        self._session = session
        self._criteria = criteria
        self._version = version
        self._as_of = as_of
        self._with_facets = with_facets
        self._read: dict[int, _Reading] = {}

    def read(self, radius_miles: int) -> _Reading:
        """Return the records that this distance, and with facets any distance, needs."""
        is_one = self._with_facets or self._criteria.name
        key = FURTHEST if is_one else radius_miles
        if key not in self._read:
            self._read[key] = self._reading(key)
        return self._read[key]

    def _reading(self, radius_miles: int) -> _Reading:
        criteria, hidden = self._criteria, None
        if criteria.name is not None:
            found = records_named(self._session, criteria.name, as_of=self._as_of)
        else:
            found, *others = self._around(radius_miles)
            hidden = self._candidates(others[0]) if others else None
        candidates = self._candidates(found)
        wanted = wanted_flags(criteria)
        folded = candidates.folded(candidates.passing(wanted, but=ranking.EVIDENCE))
        return _Reading(candidates, wanted, folded, hidden)

    def _around(self, radius_miles: int) -> list[Records]:
        criteria = self._criteria
        assert criteria.near is not None
        areas = [Area(self._care_groups(), Circle(criteria.near, radius_miles))]
        if self._with_facets and not criteria.is_everyone:
            asked = Circle(criteria.near, criteria.radius_miles)
            areas.append(Area((CareGroup.CROWD,), asked))
        return records_around(self._session, areas, version=self._version, as_of=self._as_of)

    def _care_groups(self) -> tuple[CareGroup, ...]:
        criteria = self._criteria
        if criteria.is_everyone:
            return (CareGroup.USUAL, CareGroup.OTHER)
        if len(criteria.specialties) == 1 and not self._with_facets:
            return tuple(criteria.specialties)  # however rare it is, nothing else is read
        return (CareGroup.USUAL,)

    def _candidates(self, records: Records) -> Candidates:
        near = self._criteria.near
        if near is None:
            return Candidates(records, _reachability(records))
        return Candidates(records, chords(records, Circle(near, 1)))


def _reachability(records: Records) -> NDArray[np.float64]:
    """Return what takes the place of the distance where there is none: how to be reached.

    Nearest is a place that takes inquiries here, then one that takes new patients.
    """
    flags = records["flags"]
    away = np.where(flags & np.uint64(bits.INQUIRIES), 0.0, 2.0)
    return away + np.where(flags & np.uint64(bits.ACCEPTING), 0.0, 1.0)


def _facets(
    criteria: Criteria, reading: _Reading, radius_miles: int, tiers: frozenset[Tier]
) -> Facets:
    at, limit = reading.candidates, _limit(criteria, radius_miles)
    wanted = dict(reading.wanted)
    if tiers:
        wanted[ranking.EVIDENCE] = tier_mask(tiers)
    inside = np.True_ if limit is None else at.chords <= limit
    all_counts = at.count_flags(at.passing(wanted) & inside)

    def counts(name: str) -> NDArray[np.int64]:
        if name not in wanted:
            return all_counts
        return at.count_flags(at.passing(wanted, but=name) & inside)

    evidence, specialty, sex = map(counts, (ranking.EVIDENCE, ranking.SPECIALTY, ranking.SEX))
    language = counts(ranking.LANGUAGE)
    return Facets(
        within=_counts_within(criteria, reading, tiers),
        evidence={tier: int(evidence[_number(bit)]) for tier, bit in bits.TIER_BITS.items()},
        specialty={
            group: int(specialty[_number(bit)]) for group, bit in bits.SPECIALTY_BITS.items()
        },
        everyone=_count_everyone(criteria, reading, wanted),
        usual=int(specialty[_number(bits.SHOWN)]),
        sex={each: int(sex[_number(bit)]) for each, bit in bits.SEX_BITS.items()},
        language={
            each: found
            for each, bit in bits.LANGUAGE_BITS.items()
            if (found := int(language[_number(bit)])) or each in criteria.languages
        },
        telehealth=int(counts(ranking.TELEHEALTH)[_number(bits.TELEHEALTH)]),
        accepting=int(counts(ranking.ACCEPTING)[_number(bits.ACCEPTING)]),
        inquiries=int(counts(ranking.INQUIRIES)[_number(bits.INQUIRIES)]),
    )


def _counts_within(criteria: Criteria, reading: _Reading, tiers: frozenset[Tier]) -> dict[int, int]:
    if criteria.near is None:
        return {}
    distances = reading.candidates.chords[reading.matching(None, tiers)]
    limits = {miles: Circle(criteria.near, miles).chord_squared for miles in WITHIN_CHOICES}
    return {miles: int(np.count_nonzero(distances <= each)) for miles, each in limits.items()}


def _count_everyone(criteria: Criteria, reading: _Reading, wanted: Mapping[str, np.uint64]) -> int:
    """Count whom a choice of everyone would leave, within the distance asked for."""
    limit = _limit(criteria, criteria.radius_miles)

    def chosen(at: Candidates) -> Chosen:
        passing = at.passing(wanted, but=ranking.SPECIALTY)
        return passing if limit is None else passing & (at.chords <= limit)

    # A professional is either shown or hidden, with all of their places.
    total = reading.candidates.count(chosen(reading.candidates))
    if reading.hidden is not None:
        total += reading.hidden.count_summed_up(chosen(reading.hidden))
    return total


def _number(bit: int) -> int:
    return bit.bit_length() - 1


def _matches(at: Candidates, chosen: Indices, *, has_place: bool) -> tuple[Match, ...]:
    # Taken out all at once: one by one took as long as the rest of a search.
    records = at.records[chosen]
    rows = zip(
        records["npi"].tolist(),
        records["place"].tolist(),
        at.flags[chosen].tolist(),
        at.chords[chosen].tolist(),
        strict=True,
    )
    return tuple(
        Match(
            f"{npi:010d}",
            place,
            Tier(_number(flags & 0b1111) + 1),
            miles_of_chord(chord) if has_place else None,
        )
        for npi, place, flags, chord in rows
    )
