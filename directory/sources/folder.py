"""Finds the published files in a folder, in the order in which to load them."""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from directory.sources.loading.importer import Importer
from directory.sources.registry import FAMILIES, LICENSES, recognized

_SUFFIXES = frozenset({".zip", ".csv", ".gz", ".txt", ".tsv", ".json", ".xlsx"})
_STATE = re.compile(r"licen[sc]es?[-_ ]([A-Z]{2})(?![A-Z])", re.IGNORECASE)


@dataclass(frozen=True)
class FoundFile:
    """A file that can be loaded."""

    path: Path
    name: str  # of its source
    importers: tuple[Importer, ...]
    released_on: date | None  # from its name, if possible
    is_full: bool
    part: str


def files_in(folder: Path) -> tuple[list[FoundFile], list[Path]]:
    """Return the files to load, in order, and the unknown files.

    Full releases come before partial ones, older before newer.
    """
    found: list[FoundFile] = []
    unknown: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix.lower() in _SUFFIXES:
            if each := _found(path):
                found.append(each)
            else:
                unknown.append(path)
    order = list(FAMILIES)
    found.sort(
        key=lambda each: (
            order.index(each.name),
            not each.is_full,
            each.released_on or date.max,
            each.path.name,
        )
    )
    return found, unknown


def _found(path: Path) -> FoundFile | None:
    if match := _STATE.search(path.name):
        state = match[1].upper()
        importers = tuple(each for each in FAMILIES[LICENSES] if each.find_part("") == state)
        return _license_file(path, importers, state) if importers else None
    kind = recognized(path)
    if kind is None or kind[0] == LICENSES:
        return None  # The state of a license file comes from its name or an option.
    name, importers = kind
    names = [path.name, *_member_names(path)]
    return FoundFile(
        path,
        name,
        importers,
        _first_day(importers[0], names),
        any(importers[0].is_full(each) for each in names),
        next((part for each in names if (part := importers[0].find_part(each))), ""),
    )


def _license_file(path: Path, importers: tuple[Importer, ...], state: str) -> FoundFile:
    """Return a license file; whether it is a full release cannot be known."""
    day = importers[0].find_release(path.name)
    return FoundFile(path, LICENSES, importers, released_on=day, is_full=False, part=state)


def _member_names(path: Path) -> list[str]:
    if path.suffix.lower() != ".zip":
        return []
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def _first_day(importer: Importer, names: Sequence[str]) -> date | None:
    return next((day for name in names if (day := importer.find_release(name))), None)
