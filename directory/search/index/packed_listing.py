"""The record of a listing: 48 bytes, in which a search finds all that it filters and orders by.

Records of one place of the map, or of one name, are kept one after the other in a blob. A search
reads a few blobs, looks at them as one array, and needs no further column.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from directory.care.specialties import SPECIALTIES, CareGroup
from directory.providers.evidence import Tier
from directory.providers.models import Sex

# Little-endian whatever the machine: blobs travel between replicas and machines.
RECORD = np.dtype(
    [
        ("x", "<f8"),  # the place as a unit vector
        ("y", "<f8"),
        ("z", "<f8"),
        ("flags", "<u8"),
        ("npi", "<u4"),  # ten digits, and the first is 1 or 2; 0 where many are summed up
        ("treatments", "<u4"),  # in a summed up record, of how many
        ("answer_minutes", "<u4"),  # UNKNOWN where there is no record of answers
        ("place", "<i4"),  # id of the practice location; of the clinic, below zero
    ]
)
UNKNOWN = 0xFFFF_FFFF

Records = NDArray[np.void]
Flags = NDArray[np.uint64]

# One bit for each value of each filter. A filter with several values chosen is one AND.
TIER_BITS: Mapping[Tier, int] = {tier: 1 << (int(tier) - 1) for tier in Tier}
SEX_BITS: Mapping[Sex, int] = {sex: 1 << (4 + number) for number, sex in enumerate(Sex)}
ACCEPTING = 1 << 7
INQUIRIES = 1 << 8
TELEHEALTH = 1 << 9
# The only place of its professional: nothing has to be folded.
ONLY = 1 << 10
SHOWN = 1 << 11  # without asking: CareGroup.USUAL
HIDDEN = 1 << 12  # only when everyone is asked for: CareGroup.OTHER
SPECIALTY_BITS: Mapping[CareGroup, int] = {
    group: 1 << (16 + number) for number, group in enumerate(SPECIALTIES)
}
# Languages that patients can filter by, in the order of speakers in the United States.
LANGUAGES = (
    *("en", "es", "zh", "tl", "vi", "ar", "fr", "ko", "ru", "ht", "de", "hi", "pt", "it"),
    *("pl", "ur", "ja", "fa", "gu", "bn", "te", "ta", "he", "el", "hy", "uk", "so", "hmn", "ase"),
)
LANGUAGE_BITS: Mapping[str, int] = {
    language: 1 << (32 + number) for number, language in enumerate(LANGUAGES)
}

_BITS_OF_BYTE = np.unpackbits(
    np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1, bitorder="little"
).astype(np.int64)


# Cells of one care group, and of one row of the map, follow each other.
_GROUP = 10_000_000
ROW = 10_000
_MIDDLE = 5_000  # rows to the south and cells to the west have numbers below zero


def cell_number(care_group: int, lat_band: int, lon_cell: int) -> int:
    """Return the number that the records of a care group in a cell are kept under."""
    return care_group * _GROUP + (lat_band + 500) * ROW + lon_cell + _MIDDLE


def crowd_of(cell: int) -> int | None:
    """Return where the people of a cell of `OTHER` are summed up; None for any other cell."""
    if cell // _GROUP != CareGroup.OTHER:
        return None
    return cell + (CareGroup.CROWD - CareGroup.OTHER) * _GROUP


def mask_of(bits: Iterable[int]) -> np.uint64:
    """Return all these bits in one."""
    mask = 0
    for bit in bits:
        mask |= bit
    return np.uint64(mask)


def summed_up(records: Records) -> Records:
    """Return the same people for counting: those alike at one point are one record.

    Only somebody with a single place can be summed up. The number is kept in `treatments`. Most
    places are known by their ZIP code, so that thousands of people become a few records.
    """
    is_alone = (records["flags"] & np.uint64(ONLY)) != 0
    alone = records[is_alone]
    order = np.lexsort((alone["flags"], alone["z"], alone["y"], alone["x"]))
    alone = alone[order]
    differs = np.zeros(len(alone), np.bool_)
    differs[:1] = True
    for name in ("x", "y", "z", "flags"):
        differs[1:] |= alone[name][1:] != alone[name][:-1]
    starts = np.flatnonzero(differs)
    groups = alone[starts]
    groups["npi"], groups["place"], groups["answer_minutes"] = 0, 0, UNKNOWN
    groups["treatments"] = np.diff(np.append(starts, len(alone)))
    return np.concatenate([groups, records[~is_alone]])


def bit_counts(flags: Flags) -> NDArray[np.int64]:
    """Return for each of the 64 bits how many of the flags have it."""
    counts = np.zeros(64, np.int64)
    columns = np.ascontiguousarray(flags, dtype="<u8").view(np.uint8).reshape(-1, 8)
    in_use = np.bitwise_or.reduce(flags, initial=np.uint64(0)).astype("<u8").tobytes()
    for byte in range(8):
        if in_use[byte]:
            found = np.bincount(columns[:, byte], minlength=256) @ _BITS_OF_BYTE
            counts[byte * 8 : byte * 8 + 8] = found
    return counts
