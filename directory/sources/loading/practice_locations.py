"""Prepares practice locations for import: address key, position, and duplicates."""

from datetime import datetime, timedelta

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from directory.geo.points import Precision
from directory.providers.models import GeocodedAddress, PracticeLocation, Source
from directory.sources.loading.importer import Run
from directory.sources.reading import columns
from directory.sources.reading.columns import state_names

# A result is dated before its transaction is visible to others.
_OVERLAP = timedelta(hours=1)
_US = ("", "US", "PR", "GU", "VI", "AS", "MP")


def placed(run: Run, frame: pl.DataFrame, *, is_primary: bool) -> pl.DataFrame:
    """Return rows of practice locations, without those outside the United States.

    Takes `npi`, `line`, cleaned `line1`, `line2` and `city`, and `state`, `zip`, `country` and
    `phone` as in the file, and any other columns, which are unchanged.
    """
    country = pl.col("country").str.strip_chars().str.to_uppercase()
    outside = frame.filter(~country.is_in(_US))
    _note(run, outside.height, "practice location outside the United States")
    frame = frame.filter(country.is_in(_US)).with_columns(columns.zip_code("zip").alias("zip_code"))
    is_whole = pl.all_horizontal(pl.col("line1", "city", "zip_code").is_not_null())
    _note(run, frame.filter(~is_whole).height, "no practice location: no street, city or ZIP code")
    frame = columns.with_positions(frame.filter(is_whole))
    _note(run, frame["latitude"].null_count(), "no position for the ZIP code")
    frame = frame.with_columns(
        columns.address_keys("line1", "zip_code").alias("address_key"),
        columns.phone("phone"),
        state_names(frame["state"]).alias("state"),
        pl.lit(value=is_primary).alias("is_primary"),
        pl.lit(value=False).alias("is_duplicate"),
    ).drop("zip", "country")
    return _refined(run, frame)


def mark_duplicates(session: Session, scope: sa.Select[tuple[int]] | None) -> None:
    """Mark duplicate locations of each provider, so that each place is listed once.

    The same normalized address is one place, and so are two addresses of one ZIP code that
    begin alike and have the same phone. The file of doctors and clinicians, which names the
    practice, takes precedence over NPPES, and earlier rows over later ones.
    """
    other = aliased(PracticeLocation)
    several = (
        sa.select(PracticeLocation.npi)
        .where(PracticeLocation.gone_on.is_(None))
        .group_by(PracticeLocation.npi)
        .having(sa.func.count() > 1)
    )
    # A marked duplicate may be the only location left.
    marked: sa.ColumnElement[bool] = PracticeLocation.is_duplicate.is_(True)
    if scope is not None:
        several = several.where(PracticeLocation.npi.in_(scope))
        marked = sa.and_(marked, PracticeLocation.npi.in_(scope))
    first = 6  # the length of the ZIP code and a blank
    begins_alike = sa.func.substr(PracticeLocation.address_key, first + 1, 4) == sa.func.substr(
        other.address_key, first + 1, 4
    )
    same = sa.or_(
        other.address_key == PracticeLocation.address_key,
        sa.and_(
            other.zip_code == PracticeLocation.zip_code,
            other.phone == PracticeLocation.phone,
            begins_alike,
        ),
    )
    has_precedence = sa.tuple_(_rank(other), other.id) < sa.tuple_(
        _rank(PracticeLocation), PracticeLocation.id
    )
    has_better = (
        sa.exists()
        .where(
            other.npi == PracticeLocation.npi,
            other.gone_on.is_(None),
            sa.or_(other.latitude.is_not(None), PracticeLocation.latitude.is_(None)),
            same,
            has_precedence,
        )
        .correlate(PracticeLocation)
    )
    # `several` reads the table being updated, so it is evaluated first.
    session.execute(
        sa.update(PracticeLocation)
        .where(
            sa.or_(PracticeLocation.npi.in_(several), marked),
            PracticeLocation.gone_on.is_(None),
            PracticeLocation.is_duplicate != has_better,
        )
        .values(is_duplicate=has_better)
        .execution_options(synchronize_session=False)
    )


def apply_positions(session: Session, among: sa.ColumnElement[bool]) -> list[str]:
    """Apply the geocoder's positions to locations; return the NPIs of changed ones."""
    found = GeocodedAddress
    known = sa.select(
        PracticeLocation.id, PracticeLocation.npi, found.latitude, found.longitude
    ).where(among, *_known_better())
    rows = session.execute(
        known.join(found, found.address_key == PracticeLocation.address_key)
    ).all()
    if rows:
        values = [
            {
                "id": row.id,
                "latitude": row.latitude,
                "longitude": row.longitude,
                "precision": Precision.EXACT,
            }
            for row in rows
        ]
        session.execute(sa.update(PracticeLocation), values)
    return sorted({row.npi for row in rows})


def apply_positions_since(session: Session, moment: datetime) -> list[str]:
    """Apply positions found while the import was running; return the NPIs concerned.

    The import's rows may have been copied, or read from the file, before the result.
    """
    since = GeocodedAddress.asked_at >= moment - _OVERLAP
    # Usually there are no new results, and the locations need not be searched.
    is_any = sa.exists().where(since, GeocodedAddress.latitude.is_not(None))
    return apply_positions(session, since) if session.scalar(sa.select(is_any)) else []


def npis_with_unapplied_positions(session: Session) -> list[str]:
    """Return the NPIs with known positions that are not applied yet."""
    found = GeocodedAddress
    known = sa.select(PracticeLocation.npi).distinct().where(*_known_better())
    return sorted(
        session.scalars(known.join(found, found.address_key == PracticeLocation.address_key))
    )


def _known_better() -> tuple[sa.ColumnElement[bool], ...]:
    found = GeocodedAddress
    return (
        found.latitude.is_not(None),
        PracticeLocation.latitude.is_not(None),
        PracticeLocation.precision != Precision.EXACT,
    )


def _rank(model: type[PracticeLocation]) -> sa.ColumnElement[int]:
    return sa.case(
        (model.source == Source.CLINICIANS, 1),
        (model.source == Source.NPPES, 2),
        (model.source == Source.NPPES_LOCATIONS, 3),
        else_=0,
    )


def _note(run: Run, count: int, text: str) -> None:
    if count:
        run.tally.notes[text] += count


def _refined(run: Run, frame: pl.DataFrame) -> pl.DataFrame:
    """Use the exact positions found by the operator's geocoder."""
    if run.exact_positions is None:
        rows = run.session.execute(
            sa.select(
                GeocodedAddress.address_key, GeocodedAddress.latitude, GeocodedAddress.longitude
            ).where(GeocodedAddress.latitude.is_not(None))
        ).all()
        schema = {"address_key": pl.String, "_latitude": pl.Float64, "_longitude": pl.Float64}
        run.exact_positions = pl.DataFrame([tuple(row) for row in rows], schema, orient="row")
    if not run.exact_positions.height:
        return frame
    frame = frame.join(run.exact_positions, on="address_key", how="left", maintain_order="left")
    exact = pl.col("_latitude").is_not_null()
    return frame.with_columns(
        pl.coalesce("_latitude", "latitude").alias("latitude"),
        pl.coalesce("_longitude", "longitude").alias("longitude"),
        pl.when(exact).then(pl.lit(str(Precision.EXACT))).otherwise("precision").alias("precision"),
    ).drop("_latitude", "_longitude")
