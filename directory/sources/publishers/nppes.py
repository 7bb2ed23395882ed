"""NPPES, the registry of all NPIs: its main file, monthly or weekly.

Only the columns named here are read. The mailing address, the fax and the authorized
official are not among them.
"""

from datetime import date

import numpy as np
import polars as pl
import sqlalchemy as sa

from directory.care.specialties import STUDENT, TAXONOMY_NAMES
from directory.providers.models import (
    Deactivation,
    License,
    PracticeLocation,
    Provider,
    ProviderTaxonomy,
    Source,
)
from directory.sources.loading.importer import Column, Importer, Run
from directory.sources.loading.npi_filters import (
    NPISet,
    first_of_each,
    is_in_sorted,
    loaded_npis,
    with_npis,
)
from directory.sources.loading.practice_locations import placed
from directory.sources.publishers.release_names import is_full_nppes, release_in_name
from directory.sources.reading import columns
from directory.sources.reading.columns import normalized_credential

SLOTS = range(1, 16)
_ADDRESS = "Provider Business Practice Location Address"
_MAIN = {
    "npi": ("NPI",),
    "entity": ("Entity Type Code",),
    "organization": ("Provider Organization Name (Legal Business Name)",),
    "first": ("Provider First Name",),
    "middle": ("Provider Middle Name",),
    "last": ("Provider Last Name (Legal Name)",),
    "suffix": ("Provider Name Suffix Text",),
    "credential": ("Provider Credential Text",),
    "sex": ("Provider Sex Code", "Provider Gender Code"),  # V2, V1
    "enumerated": ("Provider Enumeration Date",),
    "updated": ("Last Update Date",),
    "deactivated": ("NPI Deactivation Date",),
    "reactivated": ("NPI Reactivation Date",),
    "line1": ("Provider First Line Business Practice Location Address",),
    "line2": ("Provider Second Line Business Practice Location Address",),
    "city": (f"{_ADDRESS} City Name",),
    "state": (f"{_ADDRESS} State Name",),
    "zip": (f"{_ADDRESS} Postal Code",),
    "country": (f"{_ADDRESS} Country Code (If outside U.S.)",),
    "phone": (f"{_ADDRESS} Telephone Number",),
}
_REPEATED = {
    "code": "Healthcare Provider Taxonomy Code",
    "number": "Provider License Number",
    "license_state": "Provider License Number State Code",
    "switch": "Healthcare Provider Primary Taxonomy Switch",
}
COLUMNS = (
    *(Column(key, names) for key, names in _MAIN.items()),
    *(
        Column(f"{key}_{slot}", (f"{name}_{slot}",))
        for key, name in _REPEATED.items()
        for slot in SLOTS
    ),
)
_CODES = [f"code_{slot}" for slot in SLOTS]
_WANTED = tuple(TAXONOMY_NAMES)
# Our name, the table column, the name in messages, and the maximum length.
_TEXTS = (
    ("organization", "organization_name", "organization name", 300),
    ("first", "first_name", "first name", 100),
    ("middle", "middle_name", "middle name", 100),
    ("last", "last_name", "last name", 100),
    ("suffix", "name_suffix", "name suffix", 20),
)
_DAYS = {
    "enumerated": "Provider Enumeration Date",
    "updated": "Last Update Date",
    "deactivated": "NPI Deactivation Date",
    "reactivated": "NPI Reactivation Date",
}
ONLY_DEACTIVATED = "deactivated, nothing else known"


