"""A file in the layout of the NPPES V2 main file, of invented people, as long as asked.

The people, streets and telephone numbers are invented, and the numbers have right check
digits. The shares follow the published file: who, where, which taxonomies, what is empty.
"""

import argparse
import itertools
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import polars as pl
from numpy.typing import NDArray

from directory.care.specialties import TAXONOMY_NAMES
from directory.geo.gazetteer import ZipRow, find_zip_row, zip_codes
from directory.geo.points import Precision
from seeds.demo.words import listed, read_states, read_words

ZIP_NAME = "NPPES_Data_Dissemination_September_2026_V2.zip"
MEMBER = "npidata_pfile_20050523-20260907.csv"
MOST_ROWS = 10_000_000
_CHUNK = 100_000
_PIECE = 20_000
_LONGEST_STEP = 18  # Ten million steps of 9.5 fit into the NPIs that begin with 1.
_BEFORE_FIRST = 100_000_000  # an NPI without its check digit
_SLOTS = 15
_IDENTIFIERS = 50
_FIRST_DAY, _LAST_DAY = date(2005, 5, 23), date(2026, 9, 6)

_STUBS = 0.03  # deactivated, and nothing else is published
_PEOPLE = 0.78  # of all others
_MIXED_CASE = 0.03
_REACTIVATED = 0.003
_FOREIGN = 0.001
_QUOTED_NAMES = 0.0005 / (1 - _STUBS) / (1 - _PEOPLE)  # of organizations
_NO_PRIMARY = 0.015
_MAILED_ELSEWHERE = 0.35

Numbers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Weights: TypeAlias = NDArray[np.float64]  # those to pick by are cumulative, the last one 1

# How often a first taxonomy is this one, in percent of the rows; a long tail has the rest.
_OF_PEOPLE = """
2084N0400X 0.175  2084N0402X 0.012  2084V0102X 0.01  2084E0001X 0.005  2084N0008X 0.004
2084P0301X 0.001  2084N0600X 0.008  2084B0040X 0.001  2084D0003X 0.001  2084A2900X 0.002
207WX0109X 0.004  1223X2210X 0.003  208VP0000X 0.045  208VP0014X 0.055  207LP2900X 0.05
2081P2900X 0.015  2084P2900X 0.003  208100000X 0.165  2081P0301X 0.002  2081N0008X 0.002
363LF0000X 2.9  363L00000X 0.95  363LA2200X 0.85  363LP2300X 0.2  363A00000X 1.7  363AM0700X 0.8
207Q00000X 2.3  207R00000X 2.8  204E00000X 0.08  390200000X 3.3  106S00000X 5.5  163W00000X 3.1
1041C0700X 3.5  101YM0800X 3.3  225100000X 3  183500000X 2.9  1223G0001X 2.1  122300000X 1
235Z00000X 2.3  225X00000X 1.5  111N00000X 1.1  103T00000X 0.9  103TC0700X 1  106H00000X 1.1
101YP2500X 1.3  101YA0400X 1  101Y00000X 1.1  104100000X 1.5  171M00000X 1.5  172V00000X 0.8
175T00000X 0.7  164W00000X 0.9  367500000X 0.8  152W00000X 0.7  207P00000X 0.8  207L00000X 0.6
2084P0800X 0.6  208000000X 1  2085R0202X 0.5  207V00000X 0.6  208600000X 0.5  207RC0000X 0.4
207X00000X 0.4  208D00000X 0.7  133V00000X 0.8  225200000X 0.7  224Z00000X 0.6  227900000X 0.4
363LP0808X 0.4  208M00000X 0.5  374U00000X 0.9  3747P1801X 0.9  247200000X 0.5  103K00000X 0.7
213E00000X 0.2  207N00000X 0.2
"""
_OF_ORGANIZATIONS = """
2084N0400X 0.03  208VP0000X 0.01  208VP0014X 0.02  207LP2900X 0.005  261QP3300X 0.02
208100000X 0.025  207Q00000X 0.2  207R00000X 0.2  363LF0000X 0.1  193200000X 1.1  193400000X 1.3
332B00000X 1.5  3336C0003X 1.3  333600000X 0.6  251E00000X 1.2  251B00000X 0.6  261QM0801X 0.5
261QP2300X 0.5  261Q00000X 0.6  282N00000X 0.2  314000000X 0.4  291U00000X 0.4  341600000X 0.3
343900000X 0.8  253Z00000X 0.9  251S00000X 0.9  310400000X 0.6  320900000X 0.5  111N00000X 0.7
1223G0001X 0.9  225100000X 0.6  101YM0800X 0.5  152W00000X 0.3  261QF0400X 0.2  261QR0400X 0.2
324500000X 0.3
"""
_TAIL_OF_PEOPLE = "207R 207X 2080 2085 2086 207Z 1223 103T 363L 364S 163W 225X 246Q 2278 156F 374T"
_TAIL_OF_ORGANIZATIONS = "261Q 282N 251J 332H 3336 320D 322D 273R 283X 331L"
_TAIL_LETTERS = "ACEGHMPRSTVW"

