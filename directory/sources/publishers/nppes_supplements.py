"""The supplementary files of NPPES: secondary practice locations, other names, endpoints.

Only the columns named here are read. Faxes, telephone extensions and the affiliations of
endpoints are not among them.
"""

from collections.abc import Callable
from functools import partial

import polars as pl
import sqlalchemy as sa

from directory.providers.models import Endpoint, OtherName, PracticeLocation, Source
from directory.sources.loading.fact_store import Merged
from directory.sources.loading.importer import Column, Importer, Run
from directory.sources.loading.npi_filters import (
    OUTDATED,
    changed_npis,
    loaded_npis,
    of_loaded,
    with_npis,
)
from directory.sources.loading.practice_locations import placed
from directory.sources.publishers.release_names import is_full_nppes, release_in_name
from directory.sources.reading import columns

Model = type[PracticeLocation] | type[OtherName] | type[Endpoint]

_ARCHIVE = "NPPES_Data_Dissemination_*.zip"
_DAYS_BETWEEN = 38
_SECONDARY = "Provider Secondary Practice Location Address"
_LOCATION_COLUMNS = {
    "npi": ("NPI",),
    "line1": (f"{_SECONDARY}- Address Line 1",),
    "line2": (f"{_SECONDARY}- Address Line 2",),
    "city": (f"{_SECONDARY} - City Name",),
    "state": (f"{_SECONDARY} - State Name",),
    "zip": (f"{_SECONDARY} - Postal Code",),
    "country": (f"{_SECONDARY} - Country Code (If outside U.S.)",),
    "phone": (f"{_SECONDARY} - Telephone Number",),
}
_NAME_COLUMNS = {
    "npi": ("NPI",),
    "name": ("Provider Other Organization Name",),
    "kind": ("Provider Other Organization Name Type Code",),
}
_ENDPOINT_COLUMNS = {
    "npi": ("NPI",),
    "kind": ("Endpoint Type",),
    "address": ("Endpoint",),
    "code": ("Use Code",),
    "description": ("Use Description",),
}
# Doing business as, former legal business name, other. Kinds 1 and 2 are names of people.
_KINDS = ["3", "4", "5"]
_KINDS_OF_PEOPLE = ["1", "2"]


class SupplementLoad:
    """Loads one such file, which is complete for every provider that it names."""

    def __init__(
        self,
        run: Run,
        *,
        model: Model,
        rows_of: Callable[[Run, pl.DataFrame], pl.DataFrame],
    ) -> None:
        self._run = run
        self._model = model
        self._rows_of = rows_of
        self._loaded = loaded_npis(run.session)
        self._named: list[pl.Series] = []

    def take(self, frame: pl.DataFrame) -> None:
        """Keep the rows about providers that are loaded."""
        run = self._run
        if run.is_outdated:
            return
        frame = of_loaded(run, with_npis(run, frame), self._loaded)
        self._named.append(frame["npi"].unique())
        # Staged even if empty, so that a full file without relevant rows is merged.
        run.store.stage(self._model, self._rows_of(run, frame))

    def finish(self) -> None:
        """Update the table from the staged rows."""
        run = self._run
        if run.is_outdated:
            run.tally.notes[OUTDATED] += 1
            return
        merged = self._merge_all() if run.is_full else self._merge_named()
        run.tally.add(merged)

    def _merge_all(self) -> Merged:
        merged = self._run.store.merge(self._model, of=sa.true())
        self._touch_changed(merged)
        return merged

    def _merge_named(self) -> Merged:
        """Merge a weekly file, which holds all rows of changed providers."""
        run, model = self._run, self._model
        scope = run.store.set_scope(pl.concat(self._named))
        merged = run.store.merge(model, of=model.npi.in_(scope))
        self._touch_changed(merged)
        # Unchanged rows are restated, so that an older full release does not remove them.
        run.store.restate(model, scope)
        return merged

    def _touch_changed(self, merged: Merged) -> None:
        """Have listings rebuilt; they hold no names or endpoints."""
        run = self._run
        if self._model is not PracticeLocation or not (merged.new or merged.changed or merged.gone):
            return
        ours = PracticeLocation.source == run.source
        run.touched.append(changed_npis(run.session, PracticeLocation, of=ours, on=run.released_on))


