"""Who may import whom: the table of docs/architecture.md, enforced."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.config import PROJECT_FOLDER

_BASE = {"core", "geo", "privacy", "outbox", "providers", "clinics", "search"}
MAY_IMPORT = {
    "core": set(),
    "geo": {"core"},
    "privacy": {"core"},
    "outbox": {"core", "privacy"},
    "providers": {"core", "geo"},
    "sources": {"core", "geo", "providers", "clinics", "search"},
    "clinics": {"core", "geo", "privacy", "outbox", "providers"},
    "maps": {"core", "geo"},
    "search": {"core", "geo", "maps", "providers", "clinics"},
    "selfcheck": {"core"},
    "inquiries": _BASE,
    "portal": _BASE | {"inquiries"},
    "api": {"core", "geo", "providers", "search"},
    "pages": {"core", "providers"},
    "admin": _BASE | {"inquiries", "sources"},
    "discovery": {"core", "geo", "providers", "clinics", "search"},
    "demo": _BASE | {"inquiries", "maps"},
}
PACKAGE = PROJECT_FOLDER / "directory"


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("slice_name", sorted(MAY_IMPORT))
def test_a_slice_imports_only_what_the_table_allows(slice_name: str) -> None:
    wrong = []
    for file in (PACKAGE / slice_name).rglob("*.py"):
        for module in _imports(file):
            parts = module.split(".")
            if parts[0] != "directory":
                continue
            other = parts[1] if len(parts) > 1 else ""
            # The settings are values; the demo and the commands may look at them.
            allowed = MAY_IMPORT[slice_name] | {slice_name}
            if slice_name == "demo":
                allowed = allowed | {"config"}
            if other not in allowed:
                wrong.append(f"{file.relative_to(PACKAGE)} imports {module}")
    assert wrong == []


def test_every_folder_is_in_the_table() -> None:
    folders = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
    assert folders <= set(MAY_IMPORT)