_CREDENTIALS: dict[str, dict[str, float]] = {  # by how the taxonomy begins
    "20": {"MD": 46, "M.D.": 27, "DO": 8, "D.O.": 5, "M. D.": 0.6, "MD, PHD": 2, "": 11, "--": 0.4},
    "363L": {"NP": 16, "FNP-C": 18, "FNP": 14, "APRN": 15, "ARNP": 8, "CRNP": 8, "": 20, "--": 1},
    "363A": {"PA-C": 58, "PA": 18, "P.A.": 5, "MPAS, PA-C": 3, "": 15, "--": 1},
    "12": {"DDS": 34, "DMD": 28, "D.D.S.": 14, "D.M.D.": 10, "": 14},
    "39": {"": 97, "MD": 3},
    "": {"LCSW": 9, "PT": 6, "RN": 7, "DPT": 5, "LPC": 6, "PHARMD": 5, "RBT": 6, "D.C.": 3, "": 53},
}
_LICENSE_PREFIXES = ["", "", "", "", "", "", "MD", "ME", "A", "G", "PA", "RN", "LCSW", "36.", "0"]
_SLOT_WEIGHTS = [80, 12, 4.3, 1.6, 0.8, 0.4, 0.25, 0.18, 0.12, 0.1, 0.07, 0.06, 0.05, 0.04, 0.03]
_PREFIXES: dict[str, float] = {"": 56, "DR.": 20, "MS.": 10, "MRS.": 7, "MR.": 7}
_SUFFIXES: dict[str, float] = {"": 97.8, "JR.": 1, "II": 0.3, "III": 0.6, "SR.": 0.2, "--": 0.1}
_GROUPS = [
    "193200000X MULTI-SPECIALTY GROUP",
    "193400000X SINGLE SPECIALTY GROUP",
]
_TRADES = """
Pharmacy,Home Health,Home Care,Dental,Family Dentistry,Chiropractic,Physical Therapy,Counseling,
Behavioral Health,Medical Supply,Ambulance,Laboratory,Imaging,Eye Care,Surgery Center,Hospice,
Nursing and Rehab,Transport,Urgent Care,Wellness
"""
_FORMS = ["LLC", "LLC", "LLC", "INC", "INC", "INC.", "PC", "P.C.", "PLLC", "PA", "CORP", "LTD"]
_TITLES = (
    "OWNER,PRESIDENT,CEO,MEMBER,MANAGER,DIRECTOR,CFO,OFFICE MANAGER,ADMINISTRATOR,VICE PRESIDENT"
)
_ISSUERS = "BCBS,MEDICAID,AETNA,CIGNA,UNITED HEALTHCARE,RAILROAD MEDICARE,TRICARE,STATE LICENSE"
# ZIP code, city, state and area code.
_CANADIAN = (
    ("K1A 0B1", "Ottawa", "ON", "613"),
    ("M5V 2T6", "Toronto", "ON", "416"),
    ("V6B 4Y8", "Vancouver", "BC", "604"),
    ("H2Y 1C6", "Montreal", "QC", "514"),
)


@dataclass(frozen=True)
class Words:
    """A list of words twice: first in capitals without accents, then as they are written."""

    both: pl.Series
    size: int

    @classmethod
    def of(cls, words: Iterable[str]) -> "Words":
        """Keep these words."""
        mixed = list(words)
        return cls(pl.Series([*map(_capitals, mixed), *mixed]), len(mixed))

    def at(self, places: Numbers, is_mixed: Flags) -> pl.Series:
        """Return the words at these places of the list."""
        return self.both.gather(places + self.size * is_mixed)


@dataclass(frozen=True)
class Places:
    """ZIP codes and a few of Canada, with how many rows each draws."""

    weights: Weights
    cities: Words
    codes: pl.Series
    states: pl.Series
    countries: pl.Series
    is_foreign: Flags
    area_codes: Numbers  # those of all places, one after the other
    first_area_code: Numbers  # of a place, among those
    area_code_count: Numbers


