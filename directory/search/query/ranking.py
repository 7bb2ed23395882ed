"""Filtering, folding by professional, counting and ordering records, all in memory.

A professional with several places has a record for each; folding keeps the nearest of those that
pass the filters. All counts are of professionals.
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

Chosen = NDArray[np.bool_]  # of all records, which
Indices = NDArray[np.intp]
Chords = NDArray[np.float64]

# The filters whose values stand in the flags.
EVIDENCE, SPECIALTY, SEX, LANGUAGE = "evidence", "specialty", "sex", "language"
TELEHEALTH, ACCEPTING, INQUIRIES = "telehealth", "accepting", "inquiries"

_TIERS = mask_of(bits.TIER_BITS.values())
_HIGHEST = np.iinfo(np.int32).max


def wanted_flags(criteria: Criteria) -> dict[str, np.uint64]:
    """Return for each filter in use the bits of which a record needs one."""
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
        """The flags as an array of their own, for they are looked at again and again."""
        return np.ascontiguousarray(self.records["flags"])

    def passing(self, wanted: Mapping[str, np.uint64], *, but: str = "") -> Chosen:
        """Return which records pass all filters but one."""
        passes = np.ones(len(self.flags), np.bool_)
        for name, mask in wanted.items():
            if name != but:
                passes &= (self.flags & mask) != 0
        return passes

    def folded(self, chosen: Chosen) -> Indices:
        """Return the nearest of the chosen records of each professional, in no order."""
        places, npis = self._several
        among = chosen[places]
        places, npis = places[among], npis[among]
        alone = np.flatnonzero(chosen & self._is_alone)
        if not len(places):
            return alone
        starts, lengths = _runs(npis)
        # Of those equally near, the place with the smallest number.
        keys = self.records["place"][places]
        chords = self.chords[places]
        is_nearest = chords == np.repeat(np.minimum.reduceat(chords, starts), lengths)
        keys = np.where(is_nearest, keys, _HIGHEST)
        is_first = keys == np.repeat(np.minimum.reduceat(keys, starts), lengths)
        return np.concatenate([alone, places[is_first & is_nearest]])

    def count(self, chosen: Chosen) -> int:
        """Return how many professionals have a chosen record."""
        return self._count_several(chosen) + int(np.count_nonzero(chosen & self._is_alone))

    def count_summed_up(self, chosen: Chosen) -> int:
        """Return the same for records that `records.summed_up` made."""
        alone = self.records["treatments"][chosen & self._is_alone]
        return self._count_several(chosen) + int(alone.sum(dtype=np.int64))

    def _count_several(self, chosen: Chosen) -> int:
        places, npis = self._several
        npis = npis[chosen[places]]
        return int(np.count_nonzero(npis[1:] != npis[:-1])) + bool(len(npis))

    def count_flags(self, chosen: Chosen) -> NDArray[np.int64]:
        """Return for each bit how many professionals have a chosen record with it."""
        places, npis = self._several
        among = chosen[places]
        alone = self.flags[chosen & self._is_alone]
        if not among.any():
            return bit_counts(alone)
        starts, _ = _runs(npis[among])
        joined = np.bitwise_or.reduceat(self.flags[places[among]], starts)
        return bit_counts(np.concatenate([alone, joined]))

    def ordered(self, among: Indices, sort: Sort, *, start: int, size: int) -> Indices:
        """Return a stretch of the records in the order asked for.

        Ends with the NPI, so that no two professionals ever stand in an open order.
        """
        if start >= len(among) or size <= 0:
            return among[:0]
        first, chords = self._first_key(among, sort), self.chords[among]
        end = min(start + size, len(among))
        # Only those that can stand there are sorted: the rest is further back by its first key,
        # or equal by it and further away.
        if end < len(among):
            last = np.partition(first, end - 1)[end - 1]
            ahead = int(np.count_nonzero(first < last))
            ties = chords[first == last]
            furthest = np.partition(ties, end - ahead - 1)[end - ahead - 1]
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
        # One bit each, of which the strongest is the smallest.
        return (self.flags[among] & _TIERS).astype(np.int8)

    @cached_property
    def _is_alone(self) -> Chosen:
        """Which records are the only ones of their professional."""
        is_alone: Chosen = (self.flags & np.uint64(bits.ONLY)) != 0
        return is_alone

    @cached_property
    def _several(self) -> tuple[Indices, NDArray[np.uint32]]:
        """The other records in the order of their NPIs, and those."""
        places = np.flatnonzero(~self._is_alone)
        npis = self.records["npi"][places]
        order = np.argsort(npis)
        return places[order], npis[order]


def _runs(npis: NDArray[np.uint32]) -> tuple[Indices, Indices]:
    """Return where each professional begins, and how many records are theirs."""
    starts = np.flatnonzero(np.concatenate(([True], npis[1:] != npis[:-1])))
    return starts, np.diff(np.append(starts, len(npis)))