class NPPESLoad:
    """Loads one main file: providers, taxonomies, licenses and practice locations."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._named_npis = NPISet()
        # Providers of other specialties that are loaded are kept up to date.
        self._loaded = np.empty(0, np.int64) if run.keep_all else loaded_npis(run.session)
        self._deactivated_npis = _in_force(run)

    def take(self, frame: pl.DataFrame) -> None:
        """Store the rows of one block."""
        frame = first_of_each(self._run, with_npis(self._run, frame), self._named_npis)
        is_stub = (pl.col("entity").str.strip_chars() == "") & (
            pl.col("deactivated").str.strip_chars() != ""
        )
        self._take_stubs(frame.filter(is_stub))
        frame = self._wanted(frame.filter(~is_stub))
        frame = self._checked(frame)
        self._store(frame)

    def finish(self) -> None:
        """Mark providers missing from a full release as gone."""
        run = self._run
        stopped = run.store.merge(Deactivation, of=None)
        run.tally.counts["deactivated"] += stopped.new + stopped.changed
        run.tally.counts["unchanged"] += stopped.unchanged
        if run.is_full and not run.is_rebuild and not run.is_outdated:
            gone = self._named_npis.missing(_stated(run))
            scope = run.store.set_scope(gone)
            run.session.execute(
                sa.update(Provider)
                .where(Provider.npi.in_(scope))
                .values(gone_on=run.released_on)
                .execution_options(synchronize_session=False)
            )
            run.tally.counts["gone"] += gone.len()
            run.touched.append(gone)

    def _take_stubs(self, stubs: pl.DataFrame) -> None:
        """Stage deactivations of known providers; stubs of others are set aside."""
        run = self._run
        if not stubs.height:
            return
        stubs = stubs.with_columns(columns.day("deactivated").alias("_day"))
        stubs = run.without(stubs, pl.col("_day").is_null(), _no_day("deactivated"))
        known = known_statements(run, stubs["npi"])
        stubs = stubs.join(known, on="npi", how="left", maintain_order="left")
        stubs = run.without(stubs, pl.col("as_of").is_null(), ONLY_DEACTIVATED, is_bad=False)
        is_older = (pl.col("as_of") > run.released_on) & (
            pl.col("updated_on").fill_null(date.min) > pl.col("_day")
        )
        run.tally.counts["older"] += stubs.filter(is_older).height
        stubs = stubs.filter(~is_older)
        run.store.stage(
            Deactivation,
            stubs.select("npi", columns.iso(pl.col("_day")).alias("deactivated_on"), "line"),
        )
        run.touched.append(stubs["npi"])

    def _wanted(self, frame: pl.DataFrame) -> pl.DataFrame:
        run = self._run
        is_known = pl.col("entity").str.strip_chars().is_in(["1", "2"])
        frame = run.without(frame, ~is_known, "the Entity Type Code is neither 1 nor 2")
        if run.keep_all:
            return frame
        frame = frame.with_columns(is_in_sorted(frame["npi"], self._loaded).alias("_loaded"))
        is_wanted = pl.any_horizontal(pl.col(code).is_in(_WANTED) for code in _CODES)
        is_other = ~(is_wanted | pl.col("_loaded"))
        is_student = pl.any_horizontal(pl.col(code) == STUDENT for code in _CODES)
        is_more = pl.any_horizontal(~pl.col(code).is_in(["", STUDENT]) for code in _CODES)
        reason = (
            pl.when(is_student & ~is_more)
            .then(pl.lit("a student, nothing else"))
            .otherwise(pl.lit("not one of the specialties of this directory"))
        )
        return run.without(frame, is_other, reason, is_bad=False)

    def _checked(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Compute the values, and set aside rows with an invalid one."""
        is_person = pl.col("entity").str.strip_chars() == "1"
        raw = [name for name in frame.columns if name in _RAW]
        frame = frame.with_columns(
            pl.concat_str(raw, separator="\x1f")
            .hash(seed=0)
            .reinterpret(signed=True)
            .alias("_digest"),
            is_person.alias("_person"),
            *(columns.cleaned(key).alias(column) for key, column, _, _ in _TEXTS),
            columns.cleaned("credential").alias("_credential"),
            *(columns.cleaned(key).alias(f"_{key}") for key in ("line1", "line2", "city")),
            *(columns.day(key).alias(f"_{key}") for key in _DAYS),
        )
        name = pl.when("_person").then(pl.col("last_name")).otherwise(pl.col("organization_name"))
        is_own = {
            column: pl.col("_person") if key != "organization" else ~pl.col("_person")
            for key, column, _, _ in _TEXTS
        }
        reason = pl.coalesce(
            pl.when(name.is_null()).then(pl.lit("there is no name")),
            *(
                pl.when(is_own[column] & (pl.col(column).str.len_chars() > longest)).then(
                    pl.lit(f"the {called} is longer than {longest} characters")
                )
                for _, column, called, longest in _TEXTS
            ),
            *(
                pl.when(pl.col(f"_{key}").str.len_chars() > longest).then(
                    pl.lit(f"the {called} is longer than {longest} characters")
                )
                for key, called, longest in (
                    ("line1", "practice address", 120),
                    ("line2", "practice address", 120),
                    ("city", "city", 80),
                )
            ),
            *(
                pl.when((pl.col(key).str.strip_chars() != "") & pl.col(f"_{key}").is_null()).then(
                    _no_day(key)
                )
                for key in _DAYS
            ),
            *(_bad_code(code) for code in _CODES),
            *(
                pl.when(pl.col(f"number_{slot}").str.len_chars() > 40).then(
                    pl.lit("the license number is longer than 40 characters")
                )
                for slot in SLOTS
            ),
        )
        frame = frame.with_columns(reason.alias("_why"))
        return self._run.without(frame, pl.col("_why").is_not_null(), pl.col("_why"))

    def _store(self, frame: pl.DataFrame) -> None:
        run = self._run
        if not frame.height:
            return
        self._lift_deactivations(frame)
        if run.is_rebuild:
            run.tally.counts["new"] += frame.height
            self._put(frame, is_new=True)
            return
        known = known_statements(run, frame["npi"])
        frame = frame.join(known, on="npi", how="left", maintain_order="left")
        kinds = frame.with_columns(_kind(run).alias("_kind"))
        for kind, count in kinds["_kind"].value_counts().iter_rows():
            run.tally.counts[kind] += count
        if not run.is_full:
            self._restate(kinds.filter(pl.col("_kind") == "unchanged")["npi"])
        self._put(kinds.filter(pl.col("_kind") == "new"), is_new=True)
        self._put(kinds.filter(pl.col("_kind") == "changed"), is_new=False)
        changed = kinds.filter(pl.col("_kind").is_in(["new", "changed"]))
        run.touched.append(changed["npi"])

    def _put(self, frame: pl.DataFrame, *, is_new: bool) -> None:
        if not frame.height:
            return
        run = self._run
        slots = _slots(frame)
        facts = {
            Provider: _providers(frame),
            ProviderTaxonomy: _taxonomies(slots),
            License: _licenses(slots),
            PracticeLocation: placed(run, _locations(frame), is_primary=True),
        }
        for model, rows in facts.items():
            if is_new:
                run.store.insert(model, rows)
            else:
                run.store.stage(model, rows)
        if not is_new:
            scope = run.store.set_scope(frame["npi"])
            for model in facts:
                run.store.merge(model, of=model.npi.in_(scope), must_be_newer=False)  # type: ignore[attr-defined]

    def _restate(self, npis: pl.Series) -> None:
        """Mark the facts of unchanged providers as stated by this release.

        Not needed for a full release, which states all providers.
        """
        run = self._run
        scope = run.store.set_scope(npis)
        for model in (Provider, ProviderTaxonomy, License, PracticeLocation):
            run.store.restate(model, scope)

    def _lift_deactivations(self, frame: pl.DataFrame) -> None:
        """End deactivations that are older than a complete row."""
        run = self._run
        back = frame.filter(is_in_sorted(frame["npi"], self._deactivated_npis))["npi"]
        if not back.len():
            return
        scope = run.store.set_scope(back)
        run.session.execute(
            sa.update(Deactivation)
            .where(
                Deactivation.npi.in_(scope),
                Deactivation.gone_on.is_(None),
                Deactivation.as_of < run.released_on,
            )
            .values(gone_on=run.released_on)
            .execution_options(synchronize_session=False)
        )
        run.touched.append(back)


