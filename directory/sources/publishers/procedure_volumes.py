"""Medicare's yearly counts by provider and procedure, for two procedure codes.

Only the columns named here are read. The descriptions of procedures, which are copyrighted,
and payments are not among them.
"""

import re
from datetime import date

import polars as pl

from directory.care.procedures import MIGRAINE_INJECTION, ONABOTULINUMTOXINA
from directory.providers.models import ProcedureVolume, Source
from directory.sources.loading.importer import Column, Importer, Run
from directory.sources.loading.npi_filters import (
    OUTDATED,
    changed_npis,
    loaded_npis,
    of_loaded,
    with_npis,
)
from directory.sources.reading.errors import SourceFileError

_WANTED = (MIGRAINE_INJECTION, ONABOTULINUMTOXINA)
# The files of 2012 and 2013 begin with a notice under this number.
_NOTICE = "0000000001"

# MUP_PHY_R25_P05_V20_D23_Prov_Svc.csv: released in May 2025, counts of 2023.
_CURRENT_NAME = re.compile(
    r"PHY_RY?([0-9]{2})_P([0-9]{2})_V[0-9]+_DY?([0-9]{2})_(?:Prov_Svc|PrvSvc)", re.IGNORECASE
)
# Medicare_Provider_Util_Payment_PUF_CY2012.txt
_FORMER_NAME = re.compile(r"PUF[-_ ]CY(20[0-9]{2})", re.IGNORECASE)
_YEAR = re.compile(r"(?<![0-9])(20(?:1[2-9]|[2-9][0-9]))(?![0-9])")

_COLUMNS = {
    "npi": ("Rndrng_NPI", "npi"),
    "code": ("HCPCS_Cd", "hcpcs_code"),
    "place": ("Place_Of_Srvc", "place_of_service"),
    "services": ("Tot_Srvcs", "line_srvc_cnt"),
    "beneficiaries": ("Tot_Benes", "bene_unique_cnt"),
}
_KEYS = ("npi", "code", "place")


class VolumesLoad:
    """Loads the counts of one year."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._loaded = loaded_npis(run.session)
        self._rows: list[pl.DataFrame] = []
        # Releases are separated by the year counted, regardless of when they were published.
        run.part = year_in_name(run.file) or _stated_year(run)

    def take(self, frame: pl.DataFrame) -> None:
        """Keep the few relevant rows."""
        run = self._run
        if run.is_outdated:
            return
        frame = with_npis(run, self._of_procedures(frame))
        frame = of_loaded(run, frame, self._loaded)
        self._rows.append(self._counted(frame))

    def finish(self) -> None:
        """Update the counts of the year."""
        run, year = self._run, int(self._run.part)
        if run.is_outdated:
            run.tally.notes[OUTDATED] += 1
            return
        rows = pl.concat(self._rows)
        again = ~pl.struct(_KEYS).is_first_distinct()
        rows = run.without(rows, again, "NPI, procedure and place of service are in it twice")
        run.store.stage(ProcedureVolume, _summed(rows, year))
        merged = run.store.merge(
            ProcedureVolume, of=ProcedureVolume.year == year if run.is_full else None
        )
        run.tally.add(merged)
        if merged.new or merged.changed or merged.gone:
            of = (ProcedureVolume.source == run.source) & (ProcedureVolume.year == year)
            of &= ProcedureVolume.procedure_code == MIGRAINE_INJECTION
            run.touched.append(
                changed_npis(run.session, ProcedureVolume, of=of, on=run.released_on)
            )

    def _of_procedures(self, frame: pl.DataFrame) -> pl.DataFrame:
        run = self._run
        is_notice = pl.col("npi") == _NOTICE
        frame = run.without(frame, is_notice, "a notice of copyright", is_bad=False)
        frame = frame.with_columns(pl.col("code").str.strip_chars().str.to_uppercase())
        wrong = pl.format(
            "the procedure code '{}' is not five letters and digits", pl.col("code").str.head(20)
        )
        is_code = pl.col("code").str.contains(r"^[A-Z0-9]{5}$")
        frame = run.without(frame, ~is_code, wrong)
        is_wanted = pl.col("code").is_in(_WANTED)
        return run.without(frame, ~is_wanted, "another procedure", is_bad=False)

    def _counted(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Parse the counts, and set aside rows with an invalid one."""
        given = {key: pl.col(key).str.strip_chars() for key in ("services", "beneficiaries")}
        is_number = {
            key: text.str.contains(r"^[0-9]{1,8}(\.[0-9]*)?$") for key, text in given.items()
        }
        no_count = pl.format("the count '{}' is not a number", given["services"].str.head(20))
        no_people = pl.format("the count '{}' is not a number", given["beneficiaries"].str.head(20))
        reason = pl.coalesce(
            pl.when(~is_number["services"]).then(no_count),
            pl.when((given["beneficiaries"] != "") & ~is_number["beneficiaries"]).then(no_people),
        )
        frame = self._run.without(frame, reason.is_not_null(), reason)
        return frame.select(
            *_KEYS, *(text.cast(pl.Float64, strict=False) for text in given.values()), "line"
        )