def _locations(run: Run, frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.with_columns(*(columns.cleaned(key) for key in ("line1", "line2", "city")))
    long_line = pl.any_horizontal(pl.col("line1", "line2").str.len_chars() > 120)
    reason = pl.coalesce(
        pl.when(long_line).then(pl.lit("the practice address is longer than 120 characters")),
        pl.when(pl.col("city").str.len_chars() > 80).then(
            pl.lit("the city is longer than 80 characters")
        ),
    )
    frame = run.without(frame, reason.is_not_null(), reason)
    return placed(run, frame.select(*_LOCATION_COLUMNS, "line"), is_primary=False)


def _names(run: Run, frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.with_columns(columns.cleaned("name"), pl.col("kind").str.strip_chars())
    of_people = pl.col("kind").is_in(_KINDS_OF_PEOPLE)
    frame = run.without(frame, of_people, "the other name of a person", is_bad=False)
    wrong = pl.format("the Type Code '{}' is none of 1 to 5", pl.col("kind").str.head(20))
    frame = run.without(frame, ~pl.col("kind").is_in(_KINDS), wrong)
    frame = run.without(frame, pl.col("name").is_null(), "no other name is given", is_bad=False)
    too_long = pl.col("name").str.len_chars() > 300
    frame = run.without(frame, too_long, "the other name is longer than 300 characters")
    return frame.select("npi", "name", "kind", "line")


def _endpoints(run: Run, frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.with_columns(
        columns.cleaned("kind"),
        columns.cleaned("address"),
        pl.coalesce(columns.cleaned("code"), columns.cleaned("description")).alias("use"),
    )
    nothing = pl.col("kind").is_null() | pl.col("address").is_null()
    frame = run.without(frame, nothing, "no endpoint is given", is_bad=False)
    reason = pl.coalesce(
        *(
            pl.when(pl.col(column).str.len_chars() > longest).then(
                pl.lit(f"the {called} is longer than {longest} characters")
            )
            for column, called, longest in (
                ("address", "Endpoint", 300),
                ("kind", "Endpoint Type", 20),
                ("use", "use of the endpoint", 100),
            )
        )
    )
    frame = run.without(frame, reason.is_not_null(), reason)
    return frame.select("npi", "kind", "address", "use", "line")


NPPES_LOCATIONS = Importer(
    name="nppes-locations",
    source=Source.NPPES_LOCATIONS,
    title="NPPES, further practice locations",
    pattern="pl_pfile_*.csv",
    columns=tuple(Column(key, names) for key, names in _LOCATION_COLUMNS.items()),
    begin=partial(SupplementLoad, model=PracticeLocation, rows_of=_locations),
    find_release=release_in_name,
    is_full=is_full_nppes,
    archive=_ARCHIVE,
    days_between=_DAYS_BETWEEN,
)
NPPES_NAMES = Importer(
    name="nppes-names",
    source=Source.NPPES_NAMES,
    title="NPPES, other names of organizations",
    pattern="othername_pfile_*.csv",
    columns=tuple(Column(key, names) for key, names in _NAME_COLUMNS.items()),
    begin=partial(SupplementLoad, model=OtherName, rows_of=_names),
    find_release=release_in_name,
    is_full=is_full_nppes,
    archive=_ARCHIVE,
    days_between=_DAYS_BETWEEN,
)
NPPES_ENDPOINTS = Importer(
    name="nppes-endpoints",
    source=Source.NPPES_ENDPOINTS,
    title="NPPES, electronic addresses",
    pattern="endpoint_pfile_*.csv",
    columns=tuple(Column(key, names) for key, names in _ENDPOINT_COLUMNS.items()),
    begin=partial(SupplementLoad, model=Endpoint, rows_of=_endpoints),
    find_release=release_in_name,
    is_full=is_full_nppes,
    archive=_ARCHIVE,
    days_between=_DAYS_BETWEEN,
)