_RAW = {column.key for column in COLUMNS}


def known_statements(run: Run, npis: pl.Series) -> pl.DataFrame:
    """Return the stored values that decide whether a row is a change."""
    stop = Deactivation
    scope = run.store.set_scope(npis)
    statement = (
        sa.select(
            sa.type_coerce(Provider.npi, sa.BigInteger),
            *(
                Provider.row_digest,
                Provider.updated_on,
                Provider.as_of,
                Provider.gone_on,
                Provider.deactivated_on,
            ),
            sa.case((stop.gone_on.is_(None), stop.deactivated_on)).label("stopped_on"),
            sa.case((stop.gone_on.is_(None), stop.as_of)).label("stop_as_of"),
        )
        .outerjoin(stop, stop.npi == Provider.npi)
        .where(Provider.npi.in_(scope))
    )
    days = dict.fromkeys(
        ("updated_on", "as_of", "gone_on", "deactivated_on", "stopped_on", "stop_as_of"), pl.Date
    )
    rows = run.session.execute(statement).all()
    schema = {"npi": pl.Int64, "row_digest": pl.Int64, **days}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def _kind(run: Run) -> pl.Expr:
    """Classify a row against the stored one: newer wins, in any order of files."""
    stated = pl.col("_updated").fill_null(date.min)
    stored = pl.col("updated_on").fill_null(date.min)
    latest = pl.max_horizontal(
        stored,
        pl.col("deactivated_on").fill_null(date.min),
        pl.col("stopped_on").fill_null(date.min),
    )
    latest_release = pl.max_horizontal("as_of", pl.col("stop_as_of").fill_null(date.min))
    knows_newer = (stored > stated) | ((latest_release > run.released_on) & (latest >= stated))
    is_same = (pl.col("row_digest") == pl.col("_digest")) & pl.col("gone_on").is_null()
    without_stored_row = "older" if run.is_outdated else "new"
    return (
        pl.when(pl.col("as_of").is_null())
        .then(pl.lit(without_stored_row))
        .when(is_same & pl.lit(run.trusts_digests))
        .then(pl.lit("unchanged"))
        .when(knows_newer)
        .then(pl.lit("older"))
        .otherwise(pl.lit("changed"))
    )


