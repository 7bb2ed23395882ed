"""The taxonomies of those who may give the treatment, in our own words, and their care groups.

NUCC's texts are copyrighted; the codes are facts. There is no code for headache medicine.
"""

import enum


class CareGroup(enum.IntEnum):
    """Groups of the search index. `USUAL` and `OTHER` together hold each professional once."""

    USUAL = 0  # in every search: a usual specialty, documented, or confirmed
    OTHER = 1  # only in searches of all specialties
    OTHER_SUMMARY = 2  # summary records of OTHER, for counting
    NEUROLOGY = 10
    PAIN = 11
    REHABILITATION = 12
    NURSE = 13
    ASSISTANT = 14
    FAMILY = 15
    INTERNAL = 16
    ORAL = 17
    EYE = 18


SPECIALTIES = tuple(group for group in CareGroup if group >= CareGroup.NEUROLOGY)

# Neurology, pain medicine and rehabilitation commonly provide the treatment.
USUAL_SPECIALTIES = frozenset({CareGroup.NEUROLOGY, CareGroup.PAIN, CareGroup.REHABILITATION})

STUDENT = "390200000X"

_GROUPS: dict[CareGroup, dict[str, str]] = {
    CareGroup.NEUROLOGY: {
        "2084N0400X": "Neurology",
        "2084N0402X": "Neurology for children",
        "2084V0102X": "Stroke and vessel neurology",
        "2084E0001X": "Epilepsy",
        "2084N0008X": "Nerve and muscle neurology",
        "2084P0301X": "Brain injury medicine",
        "2084N0600X": "Neurophysiology",
        "2084B0040X": "Behavioral neurology",
        "2084D0003X": "Brain imaging neurology",
        "2084A2900X": "Neurological intensive care",
    },
    CareGroup.PAIN: {
        "208VP0000X": "Pain medicine",
        "208VP0014X": "Interventional pain medicine",
        "207LP2900X": "Pain medicine (anesthesiology)",
        "2081P2900X": "Pain medicine (rehabilitation)",
        "2084P2900X": "Pain medicine (neurology)",
        "261QP3300X": "Pain clinic",
    },
    CareGroup.REHABILITATION: {
        "208100000X": "Physical medicine and rehabilitation",
        "2081P0301X": "Brain injury rehabilitation",
        "2081N0008X": "Nerve and muscle rehabilitation",
    },
    CareGroup.NURSE: {
        "363L00000X": "Nurse practitioner",
        "363LF0000X": "Nurse practitioner, family",
        "363LP2300X": "Nurse practitioner, primary care",
        "363LA2200X": "Nurse practitioner, adults",
    },
    CareGroup.ASSISTANT: {
        "363A00000X": "Physician assistant",
        "363AM0700X": "Physician assistant, medical",
    },
    CareGroup.FAMILY: {"207Q00000X": "Family medicine"},
    CareGroup.INTERNAL: {"207R00000X": "Internal medicine"},
    CareGroup.ORAL: {
        "204E00000X": "Oral and jaw surgery",
        "1223X2210X": "Mouth and face pain",
    },
    CareGroup.EYE: {"207WX0109X": "Neuro-ophthalmology"},
}

TAXONOMY_NAMES: dict[str, str] = {
    code: name for names in _GROUPS.values() for code, name in names.items()
}
_GROUP_OF: dict[str, CareGroup] = {
    code: group for group, names in _GROUPS.items() for code in names
}


def codes_by_group() -> dict[CareGroup, tuple[str, ...]]:
    """Return the taxonomies of each specialty."""
    return {group: tuple(names) for group, names in _GROUPS.items()}


def find_care_group(code: str) -> CareGroup | None:
    """Return the specialty a taxonomy belongs to, or None when it is not one of ours."""
    return _GROUP_OF.get(code)
