"""The Medicare file of doctors and clinicians: practice locations and group practices.

Only the columns named here are read. Names, specialties and hospitals are not among them.
"""

import re
from datetime import date

import polars as pl
import sqlalchemy as sa

from directory.providers.models import Clinician, GroupPractice, PracticeLocation, Source
from directory.sources.loading.importer import Column, Importer, Run
from directory.sources.loading.npi_filters import (
    OUTDATED,
    changed_npis,
    loaded_npis,
    of_loaded,
    with_npis,
)
from directory.sources.loading.practice_locations import placed
from directory.sources.reading import columns
from directory.sources.reading.archives import is_match

# Physician_Compare_National_Downloadable_File.csv until 2020, since then
# DAC_NationalDownloadableFile.csv.
_PATTERN = "*National*Downloadable*File*.csv"
_ARCHIVE = re.compile(r"doctors_and_clinicians_(?:archive_)?([0-9]{2})_(20[0-9]{2})", re.IGNORECASE)

# The names of each column: current, of 2021, and of Physician Compare.
_COLUMNS = {
    "npi": ("NPI",),
    "school": ("Med_sch", "Medical school name"),
    "graduated": ("Grd_yr", "Graduation year"),
    "group": ("Facility Name", "org_nm", "Organization legal name"),
    "group_id": ("org_pac_id", "Group Practice PAC ID"),
    "members": ("num_org_mem", "Number of Group Practice members"),
    "line1": ("adr_ln_1", "Line 1 Street Address"),
    "line2": ("adr_ln_2", "Line 2 Street Address"),
    "is_cut": ("ln_2_sprs", "Marker of address line 2 suppression"),
    "city": ("City/Town", "cty", "City"),
    "state": ("State", "st"),
    "zip": ("ZIP Code", "zip"),
    "phone": ("Telephone Number", "phn_numbr", "Phone Number"),
}
_TELEHEALTH = "telehealth"
_TEXTS = (
    ("group", "group practice's name", 300),
    ("line1", "practice address", 120),
    ("line2", "practice address", 120),
    ("city", "city", 80),
)
_LONGEST_SCHOOL = 200
_FIRST_YEAR = 1900
_PLACE = ("name", "line1", "line2", "city", "state", "zip_code", "phone")


