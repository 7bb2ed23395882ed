"""The federal exclusion list (LEIE): its full list, and the monthly supplements to it.

Only the columns named here are read. The date of birth and the address, but for its state, are
not among them.
"""

import hashlib
import re
from calendar import monthrange
from datetime import date
from pathlib import PurePath
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.text import folded
from directory.providers.models import Exclusion, Source
from directory.sources.loading.importer import Column, Importer, Run
from directory.sources.loading.npi_filters import loaded_npis
from directory.sources.reading import columns
from directory.sources.reading.archives import is_match

_FULL = "updated*.csv"
_SUPPLEMENT = "[0-9][0-9][0-9][0-9][er][xe][ci][ln].csv"  # 1601EXCL.csv and 1601REIN.csv
_MONTH = re.compile(r"([0-9]{2})([0-9]{2})(?:EXCL|REIN)", re.IGNORECASE)
_MONTH_OF_LIST = re.compile(r"UPDATED[-_ ]?(20[0-9]{2})[-_ ]?([0-9]{2})", re.IGNORECASE)
_REINSTATEMENTS = re.compile(r"[0-9]{4}REIN", re.IGNORECASE)

_UNKNOWN_NPI = "0000000000"
_BASE = 22  # the length of the digest in an entry; its NPI follows
_NAMES = {"last": "last_name", "first": "first_name", "business": "business_name"}
_NAMED = {
    "npi": "NPI",
    "last": "LASTNAME",
    "first": "FIRSTNAME",
    "middle": "MIDNAME",
    "business": "BUSNAME",
    "state": "STATE",
    "type": "EXCLTYPE",
    "excluded": "EXCLDATE",
    "reinstated": "REINDATE",
    "waived": "WAIVERDATE",
    "waiver_state": "WVRSTATE",
}
_DAYS = ("excluded", "reinstated", "waived")


class ExclusionsLoad:
    """Loads the full list, or a monthly supplement of exclusions or reinstatements."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._frames: list[pl.DataFrame] = []
        self._reinstates = _REINSTATEMENTS.search(PurePath(run.file).name) is not None

    def take(self, frame: pl.DataFrame) -> None:
        """Keep the rows of one block: the whole list is small."""
        self._frames.append(self._checked(frame))

    def finish(self) -> None:
        """Update the entries, and note the NPIs whose status changed."""
        run = self._run
        if run.is_outdated:
            run.tally.notes["a newer release is loaded: nothing to do"] += 1
            return
        rows = _with_entries(run, pl.concat(self._frames))
        before = _in_force_values(run.session)
        run.store.stage(Exclusion, rows)
        run.tally.add(run.store.merge(Exclusion, of=sa.true() if run.is_full else None))
        changed = {npi for npi, *_ in before ^ _in_force_values(run.session)}
        npis = np.fromiter(changed, dtype=np.int64)
        run.touched.append(pl.Series(np.intersect1d(npis, loaded_npis(run.session))))

    def _checked(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Compute the values, and set aside rows with an invalid one."""
        run = self._run
        given = pl.col("npi").str.strip_chars()
        frame = frame.with_columns(
            *(
                columns.cleaned(key).alias(f"_{key}")
                for key in (*_NAMES, "middle", "type", "state")
            ),
            *(_day(key).alias(f"_{key}") for key in _DAYS),
            columns.npi_number("npi").alias("_npi"),
            ~given.is_in(["", _UNKNOWN_NPI]).alias("_has_npi"),
        )
        reason = pl.coalesce(
            pl.when(pl.col("_last").is_null() & pl.col("_business").is_null()).then(
                pl.lit("there is no name")
            ),
            *(
                pl.when(pl.col(f"_{key}").str.len_chars() > 100).then(
                    pl.lit(f"the {_NAMED[key]} is longer than 100 characters")
                )
                for key in _NAMES
            ),
            pl.when(pl.col("_type").is_null() | (pl.col("_type").str.len_chars() > 12)).then(
                pl.lit("there is no EXCLTYPE of up to 12 characters")
            ),
            *(_no_day(key) for key in _DAYS),
            pl.when(pl.col("_excluded").is_null()).then(pl.lit("there is no EXCLDATE")),
            pl.when(pl.col("_reinstated").is_null() & pl.lit(self._reinstates)).then(
                pl.lit("a reinstatement without its REINDATE")
            ),
        )
        frame = frame.with_columns(reason.alias("_why"))
        frame = run.without(frame, pl.col("_why").is_not_null(), pl.col("_why"))
        # An invalid NPI matches no provider, but the exclusion is kept.
        wrong = frame.filter(pl.col("_has_npi") & pl.col("_npi").is_null()).height
        if wrong:
            run.tally.notes["the NPI is not ten digits with a right check digit"] += wrong
        return frame.select(
            _digests(frame).alias("base"),
            pl.col("_npi").alias("npi"),
            *(pl.col(f"_{key}").alias(column) for key, column in _NAMES.items()),
            _two_letters("_state").alias("state"),
            pl.col("_type").alias("exclusion_type"),
            columns.iso(pl.col("_excluded")).alias("excluded_on"),
            columns.iso(pl.col("_reinstated")).alias("reinstated_on"),
            pl.when(pl.col("_waived").is_not_null())
            .then(_two_letters("waiver_state"))
            .alias("waiver_state"),
            "line",
        )


