"""Whom the rows of a file are about: the rules that all importers share."""

import numpy as np
import polars as pl

from directory.sources import expressions as ex
from directory.sources.importing import Run
from directory.sources.seen import SeenNPIs, is_among

OUTDATED = "a newer release is loaded: nothing to do"


def with_npis(run: Run, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their NPI as a number; those without one are bad."""
    frame = frame.with_columns(ex.npi_number("npi"))
    reason = "the NPI is not ten digits with a right check digit"
    return run.without(frame, pl.col("npi").is_null(), reason)


def first_of_each(run: Run, frame: pl.DataFrame, seen: SeenNPIs) -> pl.DataFrame:
    """Return the rows whose NPI the file has not named before, where it names each once."""
    frame = frame.with_columns(seen.add(frame["npi"]).alias("_first"))
    return run.without(frame, ~pl.col("_first"), "the NPI is in the file twice")


def of_loaded(run: Run, frame: pl.DataFrame, loaded: np.ndarray) -> pl.DataFrame:
    """Return the rows about providers that are loaded; the others are right, but not for us."""
    frame = frame.with_columns(is_among(frame["npi"], loaded).alias("_loaded"))
    reason = "nobody loaded here has this NPI"
    return run.without(frame, ~pl.col("_loaded"), reason, is_bad=False)
