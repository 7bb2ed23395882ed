"""Every kind of public file, and how to recognize each."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from directory.core.errors import DirectoryError
from directory.sources.loading.importer import Format, Importer
from directory.sources.loading.open_table import opened_table
from directory.sources.publishers.clinicians import CLINICIANS
from directory.sources.publishers.exclusions import EXCLUSIONS
from directory.sources.publishers.nppes import NPPES
from directory.sources.publishers.nppes_deactivated import NPPES_DEACTIVATED
from directory.sources.publishers.nppes_supplements import (
    NPPES_ENDPOINTS,
    NPPES_LOCATIONS,
    NPPES_NAMES,
)
from directory.sources.publishers.nucc import NUCC
from directory.sources.publishers.procedure_volumes import VOLUMES
from directory.sources.publishers.state_license_layouts import LAYOUTS
from directory.sources.publishers.state_licenses import license_importer
from directory.sources.reading.archives import has_member, is_match
from directory.sources.reading.errors import SourceFileError

LICENSES = "licenses"
# In loading order: first the providers, then facts about them.
FAMILIES: dict[str, tuple[Importer, ...]] = {
    "nucc": (NUCC,),
    "nppes": (NPPES, NPPES_LOCATIONS, NPPES_NAMES, NPPES_ENDPOINTS),
    "nppes-deactivated": (NPPES_DEACTIVATED,),
    "clinicians": (CLINICIANS,),
    "volumes": (VOLUMES,),
    "exclusions": (EXCLUSIONS,),
    LICENSES: tuple(license_importer(state) for state in LAYOUTS),
}


class UnknownSourceError(DirectoryError):
    """No importer has this name, or fits this file."""


def importers_for(name: str, path: Path, *, state: str | None) -> tuple[Importer, ...]:
    """Return the importers for what a file of this source holds; a zip may hold several."""
    if name not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise UnknownSourceError(f"{name!r} is not a source known here. Known: {known}.")
    if name == LICENSES:
        if not state:
            raise UnknownSourceError(
                "Say whose licenses these are: --state and the two letters, "
                f"such as --state WA. Known: {', '.join(LAYOUTS)}."
            )
        return (license_importer(state.upper()),)
    family = FAMILIES[name]
    if path.suffix.lower() == ".zip":
        return tuple(each for each in family if has_member(path, each.pattern)) or family[:1]
    if len(family) == 1:
        return family
    named = [each for each in family if is_match(path.name, each.pattern)]
    return tuple(named[:1] or [_by_header(family, path) or family[0]])


def recognized(path: Path) -> tuple[str, tuple[Importer, ...]] | None:
    """Return the source a file is of and its importers: by its name, else by its columns."""
    for name, family in FAMILIES.items():
        if path.suffix.lower() == ".zip":
            found = tuple(each for each in family if has_member(path, each.pattern))
            is_workbook = any(each.format is Format.WORKBOOK for each in found)
            if found and (not is_workbook or is_named(path.name, found[0])):
                return name, found
        else:
            named = [each for each in family if is_named(path.name, each)]
            if named:
                return name, tuple(named[:1])
    if path.suffix.lower() == ".zip":
        return None
    for name, family in FAMILIES.items():
        if each := _by_header(family, path):
            return name, (each,)
    return None


def is_named(name: str, importer: Importer) -> bool:
    """Return whether a file has the published name of this kind."""
    bare = name.lower().removesuffix(".gz")
    patterns = [each for each in (importer.pattern, importer.archive) if each and each != "*.xlsx"]
    return any(is_match(bare, pattern) for pattern in patterns)


def _by_header(family: Sequence[Importer], path: Path) -> Importer | None:
    """Return the importer that finds all its columns, and most of them, in the header."""
    fitting = [(count, each) for each in family for count in _columns_found(each, path)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _columns_found(importer: Importer, path: Path) -> Iterator[int]:
    if (importer.format is Format.WORKBOOK) != (path.suffix.lower() == ".xlsx"):
        return
    try:
        with opened_table(importer, path) as table:
            yield len(importer.wanted(table.columns))
    except SourceFileError:
        return