def _providers(frame: pl.DataFrame) -> pl.DataFrame:
    def of(is_own: str | pl.Expr, value: pl.Expr) -> pl.Expr:
        return pl.when(is_own).then(value)

    deactivated, ended = pl.col("_deactivated"), pl.col("_reactivated")
    sex = pl.col("sex").str.strip_chars().str.to_uppercase()
    return frame.select(
        "npi",
        pl.when("_person")
        .then(pl.lit("individual"))
        .otherwise(pl.lit("organization"))
        .alias("entity_type"),
        of(~pl.col("_person"), pl.col("organization_name")).alias("organization_name"),
        *(
            of("_person", pl.col(column)).alias(column)
            for key, column, _, _ in _TEXTS
            if key != "organization"
        ),
        of("_person", pl.lit(columns.mapped(frame["_credential"], normalized_credential))).alias(
            "credential"
        ),
        of(pl.col("_person") & sex.is_in(["F", "M", "X"]), sex).alias("sex"),
        columns.iso(pl.col("_enumerated")).alias("enumerated_on"),
        columns.iso(pl.col("_updated")).alias("updated_on"),
        # A reactivation on the same day or later ends the deactivation.
        columns.iso(pl.when(ended.is_null() | (ended < deactivated)).then(deactivated)).alias(
            "deactivated_on"
        ),
        pl.col("_digest").alias("row_digest"),
    )


