"""Finding the published files in a folder, in the order in which they are to be loaded."""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from directory.sources.loading.importer import Importer
from directory.sources.registry import FAMILIES, LICENSES, recognized

_OTHERS = frozenset({".zip", ".csv", ".gz", ".txt", ".tsv", ".json", ".xlsx"})
_STATE = re.compile(r"licen[sc]es?[-_ ]([A-Z]{2})(?![A-Z])", re.IGNORECASE)


@dataclass(frozen=True)
class FoundFile:
    """A file that can be loaded."""

    path: Path
    name: str  # of its source
    importers: tuple[Importer, ...]
    released_on: date | None  # as far as its name tells
    is_full: bool
    part: str


def files_in(folder: Path) -> tuple[list[FoundFile], list[Path]]:
    """Return the files of a folder that are to be loaded, in order, and those nobody knows.

    Full releases go before partial ones, older before newer.
    """
    found: list[FoundFile] = []
    unknown: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix.lower() in _OTHERS:
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
        return None  # A license file says in its name, or by an option, whose it is.
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
    """License files do not tell whether they hold everything."""
    day = importers[0].find_release(path.name)
    return FoundFile(path, LICENSES, importers, released_on=day, is_full=False, part=state)


def _member_names(path: Path) -> list[str]:
    if path.suffix.lower() != ".zip":
        return []
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def _first_day(importer: Importer, names: Sequence[str]) -> date | None:
    return next((day for name in names if (day := importer.find_release(name))), None)
