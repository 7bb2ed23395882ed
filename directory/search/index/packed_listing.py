"""The packed record of a listing: 48 bytes with everything a search filters and sorts by.

The records of one cell of the map, or of one name, are stored consecutively in a posting block. A
search reads a few blocks as one NumPy array, and needs no other column.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from directory.care.specialties import SPECIALTIES, CareGroup
from directory.providers.evidence import Tier
from directory.providers.models import Sex

# Little-endian on every machine: blocks are copied between replicas.
RECORD = np.dtype(
    [
        ("x", "<f8"),  # coordinates as a unit vector
        ("y", "<f8"),
        ("z", "<f8"),
        ("flags", "<u8"),
        ("npi", "<u4"),  # ten digits, the first 1 or 2; 0 in a summary record
        ("treatments", "<u4"),  # in a summary record, the number of professionals
        ("answer_minutes", "<u4"),  # UNKNOWN without a response record
        ("place", "<i4"),  # id of the practice location, or the negated id of the clinic
    ]
)
UNKNOWN = 0xFFFF_FFFF

Records = NDArray[np.void]
Flags = NDArray[np.uint64]

# One bit for each value of each filter, so that a filter with several values is one AND.
TIER_BITS: Mapping[Tier, int] = {tier: 1 << (int(tier) - 1) for tier in Tier}
SEX_BITS: Mapping[Sex, int] = {sex: 1 << (4 + number) for number, sex in enumerate(Sex)}
ACCEPTING = 1 << 7
INQUIRIES = 1 << 8
TELEHEALTH = 1 << 9
# The only place of its professional, so that it needs no collapsing.
ONLY = 1 << 10
SHOWN = 1 << 11  # in CareGroup.USUAL
HIDDEN = 1 << 12  # in CareGroup.OTHER, in searches of all specialties only
SPECIALTY_BITS: Mapping[CareGroup, int] = {
    group: 1 << (16 + number) for number, group in enumerate(SPECIALTIES)
}
# Languages that patients can filter by, by number of speakers in the United States.
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


# Cells of one care group, and of one row of the map, have consecutive numbers.
_GROUP_STRIDE = 10_000_000
ROW = 10_000
_CELL_OFFSET = 5_000  # cells to the west of 0 degrees have negative numbers


def cell_number(care_group: int, lat_band: int, lon_cell: int) -> int:
    """Return the key of the block of a care group in a cell."""
    return care_group * _GROUP_STRIDE + (lat_band + 500) * ROW + lon_cell + _CELL_OFFSET


def summary_cell_of(cell: int) -> int | None:
    """Return the summary cell of a cell of `OTHER`; None for a cell of another care group."""
    if cell // _GROUP_STRIDE != CareGroup.OTHER:
        return None
    return cell + (CareGroup.OTHER_SUMMARY - CareGroup.OTHER) * _GROUP_STRIDE


def mask_of(bits: Iterable[int]) -> np.uint64:
    """Return the bitwise OR of these bits."""
    mask = 0
    for bit in bits:
        mask |= bit
    return np.uint64(mask)


def summarized(records: Records) -> Records:
    """Return summary records for counting: one for all with equal flags at one point.

    Only professionals with a single place are summarized; `treatments` holds their number. Most
    places are located by ZIP code, so thousands of professionals become a few records.
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
    """Return for each of the 64 bits how many of the flags have it set."""
    counts = np.zeros(64, np.int64)
    columns = np.ascontiguousarray(flags, dtype="<u8").view(np.uint8).reshape(-1, 8)
    in_use = np.bitwise_or.reduce(flags, initial=np.uint64(0)).astype("<u8").tobytes()
    for byte in range(8):
        if in_use[byte]:
            found = np.bincount(columns[:, byte], minlength=256) @ _BITS_OF_BYTE
            counts[byte * 8 : byte * 8 + 8] = found
    return counts
