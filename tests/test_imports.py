"""Who may import whom: the table of docs/architecture.md, enforced."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from directory.config import PROJECT_FOLDER

PACKAGE = PROJECT_FOLDER / "directory"
_ROW = re.compile(r"^\| `([a-z.0-9]+)` \|[^|]+\|([^|]+)\|$", re.MULTILINE)


def _table() -> Mapping[str, frozenset[str]]:
    text = (PROJECT_FOLDER / "docs/architecture.md").read_text(encoding="utf-8")
    section = text.partition("## Slices")[2].partition("\n## ")[0]
    rows = _ROW.findall(section)
    return {name: frozenset(re.findall(r"`([^`]+)`", allowed)) for name, allowed in rows}


MAY_IMPORT = _table()


def _row_of(parts: tuple[str, ...]) -> str:
    """Return the row of a module: its sub-package where that has one, else its slice."""
    sub_package = ".".join(parts[:2])
    return sub_package if sub_package in MAY_IMPORT else parts[0]


def _imports(file: Path) -> Iterator[tuple[str, ...]]:
    """Yield the parts of each of our modules that a file imports, without `directory`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (tuple(each.split(".")[1:]) for each in names if each.startswith("directory."))


def _files(row: str) -> Iterator[Path]:
    for file in (PACKAGE / row.replace(".", "/")).rglob("*.py"):
        if _row_of(file.relative_to(PACKAGE).parts) == row:
            yield file


@pytest.mark.parametrize("row", sorted(MAY_IMPORT))
def test_a_slice_imports_only_what_the_table_allows(row: str) -> None:
    allowed = MAY_IMPORT[row] | {row}
    wrong = [
        f"{file.relative_to(PACKAGE)} imports {'.'.join(module)}"
        for file in _files(row)
        for module in _imports(file)
        if _row_of(module) not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("row", sorted(MAY_IMPORT))
def test_the_table_allows_no_import_that_is_not_used(row: str) -> None:
    used = {_row_of(module) for file in _files(row) for module in _imports(file)}
    assert MAY_IMPORT[row] <= used


def test_every_package_is_in_the_table() -> None:
    slices = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
    sub_packages = {
        ".".join(file.relative_to(PACKAGE).parts[:2]) for file in PACKAGE.glob("*/*/__init__.py")
    }
    assert slices | sub_packages == set(MAY_IMPORT)
