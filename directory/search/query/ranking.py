"""Filters, collapses, counts and sorts the records of a search in memory.

A professional with several places has a record for each; collapsing keeps the nearest of those
that pass the filters. All counts are of professionals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from directory.providers.evidence import Tier
from directory.search.index import packed_listing as bits
from directory.search.index.packed_listing import Flags, Records, bit_counts, mask_of
from directory.search.query.criteria import Criteria, Sort

Selection = NDArray[np.bool_]  # a mask over all records
Indices = NDArray[np.intp]
Chords = NDArray[np.float64]

# The filters whose values are bits of the flags.
EVIDENCE, SPECIALTY, SEX, LANGUAGE = "evidence", "specialty", "sex", "language"
TELEHEALTH, ACCEPTING, INQUIRIES = "telehealth", "accepting", "inquiries"

_TIERS = mask_of(bits.TIER_BITS.values())
_HIGHEST = np.iinfo(np.int32).max


def wanted_flags(criteria: Criteria) -> dict[str, np.uint64]:
    """Return for each active filter the bits of which a record needs at least one."""
    wanted = {SPECIALTY: _specialty_mask(criteria)}
    if criteria.tiers:
        wanted[EVIDENCE] = tier_mask(criteria.tiers)
    if criteria.sex:
        wanted[SEX] = mask_of([bits.SEX_BITS[criteria.sex]])
    if criteria.languages:
        wanted[LANGUAGE] = mask_of(bits.LANGUAGE_BITS[each] for each in criteria.languages)
    for name, is_wanted, bit in (
        (TELEHEALTH, criteria.telehealth_only, bits.TELEHEALTH),
        (ACCEPTING, criteria.accepting_only, bits.ACCEPTING),
        (INQUIRIES, criteria.inquiries_only, bits.INQUIRIES),
    ):
        if is_wanted:
            wanted[name] = mask_of([bit])
    return wanted


def tier_mask(tiers: frozenset[Tier]) -> np.uint64:
    """Return the bits of these tiers."""
    return mask_of(bits.TIER_BITS[tier] for tier in tiers)


def _specialty_mask(criteria: Criteria) -> np.uint64:
    if criteria.is_everyone:
        return mask_of([bits.SHOWN, bits.HIDDEN])
    if criteria.specialties:
        return mask_of(bits.SPECIALTY_BITS[group] for group in criteria.specialties)
    return mask_of([bits.SHOWN])


@dataclass(frozen=True)
class Candidates:
    """The records of a search, with their squared chords to its center."""

    records: Records
    chords: Chords

    @cached_property
    def flags(self) -> Flags:
        """The flags as a contiguous array, as they are scanned many times."""
        return np.ascontiguousarray(self.records["flags"])

    def passing(self, wanted: Mapping[str, np.uint64], *, but: str = "") -> Selection:
        """Return which records pass all filters except one."""
        passes = np.ones(len(self.flags), np.bool_)
        for name, mask in wanted.items():
            if name != but:
                passes &= (self.flags & mask) != 0
        return passes

    def collapsed(self, selected: Selection) -> Indices:
        """Return the nearest selected record of each professional, unordered."""
        places, npis = self._several
        among = selected[places]
        places, npis = places[among], npis[among]
        alone = np.flatnonzero(selected & self._is_alone)
        if not len(places):
            return alone
        starts, lengths = _runs(npis)
        # Ties are broken by the smallest place number.
        keys = self.records["place"][places]
        chords = self.chords[places]
        is_nearest = chords == np.repeat(np.minimum.reduceat(chords, starts), lengths)
        keys = np.where(is_nearest, keys, _HIGHEST)
        is_first = keys == np.repeat(np.minimum.reduceat(keys, starts), lengths)
        return np.concatenate([alone, places[is_first & is_nearest]])

    def count(self, selected: Selection) -> int:
        """Return how many professionals have a selected record."""
        return self._count_several(selected) + int(np.count_nonzero(selected & self._is_alone))

    def count_summarized(self, selected: Selection) -> int:
        """Return the same for the summary records of `packed_listing.summarized`."""
        alone = self.records["treatments"][selected & self._is_alone]
        return self._count_several(selected) + int(alone.sum(dtype=np.int64))

    def _count_several(self, selected: Selection) -> int:
        places, npis = self._several
        npis = npis[selected[places]]
        return int(np.count_nonzero(npis[1:] != npis[:-1])) + bool(len(npis))

    def count_flags(self, selected: Selection) -> NDArray[np.int64]:
        """Return for each bit how many professionals have a selected record with it."""
        places, npis = self._several
        among = selected[places]
        alone = self.flags[selected & self._is_alone]
        if not among.any():
            return bit_counts(alone)
        starts, _ = _runs(npis[among])
        joined = np.bitwise_or.reduceat(self.flags[places[among]], starts)
        return bit_counts(np.concatenate([alone, joined]))

    def ordered(self, among: Indices, sort: Sort, *, start: int, size: int) -> Indices:
        """Return one page of the records in the requested order.

        The NPI is the last sort key, so the order is total.
        """
        if start >= len(among) or size <= 0:
            return among[:0]
        first, chords = self._first_key(among, sort), self.chords[among]
        end = min(start + size, len(among))
        # Only records that can be on the page are sorted: the others have a larger first key, or
        # an equal one and a greater distance.
        if end < len(among):
            last = np.partition(first, end - 1)[end - 1]
            before = int(np.count_nonzero(first < last))
            ties = chords[first == last]
            furthest = np.partition(ties, end - before - 1)[end - before - 1]
            keep = (first < last) | ((first == last) & (chords <= furthest))
            among, first, chords = among[keep], first[keep], chords[keep]
        return among[np.lexsort((self.records["npi"][among], chords, first))[start:end]]

    def _first_key(self, among: Indices, sort: Sort) -> NDArray[Any]:
        if sort is Sort.DISTANCE:
            return np.zeros(len(among), np.int8)
        if sort is Sort.DOCUMENTED:
            return -self.records["treatments"][among].astype(np.int64)
        if sort is Sort.FASTEST:
            return self.records["answer_minutes"][among]
        # One tier bit each; the strongest tier is the smallest.
        return (self.flags[among] & _TIERS).astype(np.int8)

    @cached_property
    def _is_alone(self) -> Selection:
        """Which records are the only one of their professional."""
        is_alone: Selection = (self.flags & np.uint64(bits.ONLY)) != 0
        return is_alone

    @cached_property
    def _several(self) -> tuple[Indices, NDArray[np.uint32]]:
        """The other records sorted by NPI, and their NPIs."""
        places = np.flatnonzero(~self._is_alone)
        npis = self.records["npi"][places]
        order = np.argsort(npis)
        return places[order], npis[order]


def _runs(npis: NDArray[np.uint32]) -> tuple[Indices, Indices]:
    """Return the index of each professional's first record, and their number of records."""
    starts = np.flatnonzero(np.concatenate(([True], npis[1:] != npis[:-1])))
    return starts, np.diff(np.append(starts, len(npis)))