def _slots(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each taxonomy code given, with its license number and state."""
    parts = []
    for slot in SLOTS:
        names = {f"{key}_{slot}": key for key in _REPEATED}
        given = frame.select("npi", *names).rename(names).filter(pl.col("code") != "")
        if given.height:
            parts.append(given.with_columns(pl.lit(slot).alias("slot")))
    if not parts:
        schema = {"npi": pl.Int64, **dict.fromkeys(_REPEATED, pl.String), "slot": pl.Int32}
        return pl.DataFrame(schema=schema)
    return pl.concat(parts).with_columns(pl.col("code").str.strip_chars())


def _taxonomies(slots: pl.DataFrame) -> pl.DataFrame:
    """Return each code once; the first marked one is primary, otherwise the first of all."""
    is_marked = pl.col("switch").str.strip_chars() == "Y"
    rank = pl.col("slot") + pl.when(is_marked).then(0).otherwise(100)
    return (
        slots.with_columns(rank.alias("rank"))
        .with_columns(pl.col("rank").min().over("npi").alias("first"))
        .group_by("npi", "code")
        .agg((pl.col("rank") == pl.col("first")).any().alias("is_primary"))
        .sort("npi", "code")
    )


def _licenses(slots: pl.DataFrame) -> pl.DataFrame:
    """Return each license once; a number without a state is dropped."""
    state = pl.col("license_state").str.strip_chars().str.to_uppercase()
    return (
        slots.filter(pl.col("number") != "")
        .select(
            "npi",
            state.alias("state"),
            columns.cleaned("number").alias("number"),
            pl.col("code").alias("taxonomy_code"),
        )
        .filter(pl.col("number").is_not_null() & (pl.col("state").str.len_chars() == 2))
        .unique()
        .sort("npi", "state", "number", "taxonomy_code")
    )


def _locations(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        "npi",
        "line",
        pl.col("_line1").alias("line1"),
        pl.col("_line2").alias("line2"),
        pl.col("_city").alias("city"),
        *("state", "zip", "country", "phone"),
    )


def _no_day(key: str) -> pl.Expr:
    text = pl.col(key).str.strip_chars().str.head(20)
    return pl.format(f"the {_DAYS[key]} '{{}}' is not a day written MM/DD/YYYY", text)


def _bad_code(column: str) -> pl.Expr:
    code = pl.col(column).str.strip_chars()
    reason = pl.format("the taxonomy code '{}' is not ten letters and digits", code.str.head(20))
    return pl.when((pl.col(column) != "") & ~code.str.contains(r"^[A-Za-z0-9]{10}$")).then(reason)


def _in_force(run: Run) -> np.ndarray:
    number = sa.type_coerce(Deactivation.npi, sa.BigInteger)
    statement = sa.select(number).where(Deactivation.gone_on.is_(None)).order_by(Deactivation.npi)
    return np.fromiter(run.session.scalars(statement), dtype=np.int64)


def _stated(run: Run) -> np.ndarray:
    """Return the NPIs that this source states as of this release or before."""
    statement = sa.select(sa.type_coerce(Provider.npi, sa.BigInteger)).where(
        Provider.source == Source.NPPES,
        Provider.gone_on.is_(None),
        Provider.as_of <= run.released_on,
    )
    options = {"yield_per": 100_000}
    return np.fromiter(run.session.scalars(statement.execution_options(**options)), dtype=np.int64)


NPPES = Importer(
    name="nppes",
    source=Source.NPPES,
    title="NPPES, the registry of everyone with an NPI",
    pattern="npidata_pfile_*.csv",
    columns=COLUMNS,
    begin=NPPESLoad,
    find_release=release_in_name,
    is_full=is_full_nppes,
    archive="NPPES_Data_Dissemination_*.zip",
    days_between=38,
)