@dataclass(frozen=True)
class Taxonomies:
    """The codes, how likely each is, and which credentials go with it."""

    codes: pl.Series
    of_people: Weights
    of_organizations: Weights
    credentials: Numbers  # the place in `_CREDENTIALS`


@dataclass(frozen=True)
class World:
    """The values that rows are generated from."""

    places: Places
    taxonomies: Taxonomies
    first_names: Words  # of women, then of men
    women: int  # how many of the first names
    last_names: Words
    streets: Words
    second_lines: Words
    businesses: Words
    trades: Words
    zip_ends: pl.Series  # the last four of nine digits; the first one is empty
    days: pl.Series


class Sheet:
    """The columns of a chunk, filled only in the rows that have something."""

    def __init__(self, world: World, rng: np.random.Generator, rows: int) -> None:
        self.world, self.rng, self.rows = world, rng, rows
        self.is_mixed = rng.random(rows) < _MIXED_CASE
        self.places = _picks(rng, world.places.weights, rows)
        self._columns: dict[str, pl.Series] = {}

    def fill(self, name: str, rows: Numbers, values: pl.Series) -> None:
        """Put one value after the other into these rows of a column."""
        places = np.full(self.rows, -1, dtype=np.int64)
        places[rows] = np.arange(rows.size)
        self._columns[name] = values.gather(pl.Series(places).set(pl.Series(places < 0), None))

    def some(self, rows: Numbers, share: float) -> Numbers:
        """Return about this share of the rows."""
        return rows[self.rng.random(rows.size) < share]

    def below(self, limit: int, rows: Numbers) -> Numbers:
        """Return a number from 0 up to the limit for each row."""
        return self.rng.integers(0, limit, rows.size)

    def words(self, words: Words, rows: Numbers) -> pl.Series:
        """Return one of the words for each row, in the row's case."""
        return words.at(self.below(words.size, rows), self.is_mixed[rows])

    def texts(self, texts: Sequence[str], rows: Numbers) -> pl.Series:
        """Return one of the texts for each row, all equally likely."""
        return pl.Series(texts).gather(self.below(len(texts), rows))

    def drawn(self, shares: Mapping[str, float], rows: Numbers) -> pl.Series:
        """Return one of the texts for each row, as often as its share says."""
        places = _picks(self.rng, _cumulative(shares.values()), rows.size)
        return pl.Series(list(shares)).gather(places)

    def frame(self) -> pl.DataFrame:
        """Return all columns of the file."""
        names = header()
        assert self._columns.keys() <= set(names)
        empty = pl.Series([None], dtype=pl.Null).new_from_index(0, self.rows)
        return pl.DataFrame([self._columns.get(name, empty).alias(name) for name in names])


