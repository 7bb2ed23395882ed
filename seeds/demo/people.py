"""Generates invented providers: names, specialties and dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from directory.care.specialties import CareGroup
from seeds.demo.words import TODAY, day_between, likely, listed, weighted

_FIRST_NPI_DAY = date(2005, 5, 23)

_SPECIALTIES = {
    CareGroup.NEUROLOGY: 45.0,
    CareGroup.PAIN: 18.0,
    CareGroup.NURSE: 15.0,
    CareGroup.REHABILITATION: 10.0,
    CareGroup.ASSISTANT: 6.0,
    CareGroup.FAMILY: 2.5,
    CareGroup.INTERNAL: 1.5,
    CareGroup.ORAL: 1.2,
    CareGroup.EYE: 0.8,
}

_CODES: dict[CareGroup, dict[str, float]] = {
    CareGroup.NEUROLOGY: {
        "2084N0400X": 80,
        "2084N0402X": 4,
        "2084V0102X": 4,
        "2084E0001X": 3,
        "2084N0008X": 3,
        "2084N0600X": 4,
        "2084B0040X": 1,
        "2084P0301X": 1,
    },
    CareGroup.PAIN: {
        "208VP0014X": 34,
        "208VP0000X": 22,
        "207LP2900X": 28,
        "2081P2900X": 11,
        "2084P2900X": 5,
    },
    CareGroup.REHABILITATION: {"208100000X": 92, "2081P0301X": 4, "2081N0008X": 4},
    CareGroup.NURSE: {
        "363LF0000X": 62,
        "363L00000X": 20,
        "363LP2300X": 6,
        "363LA2200X": 12,
    },
    CareGroup.ASSISTANT: {"363A00000X": 60, "363AM0700X": 40},
    CareGroup.FAMILY: {"207Q00000X": 1},
    CareGroup.INTERNAL: {"207R00000X": 1},
    CareGroup.ORAL: {"204E00000X": 60, "1223X2210X": 40},
    CareGroup.EYE: {"207WX0109X": 1},
}

# Additional taxonomies by specialty.
_FURTHER_CODES: dict[CareGroup, tuple[str, ...]] = {
    CareGroup.NEUROLOGY: ("2084N0400X", "2084N0600X", "2084N0008X", "2084P2900X", "2084V0102X"),
    CareGroup.PAIN: ("208VP0000X", "207L00000X", "208100000X"),
    CareGroup.REHABILITATION: ("208VP0000X", "2081P2900X", "2081N0008X"),
    CareGroup.NURSE: ("363LF0000X", "363L00000X"),
    CareGroup.ASSISTANT: ("363A00000X",),
}

_PHYSICIAN = {"MD": 78.0, "DO": 13.0, "M.D.": 4.0, "D.O.": 1.0, "MD, PhD": 3.0, "MD, MPH": 1.0}
_CREDENTIALS: dict[CareGroup, dict[str, float]] = {
    CareGroup.NURSE: {
        "NP": 22,
        "FNP-C": 26,
        "FNP-BC": 14,
        "APRN": 18,
        "DNP, FNP-C": 8,
        "AGNP-C": 7,
        "MSN, APRN, FNP-BC": 5,
    },
    CareGroup.ASSISTANT: {"PA-C": 82, "PA": 14, "MPAS, PA-C": 4},
    CareGroup.ORAL: {"DMD": 42, "DDS": 42, "DMD, MD": 16},
}

_WOMEN = {CareGroup.NURSE: 0.87, CareGroup.ASSISTANT: 0.68, CareGroup.NEUROLOGY: 0.42}
_WOMEN_ELSEWHERE = 0.27


@dataclass(frozen=True)
class Person:
    """A provider as reported to NPPES, without a location."""

    first_name: str
    middle_name: str
    last_name: str
    suffix: str
    credential: str
    sex: str
    specialty: CareGroup
    codes: tuple[str, ...]  # the main one first
    started_on: date  # in practice
    graduation_year: int | None
    enumerated_on: date
    updated_on: date
    deactivated_on: date | None


class PersonMaker:
    """Generates people with random names."""

    def __init__(self, words: Mapping[str, Mapping[str, str]]) -> None:
        first_names, last_names = words["first_names"], words["last_names"]
        self._first_names = {
            "F": first_names["female"].split(),
            "M": first_names["male"].split(),
        }
        self._last_names = last_names["plain"].split()
        self._long_first_names = listed(first_names["long"])
        self._long_last_names = listed(last_names["long"])

    def make(self, random: Random) -> Person:
        """Return a new person."""
        specialty = weighted(random, _SPECIALTIES)
        kind = "F" if likely(random, _WOMEN.get(specialty, _WOMEN_ELSEWHERE)) else "M"
        first_name, middle_name, last_name = self._name(random, kind)
        graduated = min(random.randint(1976, 2021), random.randint(1990, 2023))
        started_on = day_between(random, date(graduated, 7, 1), date(graduated + 3, 12, 31))
        enumerated_on = _enumerated_on(random, started_on)
        updated_on = day_between(random, enumerated_on, date(2026, 9, 30))
        return Person(
            first_name=first_name,
            middle_name=middle_name,
            last_name=last_name,
            suffix=self._suffix(random, kind),
            credential=weighted(random, _CREDENTIALS.get(specialty, _PHYSICIAN)),
            sex=weighted(random, {kind: 99.2, "": 0.5, "X": 0.3}),
            specialty=specialty,
            codes=_codes(random, specialty),
            started_on=started_on,
            graduation_year=graduated if likely(random, 0.7) else None,
            enumerated_on=enumerated_on,
            updated_on=updated_on,
            deactivated_on=_deactivated_on(random, updated_on),
        )

    def _name(self, random: Random, kind: str) -> tuple[str, str, str]:
        names = self._first_names[kind]
        if likely(random, 0.008):
            return random.choice(self._long_first_names), "", random.choice(self._long_last_names)
        middle = random.choice(names) if likely(random, 0.18) else ""
        if not middle and likely(random, 0.4):
            middle = random.choice(names)[0]
        last = random.choice(self._last_names)
        if likely(random, 0.04) and "-" not in last:
            last = f"{last}-{random.choice(self._last_names).partition('-')[0]}"
        return random.choice(names), middle, last

    def _suffix(self, random: Random, kind: str) -> str:
        if kind == "M" and likely(random, 0.025):
            return random.choice(("Jr.", "Jr.", "III", "II"))
        return ""


def _codes(random: Random, specialty: CareGroup) -> tuple[str, ...]:
    main = weighted(random, _CODES[specialty])
    further = [code for code in _FURTHER_CODES.get(specialty, ()) if code != main]
    if further and likely(random, 0.3):
        return (main, *random.sample(further, 2 if len(further) > 1 and likely(random, 0.2) else 1))
    return (main,)


def _enumerated_on(random: Random, started_on: date) -> date:
    """Return a day soon after the start, but not before NPIs were introduced."""
    if started_on < _FIRST_NPI_DAY:
        return day_between(random, _FIRST_NPI_DAY, date(2008, 5, 23))
    return day_between(random, started_on, started_on + timedelta(days=200))


def _deactivated_on(random: Random, updated_on: date) -> date | None:
    return day_between(random, updated_on, TODAY) if likely(random, 0.005) else None
