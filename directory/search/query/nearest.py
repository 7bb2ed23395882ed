"""Finds the nearest professionals. docs/search.md explains the index."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from directory.care.specialties import CareGroup
from directory.geo.points import Circle, miles_of_chord
from directory.providers.evidence import Tier
from directory.search.index import packed_listing as bits
from directory.search.index.cell_reader import Area, chords, records_around, records_named
from directory.search.index.data_versions import NEWEST, Version
from directory.search.index.packed_listing import Records
from directory.search.query import ranking
from directory.search.query.criteria import (
    ANYWHERE,
    FURTHEST,
    PAGE_SIZE,
    WITHIN_CHOICES,
    Criteria,
    Facets,
)
from directory.search.query.ranking import Candidates, Indices, Selection, tier_mask, wanted_flags


@dataclass(frozen=True)
class Match:
    """A professional, at the nearest of their places that match."""

    npi: str
    place: int  # as in `Listing`
    tier: Tier
    miles: float | None  # None in a search without a place


@dataclass(frozen=True)
class Found:
    """A page of matches, the exact total, and the distance and evidence they are from."""

    matches: tuple[Match, ...]
    total: int
    confirmed_or_documented: int
    radius_miles: int  # ANYWHERE when a name was not found nearer
    tiers: frozenset[Tier]
    version: int  # of the data, for pagination
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
    """Return a page of matches in the requested order, one per professional.

    While too few match, the distance is widened, then the evidence. Blocks read of `version` are
    cached for the next search; without one, the newest data is read. `as_of` reads an older
    version of the data, which the preceding pages were made from.
    """
    as_of = as_of or (version.number if version else NEWEST)
    reader = _RecordReader(session, criteria, version, as_of, with_facets=with_facets)
    for radius, tiers in _steps(criteria):
        reading = reader.read(radius)
        matching = reading.matching(_limit(criteria, radius), tiers)
        if len(matching) >= criteria.enough:
            break
    else:
        # Too few matches even after widening: use the last step.
        radius, tiers = _furthest(criteria)
        reading = reader.read(radius)
        matching = reading.matching(_limit(criteria, radius), tiers)
    candidates = reading.candidates
    start = (page - 1) * page_size
    backed = tier_mask(frozenset({Tier.CONFIRMED, Tier.DOCUMENTED}))
    return Found(
        matches=_matches(
            candidates,
            candidates.ordered(matching, criteria.sort, start=start, size=page_size),
            has_place=criteria.near is not None,
        ),
        total=len(matching),
        confirmed_or_documented=int(np.count_nonzero(candidates.flags[matching] & backed)),
        radius_miles=radius,
        tiers=tiers,
        version=as_of,
        facets=_facets(criteria, reading, radius, tiers) if with_facets else None,
    )


def _steps(criteria: Criteria) -> Iterator[tuple[int, frozenset[Tier]]]:
    """Yield the radius and evidence to try: wider and wider, then again with weaker evidence."""
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
    """Return the squared chord of the radius; None without a limit of distance."""
    if criteria.near is None or radius_miles == ANYWHERE:
        return None
    return Circle(criteria.near, radius_miles).chord_squared


@dataclass(frozen=True)
class _Reading:
    """The records read for a search, collapsed by professional regardless of evidence."""

    candidates: Candidates
    wanted: Mapping[str, np.uint64]
    collapsed: Indices
    hidden: Candidates | None  # summary records of those found only in all specialties

    def matching(self, limit: float | None, tiers: frozenset[Tier]) -> Indices:
        """Return one record per professional, of those within the limit with this evidence."""
        candidates, keep = self.candidates, self.collapsed
        if limit is not None:
            keep = keep[candidates.chords[keep] <= limit]
        if tiers:
            keep = keep[(candidates.flags[keep] & tier_mask(tiers)) != 0]
        return keep


class _RecordReader:
    """Reads the records of a search: of the largest radius for facets, else of each radius."""

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
        """Return the records within this distance; with facets, within any distance."""
        reads_all = self._with_facets or self._criteria.name
        key = FURTHEST if reads_all else radius_miles
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
        collapsed = candidates.collapsed(candidates.passing(wanted, but=ranking.EVIDENCE))
        return _Reading(candidates, wanted, collapsed, hidden)

    def _around(self, radius_miles: int) -> list[Records]:
        criteria = self._criteria
        assert criteria.near is not None
        areas = [Area(self._care_groups(), Circle(criteria.near, radius_miles))]
        if self._with_facets and not criteria.is_everyone:
            requested = Circle(criteria.near, criteria.radius_miles)
            areas.append(Area((CareGroup.OTHER_SUMMARY,), requested))
        return records_around(self._session, areas, version=self._version, as_of=self._as_of)

    def _care_groups(self) -> tuple[CareGroup, ...]:
        criteria = self._criteria
        if criteria.is_everyone:
            return (CareGroup.USUAL, CareGroup.OTHER)
        if len(criteria.specialties) == 1 and not self._with_facets:
            return tuple(criteria.specialties)  # a rare specialty reads its own cells only
        return (CareGroup.USUAL,)

    def _candidates(self, records: Records) -> Candidates:
        near = self._criteria.near
        if near is None:
            return Candidates(records, _reachability(records))
        return Candidates(records, chords(records, Circle(near, 1)))


def _reachability(records: Records) -> NDArray[np.float64]:
    """Return a rank that replaces the distance in a search without a place.

    Places that accept inquiries here come first, then those that accept new patients.
    """
    flags = records["flags"]
    rank = np.where(flags & np.uint64(bits.INQUIRIES), 0.0, 2.0)
    return rank + np.where(flags & np.uint64(bits.ACCEPTING), 0.0, 1.0)


def _facets(
    criteria: Criteria, reading: _Reading, radius_miles: int, tiers: frozenset[Tier]
) -> Facets:
    candidates, limit = reading.candidates, _limit(criteria, radius_miles)
    wanted = dict(reading.wanted)
    if tiers:
        wanted[ranking.EVIDENCE] = tier_mask(tiers)
    inside = np.True_ if limit is None else candidates.chords <= limit
    all_counts = candidates.count_flags(candidates.passing(wanted) & inside)

    def counts(name: str) -> NDArray[np.int64]:
        if name not in wanted:
            return all_counts
        return candidates.count_flags(candidates.passing(wanted, but=name) & inside)

    evidence, specialty, sex = map(counts, (ranking.EVIDENCE, ranking.SPECIALTY, ranking.SEX))
    language = counts(ranking.LANGUAGE)
    return Facets(
        within=_counts_within(criteria, reading, tiers),
        evidence={tier: int(evidence[_position_of(bit)]) for tier, bit in bits.TIER_BITS.items()},
        specialty={
            group: int(specialty[_position_of(bit)]) for group, bit in bits.SPECIALTY_BITS.items()
        },
        all_specialties=_count_all_specialties(criteria, reading, wanted),
        usual=int(specialty[_position_of(bits.SHOWN)]),
        sex={each: int(sex[_position_of(bit)]) for each, bit in bits.SEX_BITS.items()},
        language={
            each: found
            for each, bit in bits.LANGUAGE_BITS.items()
            if (found := int(language[_position_of(bit)])) or each in criteria.languages
        },
        telehealth=int(counts(ranking.TELEHEALTH)[_position_of(bits.TELEHEALTH)]),
        accepting=int(counts(ranking.ACCEPTING)[_position_of(bits.ACCEPTING)]),
        inquiries=int(counts(ranking.INQUIRIES)[_position_of(bits.INQUIRIES)]),
    )


def _counts_within(criteria: Criteria, reading: _Reading, tiers: frozenset[Tier]) -> dict[int, int]:
    if criteria.near is None:
        return {}
    distances = reading.candidates.chords[reading.matching(None, tiers)]
    limits = {miles: Circle(criteria.near, miles).chord_squared for miles in WITHIN_CHOICES}
    return {miles: int(np.count_nonzero(distances <= each)) for miles, each in limits.items()}


def _count_all_specialties(
    criteria: Criteria, reading: _Reading, wanted: Mapping[str, np.uint64]
) -> int:
    """Count the matches in all specialties, within the requested distance."""
    limit = _limit(criteria, criteria.radius_miles)

    def matching(candidates: Candidates) -> Selection:
        passing = candidates.passing(wanted, but=ranking.SPECIALTY)
        return passing if limit is None else passing & (candidates.chords <= limit)

    # A professional is in USUAL or in OTHER with all of their places, never in both.
    total = reading.candidates.count(matching(reading.candidates))
    if reading.hidden is not None:
        total += reading.hidden.count_summarized(matching(reading.hidden))
    return total


def _position_of(bit: int) -> int:
    return bit.bit_length() - 1


def _matches(candidates: Candidates, chosen: Indices, *, has_place: bool) -> tuple[Match, ...]:
    # Whole columns: converting single values took as long as the rest of a search.
    records = candidates.records[chosen]
    rows = zip(
        records["npi"].tolist(),
        records["place"].tolist(),
        candidates.flags[chosen].tolist(),
        candidates.chords[chosen].tolist(),
        strict=True,
    )
    return tuple(
        Match(
            f"{npi:010d}",
            place,
            Tier(_position_of(flags & 0b1111) + 1),
            miles_of_chord(chord) if has_place else None,
        )
        for npi, place, flags, chord in rows
    )