def _with_entries(run: Run, rows: pl.DataFrame) -> pl.DataFrame:
    """Add the entry of each row: a new one, or one that is stored.

    An entry is the digest of what a row calls the person or business, with the type and the day,
    and the NPI behind it: so it is the same in every file, and two people of one name are two
    entries. Only where the list learned or lost the NPI meanwhile, and there is just one of that
    digest here and there, is the stored entry taken, so that a reinstatement finds it.
    """
    stored = _stored(run)
    npi = pl.col("npi").cast(pl.String).fill_null(_UNKNOWN_NPI)
    rows = rows.with_columns(pl.format("{}{}", "base", npi).alias("entry"))
    rows = rows.with_columns((pl.col("entry").n_unique().over("base") == 1).alias("_is_alone"))
    alone = stored.filter(pl.col("entry").n_unique().over("base") == 1).select(
        "base", _other="entry", _npi="npi"
    )
    rows = rows.join(alone, on="base", how="left", maintain_order="left")
    agrees = pl.col("npi").is_null() | pl.col("_npi").is_null() | (pl.col("npi") == pl.col("_npi"))
    is_same = pl.col("_is_alone") & pl.col("_other").is_not_null() & agrees
    rows = rows.with_columns(
        pl.when(is_same).then("_other").otherwise("entry").alias("entry")
    ).drop("_is_alone", "_other", "_npi")
    if not run.is_full:
        known = stored.select("entry", "as_of", _npi="npi", _reinstated="reinstated_on")
        rows = rows.join(known, on="entry", how="left", maintain_order="left")
        # What was excluded and what was reinstated in one month come in two files.
        same_month = pl.col("as_of") == run.released_on
        rows = rows.with_columns(
            pl.coalesce("npi", "_npi"),
            pl.coalesce(
                "reinstated_on", pl.when(same_month).then(columns.iso(pl.col("_reinstated")))
            ),
        ).drop("as_of", "_npi", "_reinstated")
    return rows.drop("base")


def _stored(run: Run) -> pl.DataFrame:
    """Return the stored entries that a row may match although its NPI differs.

    A full list replaces all entries, so only those newer than the list are returned.
    """
    columns = (
        Exclusion.entry,
        sa.type_coerce(Exclusion.npi, sa.BigInteger),
        Exclusion.reinstated_on,
        Exclusion.as_of,
    )
    statement = sa.select(*columns).where(Exclusion.gone_on.is_(None))
    if run.is_full:
        statement = statement.where(Exclusion.as_of > run.released_on)
    schema = {"entry": pl.String, "npi": pl.Int64, "reinstated_on": pl.Date, "as_of": pl.Date}
    found = [tuple(row) for row in run.session.execute(statement)]
    stored = pl.DataFrame(found, schema=schema, orient="row")
    return stored.with_columns(pl.col("entry").str.head(_BASE).alias("base"))


def _in_force_values(session: Session) -> set[tuple[Any, ...]]:
    """Return, for each entry with an NPI, the values that decide whether it is in force."""
    statement = sa.select(
        sa.type_coerce(Exclusion.npi, sa.BigInteger),
        *(
            Exclusion.entry,
            Exclusion.excluded_on,
            Exclusion.reinstated_on,
            Exclusion.waiver_state,
            Exclusion.gone_on,
        ),
    ).where(Exclusion.npi.is_not(None))
    return {tuple(row) for row in session.execute(statement)}


def _digests(frame: pl.DataFrame) -> pl.Series:
    """Return the digest of the names, the type and the day; the date of birth is not included."""
    keys = [f"_{key}" for key in (*_NAMES, "middle", "type")]
    names = [columns.mapped(frame[key], folded).fill_null("") for key in keys]
    day = frame["_excluded"].dt.to_string("%Y-%m-%d").alias("day")
    named = [each.alias(str(place)) for place, each in enumerate(names)]
    texts = pl.select(pl.concat_str(*named, day, separator="\x1f")).to_series()
    return columns.mapped(texts, _digest)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=_BASE // 2).hexdigest()


def _two_letters(column: str) -> pl.Expr:
    text = pl.col(column).str.strip_chars().str.to_uppercase()
    return pl.when(text.str.contains("^[A-Z]{2}$")).then(text)


def _day(key: str) -> pl.Expr:
    return columns.day(key, "%Y%m%d", 8)


def _no_day(key: str) -> pl.Expr:
    text = pl.col(key).str.strip_chars()
    is_given = ~text.is_in(["", "0", "00000000"])
    reason = pl.format(f"the {_NAMED[key]} '{{}}' is not a day written YYYYMMDD", text.str.head(20))
    return pl.when(is_given & pl.col(f"_{key}").is_null()).then(reason)


def release_of_list(name: str) -> date | None:
    """Return the release date in a published name: the last day of a supplement's month.

    >>> release_of_list("1602REIN.csv"), release_of_list("UPDATED_2026-08.csv")
    (datetime.date(2016, 2, 29), datetime.date(2026, 8, 1))
    """
    name = PurePath(name).name
    try:
        if match := _MONTH.match(name):
            year, month = 2000 + int(match[1]), int(match[2])
            return date(year, month, monthrange(year, month)[1])
        if match := _MONTH_OF_LIST.match(name):
            return date(int(match[1]), int(match[2]), 1)
    except ValueError:
        pass
    return None


EXCLUSIONS = Importer(
    name="exclusions",
    source=Source.EXCLUSIONS,
    title="the federal exclusion list (LEIE)",
    pattern=_FULL,
    columns=tuple(Column(key, (name,)) for key, name in _NAMED.items()),
    begin=ExclusionsLoad,
    find_release=release_of_list,
    is_full=lambda name: is_match(PurePath(name).name, _FULL),
    archive=_SUPPLEMENT,  # the other name it is published under
    days_between=38,
)
