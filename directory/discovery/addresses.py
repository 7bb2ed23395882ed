"""Full addresses of our pages in each language, from PUBLIC_BASE_URL alone."""

from collections.abc import Mapping
from typing import Any

from flask import current_app

from directory.core.links import public_url


def languages() -> tuple[str, ...]:
    """Return the languages of the site; the first is the one without a prefix."""
    found: tuple[str, ...] = current_app.extensions["languages"]
    return found


def addresses(endpoint: str, **values: Any) -> dict[str, str]:
    """Return the address of a page in each language."""
    return {each: public_url(endpoint, language=each, **values) for each in languages()}


def alternates(found: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what stands for whom: each language its own, and the first everybody else."""
    return (*found.items(), ("x-default", next(iter(found.values()))))