def _summed(rows: pl.DataFrame, year: int) -> pl.DataFrame:
    """Return a row for each provider and procedure, summed over places of service.

    A person treated at an office and at a hospital is a beneficiary of both, so the sum may count
    a person twice. Services have decimals in the file, and are rounded.
    """
    people = pl.col("beneficiaries")
    return (
        rows.group_by("npi", "code")
        .agg(
            pl.col("services").sum().round().cast(pl.Int64),
            pl.when(people.count() > 0).then(people.sum().round().cast(pl.Int64)),
        )
        .rename({"code": "procedure_code"})
        .with_columns(pl.lit(year).alias("year"))
        .sort("npi", "procedure_code")
    )


def _stated_year(run: Run) -> str:
    if not run.is_dated:
        raise SourceFileError(
            run.file,
            1,
            "no year in its name",
            "the name it was published under, or --released YYYY-12-31 for the year it counts",
        )
    return str(run.released_on.year)


def year_in_name(name: str) -> str:
    """Return the year counted by a file, from its name.

    >>> year_in_name("MUP_PHY_R25_P05_V20_D23_Prov_Svc.csv")
    '2023'
    """
    if match := _CURRENT_NAME.search(name):
        return f"20{match[3]}"
    match = _FORMER_NAME.search(name) or _YEAR.search(name)
    return match[1] if match else ""


def release_of_counts(name: str) -> date | None:
    """Return the first of the month of the release, else the last day of the year counted.

    >>> release_of_counts("MUP_PHY_R25_P05_V20_D23_Prov_Svc.csv")
    datetime.date(2025, 5, 1)
    >>> release_of_counts("Medicare_Provider_Util_Payment_PUF_CY2012.txt")
    datetime.date(2012, 12, 31)
    """
    match = _CURRENT_NAME.search(name)
    if match and 1 <= int(match[2]) <= 12:
        return date(2000 + int(match[1]), int(match[2]), 1)
    year = year_in_name(name)
    return date(int(year), 12, 31) if year else None


def _is_whole_year(name: str) -> bool:
    return bool(_CURRENT_NAME.search(name) or _FORMER_NAME.search(name))


VOLUMES = Importer(
    name="volumes",
    source=Source.MEDICARE,
    title="Medicare's yearly counts by provider and procedure",
    pattern="*PHY_R*_Prov_Svc*.csv",
    columns=tuple(Column(key, names) for key, names in _COLUMNS.items()),
    begin=VolumesLoad,
    find_release=release_of_counts,
    is_full=_is_whole_year,
    find_part=year_in_name,
    delimiters=",\t",
    days_between=430,
)