class CliniciansLoad:
    """Loads the file, with a row per person, enrollment, group practice and address."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._loaded = loaded_npis(run.session)
        self._people: list[pl.DataFrame] = []

    def take(self, frame: pl.DataFrame) -> None:
        """Keep the rows about providers that are loaded."""
        run = self._run
        if run.is_outdated:
            return
        frame = _checked(run, self._of_loaded(frame))
        self._people.append(_people(frame, latest=run.released_on.year))
        places = _places(run, frame)
        # Staged even if empty, so that a full file without relevant rows is merged.
        run.store.stage(PracticeLocation, _locations(places))
        run.store.stage(GroupPractice, _groups(places))

    def finish(self) -> None:
        """Update the tables from the staged rows."""
        run = self._run
        if run.is_outdated:
            run.tally.notes[OUTDATED] += 1
            return
        run.store.stage(Clinician, _one_each(pl.concat(self._people)))
        # An extract may lack some of a person's locations, so a missing row removes nothing.
        of = sa.true() if run.is_full else None
        for model in (Clinician, GroupPractice):
            run.tally.add(run.store.merge(model, of=of))
        merged = run.store.merge(PracticeLocation, of=of)
        run.tally.add(merged)
        if merged.new or merged.changed or merged.gone:
            run.touched.append(
                changed_npis(
                    run.session,
                    PracticeLocation,
                    of=PracticeLocation.source == run.source,
                    on=run.released_on,
                )
            )

    def _of_loaded(self, frame: pl.DataFrame) -> pl.DataFrame:
        run = self._run
        is_blank = pl.all_horizontal(pl.col(*_COLUMNS).str.strip_chars() == "")
        frame = run.without(frame, is_blank, "an empty row", is_bad=False)
        return of_loaded(run, with_npis(run, frame), self._loaded)


def _checked(run: Run, frame: pl.DataFrame) -> pl.DataFrame:
    """Compute the values, and set aside rows with an invalid one."""
    given = pl.col("group_id").str.strip_chars()
    frame = frame.with_columns(
        *(columns.cleaned(key) for key, _, _ in _TEXTS),
        columns.cleaned("school"),
        pl.when(given != "").then(given).alias("group_id"),
    )
    given = pl.col("group_id")
    wrong_id = pl.format("the org_pac_id '{}' is not up to ten digits", given.str.head(20))
    reason = pl.coalesce(
        *(
            pl.when(pl.col(key).str.len_chars() > longest).then(
                pl.lit(f"the {called} is longer than {longest} characters")
            )
            for key, called, longest in _TEXTS
        ),
        pl.when(~given.str.contains(r"^[0-9]{1,10}$")).then(wrong_id),
    )
    return run.without(frame, reason.is_not_null(), reason)


def _people(frame: pl.DataFrame, *, latest: int) -> pl.DataFrame:
    """Return the facts about the persons themselves."""
    year = pl.col("graduated").str.strip_chars().cast(pl.Int32, strict=False)
    telehealth: pl.Expr = pl.lit(None, pl.Boolean)
    if _TELEHEALTH in frame.columns:
        # Y or empty: a clinician who has not billed telehealth lately may still offer it.
        answer = pl.col(_TELEHEALTH).str.strip_chars().str.to_uppercase()
        telehealth = answer.replace_strict(
            {"Y": True, "N": False}, default=None, return_dtype=pl.Boolean
        )
    return frame.select(
        "npi",
        pl.when(year.is_between(_FIRST_YEAR, latest)).then(year).alias("graduation_year"),
        pl.when(pl.col("school").str.to_uppercase() != "OTHER")
        .then(pl.col("school").str.head(_LONGEST_SCHOOL))
        .alias("school"),
        telehealth.alias("telehealth"),
    )


def _one_each(people: pl.DataFrame) -> pl.DataFrame:
    """Return one row per person: the first values, and telehealth if any row has it."""
    said = [pl.col(name).drop_nulls().first() for name in ("graduation_year", "school")]
    return people.group_by("npi").agg(*said, pl.col("telehealth").max()).sort("npi")


def _places(run: Run, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the locations with their groups, preferred rows first."""
    has_group = pl.col("group_id").is_not_null() & pl.col("group").is_not_null()
    members = pl.col("members").str.strip_chars()
    rows = frame.select(
        "npi",
        "line",
        pl.col("line").alias("_line"),
        pl.when(has_group).then("group").alias("name"),
        # Like ZIP codes, the number may have lost leading zeros.
        pl.when(has_group).then(pl.col("group_id").str.zfill(10)).alias("group_id"),
        pl.when(members.str.contains(r"^[0-9]{1,7}$"))
        .then(members)
        .cast(pl.Int32)
        .alias("member_count"),
        "line1",
        pl.when(pl.col("is_cut").str.strip_chars().str.to_uppercase() != "Y")
        .then("line2")
        .alias("line2"),
        "city",
        "state",
        columns.padded_zip_code("zip").alias("zip"),
        pl.lit("").alias("country"),
        "phone",
    )
    # Duplicates are computed later: a file without changes must not reset them.
    places = placed(run, rows, is_primary=False).drop("is_duplicate")
    # Rows with a group or a phone are preferred over earlier ones without.
    rank = (
        pl.col("_line")
        + pl.col("phone").is_null().cast(pl.Int64) * 2**40
        + pl.col("group_id").is_null().cast(pl.Int64) * 2**41
    )
    return places.with_columns(rank.alias("line")).drop("_line").sort("line")


def _locations(places: pl.DataFrame) -> pl.DataFrame:
    rows = places.drop("member_count")
    return rows.unique(["npi", "address_key"], keep="first", maintain_order=True)


def _groups(places: pl.DataFrame) -> pl.DataFrame:
    rows = places.filter(pl.col("group_id").is_not_null())
    rows = rows.select("group_id", "address_key", *_PLACE, "member_count", "line")
    return rows.unique(["group_id", "address_key"], keep="first", maintain_order=True)


def release_of_archive(name: str) -> date | None:
    """Return the first of the month in the name of the monthly archive.

    >>> release_of_archive("doctors_and_clinicians_09_2026.zip")
    datetime.date(2026, 9, 1)
    """
    match = _ARCHIVE.search(name)
    if match is None or not 1 <= int(match[1]) <= 12:
        return None
    return date(int(match[2]), int(match[1]), 1)


def _is_national(name: str) -> bool:
    return is_match(name, _PATTERN)


CLINICIANS = Importer(
    name="clinicians",
    source=Source.CLINICIANS,
    title="Medicare's national file of doctors and clinicians",
    pattern=_PATTERN,
    columns=(
        *(Column(key, names) for key, names in _COLUMNS.items()),
        Column(_TELEHEALTH, ("Telehlth",), is_required=False),
    ),
    begin=CliniciansLoad,
    find_release=release_of_archive,
    is_full=_is_national,
    archive="doctors_and_clinicians_*.zip",
    days_between=45,
)