def write_nppes(folder: Path, rows: int, *, seed: int = 1, zipped: bool = True) -> Path:
    """Return the file written: the zip as it is published, or only the CSV that it holds."""
    if not 0 <= rows <= MOST_ROWS:
        raise ValueError(f"{rows} rows; ask for 0 to {MOST_ROWS}.")
    folder.mkdir(parents=True, exist_ok=True)
    if not zipped:
        with (folder / MEMBER).open("wb") as file:
            _write(file, rows, seed)
        return folder / MEMBER
    with (
        ZipFile(folder / ZIP_NAME, "w", ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(MEMBER, "w", force_zip64=True) as file,
    ):
        _write(file, rows, seed)
    return folder / ZIP_NAME


def header() -> list[str]:
    """Return the names of the 330 columns in their published order."""
    parts = ["Name Prefix Text", "Name Suffix Text", "Credential Text"]
    names = ["First Name", "Middle Name", *parts]
    return [
        *("NPI", "Entity Type Code", "Replacement NPI", "Employer Identification Number (EIN)"),
        "Provider Organization Name (Legal Business Name)",
        "Provider Last Name (Legal Name)",
        *(f"Provider {name}" for name in names),
        *("Provider Other Organization Name", "Provider Other Organization Name Type Code"),
        *(f"Provider Other {name}" for name in ("Last Name", *names, "Last Name Type Code")),
        *_address_names("Mailing"),
        *_address_names("Practice Location"),
        *("Provider Enumeration Date", "Last Update Date", "NPI Deactivation Reason Code"),
        *("NPI Deactivation Date", "NPI Reactivation Date", "Provider Sex Code"),
        *(f"Authorized Official {name}" for name in ("Last Name", "First Name", "Middle Name")),
        *("Authorized Official Title or Position", "Authorized Official Telephone Number"),
        *(name for slot in range(1, _SLOTS + 1) for name in _slot_names(slot)),
        *(name for number in range(1, _IDENTIFIERS + 1) for name in _identifier_names(number)),
        *("Is Sole Proprietor", "Is Organization Subpart"),
        *("Parent Organization LBN", "Parent Organization TIN"),
        *(f"Authorized Official {part}" for part in parts),
        *(f"Healthcare Provider Taxonomy Group_{slot}" for slot in range(1, _SLOTS + 1)),
        "Certification Date",
    ]


def _address_names(kind: str) -> list[str]:
    lines = [f"Provider {line} Line Business {kind} Address" for line in ("First", "Second")]
    parts = ("City Name", "State Name", "Postal Code", "Country Code (If outside U.S.)")
    numbers = ("Telephone Number", "Fax Number")
    return lines + [f"Provider Business {kind} Address {part}" for part in (*parts, *numbers)]


def _slot_names(slot: int) -> list[str]:
    return [
        f"Healthcare Provider Taxonomy Code_{slot}",
        f"Provider License Number_{slot}",
        f"Provider License Number State Code_{slot}",
        f"Healthcare Provider Primary Taxonomy Switch_{slot}",
    ]


def _identifier_names(number: int) -> list[str]:
    parts = ("", " Type Code", " State", " Issuer")
    return [f"Other Provider Identifier{part}_{number}" for part in parts]


def _write(file: IO[bytes], rows: int, seed: int) -> None:
    file.write((",".join(f'"{name}"' for name in header()) + "\n").encode())
    world = _world(np.random.default_rng(seed))
    last = _BEFORE_FIRST
    for number, start in enumerate(range(0, rows, _CHUNK)):
        rng = np.random.default_rng([seed, number])
        bases = last + np.cumsum(rng.integers(1, _LONGEST_STEP + 1, min(_CHUNK, rows - start)))
        last = int(bases[-1])
        # Smaller pieces need less memory: a piece is text before it is written.
        for piece in _chunk(Sheet(world, rng, bases.size), bases).iter_slices(_PIECE):
            piece.write_csv(file, include_header=False, quote_style="always")


def _chunk(sheet: Sheet, bases: Numbers) -> pl.DataFrame:
    all_rows = np.arange(sheet.rows)
    is_live = sheet.rng.random(sheet.rows) >= _STUBS
    is_person = sheet.rng.random(sheet.rows) < _PEOPLE
    live = all_rows[is_live]
    people, organizations = all_rows[is_live & is_person], all_rows[is_live & ~is_person]
    sheet.fill("NPI", all_rows, _npis(bases))
    sheet.fill("Entity Type Code", live, _either("1", "2", is_person[live]))
    _addresses(sheet, live)
    _dates(sheet, live, stubs=all_rows[~is_live])
    codes = _slots(sheet, live, is_person)
    _people(sheet, people, codes[people])
    _organizations(sheet, organizations)
    _officials(sheet, organizations)
    _identifiers(sheet, live)
    return sheet.frame()


def _npis(bases: Numbers) -> pl.Series:
    """Add the check digits, to all numbers at once."""
    total = np.full(bases.size, 24, dtype=np.int64)  # what the prefix 80840 comes to
    rest = bases
    for place in range(9):
        rest, digit = np.divmod(rest, 10)
        total += digit if place % 2 else 2 * digit - 9 * (digit > 4)
    return pl.Series(bases * 10 + -total % 10).cast(pl.String)


def _addresses(sheet: Sheet, live: Numbers) -> None:
    """Fill both addresses; some get their letters at another row's place, or in a box there."""
    practices = _practices(sheet, live)
    is_elsewhere = sheet.rng.random(live.size) < _MAILED_ELSEWHERE
    own = np.arange(live.size)
    mailing = practices[np.where(is_elsewhere, sheet.rng.permutation(own), own)]
    boxes = "PO BOX " + _numbers(sheet, live, 1, 99_999)
    is_box = pl.Series(is_elsewhere & (sheet.rng.random(live.size) < 0.4))
    lines = boxes.zip_with(is_box, mailing.to_series(0))
    mailing = mailing.with_columns(lines.alias(mailing.columns[0]))
    for kind, address in (("Practice Location", practices), ("Mailing", mailing)):
        for name, values in zip(_address_names(kind), address.get_columns(), strict=True):
            sheet.fill(name, live, values)


def _practices(sheet: Sheet, live: Numbers) -> pl.DataFrame:
    """Return the parts of an address for each row, in their published order."""
    known, places = sheet.world.places, sheet.places[live]
    has_nine_digits = (sheet.rng.random(live.size) < 0.9) & ~known.is_foreign[places]
    ends = (1 + sheet.below(9_999, live)) * has_nine_digits
    parts = {
        "line1": _numbers(sheet, live, 1, 9_999) + " " + sheet.words(sheet.world.streets, live),
        "line2": _kept(sheet, sheet.words(sheet.world.second_lines, live), 0.28),
        "city": known.cities.at(places, sheet.is_mixed[live]),
        "state": known.states.gather(places),
        "zip": known.codes.gather(places) + sheet.world.zip_ends.gather(ends),
        "country": known.countries.gather(places),
        "phone": _phones(sheet, live),
        "fax": _kept(sheet, _phones(sheet, live), 0.45),
    }
    return pl.DataFrame(parts)


def _phones(sheet: Sheet, rows: Numbers) -> pl.Series:
    """Return numbers of each row's place, out of those that are kept free for fiction."""
    known, places = sheet.world.places, sheet.places[rows]
    offsets = sheet.rng.random(rows.size) * known.area_code_count[places]
    area_codes = known.area_codes[known.first_area_code[places] + offsets.astype(np.int64)]
    numbers = area_codes * 10_000_000 + 5_550_100 + sheet.below(100, rows)
    return pl.Series(numbers).cast(pl.String)


def _dates(sheet: Sheet, live: Numbers, *, stubs: Numbers) -> None:
    days, rng, end = sheet.world.days, sheet.rng, len(sheet.world.days)
    enumerated = rng.integers(0, end, sheet.rows)
    updated = rng.integers(enumerated, end)
    left = rng.integers(enumerated, updated + 1)
    returned = rng.integers(left, updated + 1)
    reactivated = sheet.some(live, _REACTIVATED)
    rows_of = {
        "Provider Enumeration Date": (live, enumerated),
        "Last Update Date": (live, updated),
        "NPI Deactivation Date": (np.concatenate([stubs, reactivated]), left),
        "NPI Reactivation Date": (reactivated, returned),
        "Certification Date": (sheet.some(live, 0.35), updated),
    }
    for name, (rows, numbers) in rows_of.items():
        sheet.fill(name, rows, days.gather(numbers[rows]))


def _slots(sheet: Sheet, live: Numbers, is_person: Flags) -> Numbers:
    """Fill the taxonomies with their licenses; return the first code of all rows."""
    rng, known = sheet.rng, sheet.world.taxonomies
    first = _codes(sheet, is_person)
    counts = 1 + _picks(rng, _cumulative(_SLOT_WEIGHTS), sheet.rows)
    any_slot = 1 + (rng.random(sheet.rows) * counts).astype(np.int64)
    primary = np.where(rng.random(sheet.rows) < 0.88, 1, any_slot)
    primary[sheet.some(live, _NO_PRIMARY)] = 0
    for slot in range(1, _SLOTS + 1):
        rows = live[counts[live] >= slot]
        code, _, _, switch = _slot_names(slot)
        # Half of the further ones are the same taxonomy, licensed in another state.
        is_same = rng.random(rows.size) < (1 if slot == 1 else 0.5)
        codes = np.where(is_same, first[rows], _codes(sheet, is_person[rows]))
        sheet.fill(code, rows, known.codes.gather(codes))
        sheet.fill(switch, rows, _either("Y", "N", primary[rows] == slot))
        is_licensed = rng.random(rows.size) < np.where(is_person[rows], 0.78, 0.2)
        _licenses(sheet, rows[is_licensed], slot)
    grouped = sheet.some(live[~is_person[live]], 0.15)
    sheet.fill("Healthcare Provider Taxonomy Group_1", grouped, sheet.texts(_GROUPS, grouped))
    return first


def _codes(sheet: Sheet, is_person: Flags) -> Numbers:
    known = sheet.world.taxonomies
    of_people = _picks(sheet.rng, known.of_people, is_person.size)
    return np.where(is_person, of_people, _picks(sheet.rng, known.of_organizations, is_person.size))


def _licenses(sheet: Sheet, rows: Numbers, slot: int) -> None:
    places = sheet.world.places
    is_away = sheet.rng.random(rows.size) < (0.06 if slot == 1 else 0.6)
    away = _picks(sheet.rng, places.weights, rows.size)
    states = places.states.gather(np.where(is_away, away, sheet.places[rows]))
    _, number, state, _ = _slot_names(slot)
    sheet.fill(number, rows, _license_numbers(sheet, rows))
    sheet.fill(state, rows, states)


def _license_numbers(sheet: Sheet, rows: Numbers) -> pl.Series:
    return sheet.texts(_LICENSE_PREFIXES, rows) + _numbers(sheet, rows, 1_000, 999_999)


def _people(sheet: Sheet, rows: Numbers, codes: Numbers) -> None:
    is_woman = sheet.rng.random(rows.size) < 0.57
    sexes = _with_some(sheet, _either("F", "M", is_woman), 0.005, "X")
    middle = _first_names(sheet, rows, is_woman)
    is_initial = pl.Series(sheet.rng.random(rows.size) < 0.6)
    middle = _with_some(sheet, middle.str.head(1).zip_with(is_initial, middle), 0.003, "--")
    columns = {
        "Last Name (Legal Name)": sheet.words(sheet.world.last_names, rows),
        "First Name": _first_names(sheet, rows, is_woman),
        "Middle Name": _kept(sheet, middle, 0.7),
        "Name Prefix Text": sheet.drawn(_PREFIXES, rows),
        "Name Suffix Text": sheet.drawn(_SUFFIXES, rows),
        "Credential Text": _credentials(sheet, codes),
        "Sex Code": sexes,
    }
    for name, values in columns.items():
        sheet.fill(f"Provider {name}", rows, values)
    sheet.fill("Is Sole Proprietor", rows, sheet.drawn({"N": 62, "Y": 24, "X": 14}, rows))
    renamed = sheet.some(rows, 0.05)
    names = sheet.words(sheet.world.last_names, renamed)
    sheet.fill("Provider Other Last Name", renamed, names)
    kinds = sheet.drawn({"1": 70, "2": 12, "5": 18}, renamed)
    sheet.fill("Provider Other Last Name Type Code", renamed, kinds)


def _first_names(sheet: Sheet, rows: Numbers, is_woman: Flags) -> pl.Series:
    names, women = sheet.world.first_names, sheet.world.women
    men = women + sheet.below(names.size - women, rows)
    places = np.where(is_woman, sheet.below(women, rows), men)
    return names.at(places, sheet.is_mixed[rows])


def _credentials(sheet: Sheet, codes: Numbers) -> pl.Series:
    kinds = sheet.world.taxonomies.credentials[codes]
    places = np.zeros(codes.size, dtype=np.int64)
    texts: list[str] = []
    for kind, shares in enumerate(_CREDENTIALS.values()):
        own = np.flatnonzero(kinds == kind)
        places[own] = len(texts) + _picks(sheet.rng, _cumulative(shares.values()), own.size)
        texts += shares
    return pl.Series(texts).gather(places)


def _organizations(sheet: Sheet, rows: Numbers) -> None:
    unavailable = pl.Series(["<UNAVAIL>"]).new_from_index(0, rows.size)
    sheet.fill("Employer Identification Number (EIN)", rows, unavailable)
    names = _business_names(sheet, rows)
    sheet.fill("Provider Organization Name (Legal Business Name)", rows, names)
    renamed = sheet.some(rows, 0.2)
    names = _with_some(sheet, _business_names(sheet, renamed), 0.003, "<UNAVAIL>")
    sheet.fill("Provider Other Organization Name", renamed, names)
    kinds = sheet.drawn({"3": 80, "4": 12, "5": 8}, renamed)
    sheet.fill("Provider Other Organization Name Type Code", renamed, kinds)
    is_subpart = sheet.rng.random(rows.size) < 0.12
    subparts = rows[is_subpart]
    sheet.fill("Is Organization Subpart", rows, _either("Y", "N", is_subpart))
    sheet.fill("Parent Organization LBN", subparts, _business_names(sheet, subparts))
    sheet.fill("Parent Organization TIN", subparts, unavailable.head(subparts.size))


def _business_names(sheet: Sheet, rows: Numbers) -> pl.Series:
    own = sheet.words(sheet.world.businesses, rows)
    is_quoted = pl.Series(sheet.rng.random(rows.size) < _QUOTED_NAMES)
    own = ('THE "' + own + '"').zip_with(is_quoted, own)
    return own + " " + sheet.words(sheet.world.trades, rows) + " " + sheet.texts(_FORMS, rows)


def _officials(sheet: Sheet, rows: Numbers) -> None:
    is_woman = sheet.rng.random(rows.size) < 0.5
    initials = _first_names(sheet, rows, is_woman).str.head(1)
    columns = {
        "Last Name": sheet.words(sheet.world.last_names, rows),
        "First Name": _first_names(sheet, rows, is_woman),
        "Middle Name": _kept(sheet, initials, 0.4),
        "Title or Position": sheet.texts(listed(_TITLES), rows),
        "Telephone Number": _phones(sheet, rows),
        "Name Prefix Text": sheet.drawn(_PREFIXES, rows),
        "Name Suffix Text": sheet.drawn(_SUFFIXES, rows),
        "Credential Text": _kept(sheet, sheet.drawn(_CREDENTIALS["20"], rows), 0.3),
    }
    for name, values in columns.items():
        sheet.fill(f"Authorized Official {name}", rows, values)


def _identifiers(sheet: Sheet, live: Numbers) -> None:
    """Fill other identifiers in one row of fourteen; up to six, each further one rarer."""
    rows = sheet.some(live, 0.07)
    for number in range(1, 7):
        identifier, kind, state, issuer = _identifier_names(number)
        sheet.fill(identifier, rows, _license_numbers(sheet, rows))
        sheet.fill(kind, rows, sheet.drawn({"01": 45, "05": 55}, rows))
        sheet.fill(state, rows, sheet.world.places.states.gather(sheet.places[rows]))
        named = sheet.some(rows, 0.45)
        sheet.fill(issuer, named, sheet.texts(listed(_ISSUERS), named))
        rows = sheet.some(rows, 0.55)


def _world(rng: np.random.Generator) -> World:
    words = read_words()
    women, men = (words["first_names"][kind].split() for kind in ("female", "male"))
    last_names = words["last_names"]["plain"].split()
    clinics = words["clinics"]
    kinds = ("nerves", "pain", "body", "general")
    trades = [trade for kind in kinds for trade in listed(clinics[kind])]
    return World(
        places=_places(rng),
        taxonomies=_taxonomies(),
        first_names=Words.of([*women, *men]),
        women=len(women),
        last_names=Words.of(_with_double_names(rng, last_names)),
        streets=Words.of(_streets(words["streets"])),
        second_lines=Words.of(_second_lines()),
        businesses=Words.of([*listed(clinics["first_words"]), *last_names]),
        trades=Words.of([*trades, *listed(_TRADES), *listed(_TRADES)]),
        zip_ends=pl.Series(["", *(f"{number:04}" for number in range(1, 10_000))]),
        days=pl.date_range(_FIRST_DAY, _LAST_DAY, eager=True).dt.to_string("%m/%d/%Y"),
    )


def _places(rng: np.random.Generator) -> Places:
    rows = [row for code in zip_codes() if (row := find_zip_row(code))]
    weights = _weighed(rng, rows)
    abroad = [weights.sum() * _FOREIGN / (1 - _FOREIGN) / len(_CANADIAN)] * len(_CANADIAN)
    area_codes_of = {state.code: state.area_codes for state in read_states()}
    # The islands that the table of states lacks get numbers free of charge.
    area_codes = [area_codes_of.get(row.state, ("800",)) for row in rows]
    area_codes += [(area_code,) for _, _, _, area_code in _CANADIAN]
    counts = np.array([len(codes) for codes in area_codes])
    return Places(
        weights=_cumulative([*weights, *abroad]),
        cities=Words.of([*(row.city for row in rows), *(city for _, city, _, _ in _CANADIAN)]),
        codes=pl.Series([*(row.zip_code for row in rows), *(code for code, _, _, _ in _CANADIAN)]),
        states=pl.Series([*(row.state for row in rows), *(state for _, _, state, _ in _CANADIAN)]),
        countries=pl.Series(["US"] * len(rows) + ["CA"] * len(abroad)),
        is_foreign=np.arange(counts.size) >= len(rows),
        area_codes=np.array([int(code) for codes in area_codes for code in codes]),
        first_area_code=np.cumsum(counts) - counts,
        area_code_count=counts,
    )


def _weighed(rng: np.random.Generator, rows: Sequence[ZipRow]) -> Weights:
    """Weigh ZIP codes of large cities more, and those without an area of their own less."""
    sizes = Counter((row.city, row.state) for row in rows)
    of_city = np.array([sizes[row.city, row.state] ** 0.5 for row in rows])
    own_area = np.array([0.1 if row.precision is Precision.CITY else 1.0 for row in rows])
    weights: Weights = rng.lognormal(0, 1.2, len(rows)) * of_city * own_area
    return weights


def _taxonomies() -> Taxonomies:
    of_people = _with_tail(_OF_PEOPLE, 100 * _PEOPLE, _TAIL_OF_PEOPLE)
    of_organizations = _with_tail(_OF_ORGANIZATIONS, 100 * (1 - _PEOPLE), _TAIL_OF_ORGANIZATIONS)
    codes = sorted(of_people.keys() | of_organizations.keys())
    kinds = list(_CREDENTIALS)
    return Taxonomies(
        codes=pl.Series(codes),
        of_people=_cumulative(of_people.get(code, 0) for code in codes),
        of_organizations=_cumulative(of_organizations.get(code, 0) for code in codes),
        credentials=np.array(
            [[code.startswith(kind) for kind in kinds].index(True) for code in codes]
        ),
    )


def _with_tail(table: str, total: float, prefixes: str) -> dict[str, float]:
    """Give what is left of the total to made-up codes, to each less than to the one before."""
    words = table.split()
    shares = dict(zip(words[::2], map(float, words[1::2]), strict=True))
    beginnings = itertools.product(_TAIL_LETTERS, prefixes.split())
    codes = [
        f"{prefix}{letter}0{7 * place % 997:03}X"
        for place, (letter, prefix) in enumerate(beginnings)
    ]
    codes = [code for code in codes if code not in TAXONOMY_NAMES and code not in shares]
    weights = 1 / np.arange(3, len(codes) + 3)
    weights *= (total - sum(shares.values())) / weights.sum()
    return {**shares, **dict(zip(codes, weights.tolist(), strict=True))}


def _with_double_names(rng: np.random.Generator, names: list[str]) -> list[str]:
    """Add one double name to eleven plain ones, so that there are thousands."""
    picks = rng.integers(0, len(names), (2_000, 2)).tolist()
    doubles = [f"{names[first]}-{names[second]}" for first, second in picks]
    return names * (11 * len(doubles) // len(names)) + doubles


def _streets(words: Mapping[str, str]) -> list[str]:
    starts, ends, types = (words[key].split() for key in ("starts", "ends", "types"))
    names = [f"{start}{end}" for start in starts for end in ends]
    return [f"{name} {kind}" for name, kind in zip(names, itertools.cycle(types), strict=False)]


def _second_lines() -> list[str]:
    words, numbers = ("Suite", "Suite", "Ste", "Unit"), range(100, 1_000, 5)
    lines = [f"{word} {number}" for word in words for number in numbers]
    return [*lines, *(f"Ste {letter}" for letter in "ABCDEFGH"), "2nd Floor", "Fl 3", "--"]


def _capitals(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).upper()


def _cumulative(weights: Iterable[float]) -> Weights:
    sums = np.cumsum(np.array(list(weights), dtype=np.float64))
    shares: Weights = sums / sums[-1]
    return shares


def _picks(rng: np.random.Generator, weights: Weights, count: int) -> Numbers:
    """Return places in the list of weights, each as often as its weight says."""
    return np.searchsorted(weights, rng.random(count), side="right").astype(np.int64)


def _numbers(sheet: Sheet, rows: Numbers, lowest: int, highest: int) -> pl.Series:
    return pl.Series(lowest + sheet.below(highest - lowest, rows)).cast(pl.String)


def _either(yes: str, no: str, flags: Flags) -> pl.Series:
    return pl.Series([no, yes]).gather(flags.astype(np.int64))


def _with_some(sheet: Sheet, values: pl.Series, share: float, other: str | None) -> pl.Series:
    """Put the other text into the place of a share of the values."""
    return values.set(pl.Series(sheet.rng.random(len(values)) < share, dtype=pl.Boolean), other)


def _kept(sheet: Sheet, values: pl.Series, share: float) -> pl.Series:
    """Keep a share of the values."""
    return _with_some(sheet, values, 1 - share, None)


def main() -> None:
    """Write the file described by the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("rows", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="the CSV, without a zip around it")
    asked = parser.parse_args()
    print(write_nppes(asked.folder, asked.rows, seed=asked.seed, zipped=not asked.plain))


if __name__ == "__main__":
    main()
