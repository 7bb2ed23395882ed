"""Practice locations on their way in: a key, a position, and which of two are the same place."""

from datetime import datetime, timedelta

import polars as pl
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from directory.geo.points import Precision
from directory.providers.models import GeocodedAddress, PracticeLocation, Source
from directory.sources.loading.importer import Run
from directory.sources.reading import columns as ex
from directory.sources.reading.columns import state_names

# An answer is dated before it is there for others to see.
_OVERLAP = timedelta(hours=1)
_US = ("", "US", "PR", "GU", "VI", "AS", "MP")


def placed(run: Run, frame: pl.DataFrame, *, is_primary: bool) -> pl.DataFrame:
    """Return rows of practice locations, without those outside the United States.

    Takes `npi`, `line`, cleaned `line1`, `line2` and `city`, and `state`, `zip`, `country` and
    `phone` as the file has them, besides columns that stay as they are.
    """
    country = pl.col("country").str.strip_chars().str.to_uppercase()
    outside = frame.filter(~country.is_in(_US))
    _note(run, outside.height, "practice location outside the United States")
    frame = frame.filter(country.is_in(_US)).with_columns(ex.zip_code("zip").alias("zip_code"))
    is_whole = pl.all_horizontal(pl.col("line1", "city", "zip_code").is_not_null())
    _note(run, frame.filter(~is_whole).height, "no practice location: no street, city or ZIP code")
    frame = ex.with_positions(frame.filter(is_whole))
    _note(run, frame["latitude"].null_count(), "no position for the ZIP code")
    frame = frame.with_columns(
        ex.address_keys("line1", "zip_code").alias("address_key"),
        ex.phone("phone"),
        state_names(frame["state"]).alias("state"),
        pl.lit(value=is_primary).alias("is_primary"),
        pl.lit(value=False).alias("is_duplicate"),
    ).drop("zip", "country")
    return _refined(run, frame)


def mark_duplicates(session: Session, scope: sa.Select[tuple[int]] | None) -> None:
    """Say which of a provider's places are one and the same, so that it is listed once.

    The same normalized address is one place, and so are two addresses of one ZIP code that
    begin alike and have the same phone. The file of doctors and clinicians, which names the
    practice, goes before NPPES, and the earlier row before the later.
    """
    at, other = PracticeLocation, aliased(PracticeLocation)
    several = (
        sa.select(at.npi).where(at.gone_on.is_(None)).group_by(at.npi).having(sa.func.count() > 1)
    )
    # A duplicate may be the last one that is left.
    marked: sa.ColumnElement[bool] = at.is_duplicate.is_(True)
    if scope is not None:
        several = several.where(at.npi.in_(scope))
        marked = sa.and_(marked, at.npi.in_(scope))
    first = 6  # behind the ZIP code and a blank
    begins_alike = sa.func.substr(at.address_key, first + 1, 4) == sa.func.substr(
        other.address_key, first + 1, 4
    )
    same = sa.or_(
        other.address_key == at.address_key,
        sa.and_(other.zip_code == at.zip_code, other.phone == at.phone, begins_alike),
    )
    goes_before = sa.tuple_(_rank(other), other.id) < sa.tuple_(_rank(at), at.id)
    has_better = (
        sa.exists()
        .where(
            other.npi == at.npi,
            other.gone_on.is_(None),
            sa.or_(other.latitude.is_not(None), at.latitude.is_(None)),
            same,
            goes_before,
        )
        .correlate(at)
    )
    # `several` may be worked out from the very table that changes, so it is read first.
    session.execute(
        sa.update(at)
        .where(
            sa.or_(at.npi.in_(several), marked), at.gone_on.is_(None), at.is_duplicate != has_better
        )
        .values(is_duplicate=has_better)
        .execution_options(synchronize_session=False)
    )


def place_exactly(session: Session, among: sa.ColumnElement[bool]) -> list[str]:
    """Move places to where the operator's geocoder found them; return whose they are."""
    at, found = PracticeLocation, GeocodedAddress
    known = sa.select(at.id, at.npi, found.latitude, found.longitude).where(among, *_known_better())
    rows = session.execute(known.join(found, found.address_key == at.address_key)).all()
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
        session.execute(sa.update(at), values)
    return sorted({row.npi for row in rows})


def place_found_since(session: Session, moment: datetime) -> list[str]:
    """Move what was found while an import was under way; return whose places they are.

    The import's rows may be older than the answer: copied, or read from the file, before it.
    """
    since = GeocodedAddress.asked_at >= moment - _OVERLAP
    # Without new answers, which is the rule, the places need not be looked through.
    is_any = sa.exists().where(since, GeocodedAddress.latitude.is_not(None))
    return place_exactly(session, since) if session.scalar(sa.select(is_any)) else []


def whose_places_are_known_better(session: Session) -> list[str]:
    """Return who has a place that was found, but is not there yet."""
    at, found = PracticeLocation, GeocodedAddress
    known = sa.select(at.npi).distinct().where(*_known_better())
    return sorted(session.scalars(known.join(found, found.address_key == at.address_key)))


def _known_better() -> tuple[sa.ColumnElement[bool], ...]:
    at, found = PracticeLocation, GeocodedAddress
    return (
        found.latitude.is_not(None),
        at.latitude.is_not(None),
        at.precision != Precision.EXACT,
    )


def _rank(at: type[PracticeLocation]) -> sa.ColumnElement[int]:
    return sa.case(
        (at.source == Source.CLINICIANS, 1),
        (at.source == Source.NPPES, 2),
        (at.source == Source.NPPES_LOCATIONS, 3),
        else_=0,
    )


def _note(run: Run, count: int, text: str) -> None:
    if count:
        run.tally.notes[text] += count


def _refined(run: Run, frame: pl.DataFrame) -> pl.DataFrame:
    """Take the exact position of addresses that the operator's geocoder has found."""
    if run.exact_positions is None:
        at = GeocodedAddress
        rows = run.session.execute(
            sa.select(at.address_key, at.latitude, at.longitude).where(at.latitude.is_not(None))
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
