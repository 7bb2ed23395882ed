"""The states of addresses, in one spelling."""

from functools import lru_cache

import polars as pl

from directory.geo.states import find_state
from directory.sources.expressions import mapped


def state_names(column: pl.Series) -> pl.Series:
    """Return the two letters of each state, or what is there instead."""
    return mapped(column, _state_name).fill_null("")


@lru_cache(1 << 12)
def _state_name(text: str) -> str:
    return find_state(text) or text.strip()[:40]
