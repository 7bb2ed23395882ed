"""The modules of one checkout, parsed."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = "directory"


@dataclass(frozen=True)
class Module:
    """One Python file of the package; an `__init__.py` has the name of its folder."""

    name: str
    path: Path
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        """Return the parsed source."""
        return ast.parse(self.source)

    @property
    def is_init(self) -> bool:
        """Return True for an `__init__.py`."""
        return self.path.name == "__init__.py"

    @property
    def package(self) -> str:
        """Return the package that relative imports in this module start from."""
        return self.name if self.is_init else self.name.rpartition(".")[0]

    @property
    def lines(self) -> int:
        """Return the number of lines, with comments and blank lines."""
        return len(self.source.splitlines())

    def function_lines(self) -> list[int]:
        """Return the lines of each function and method, from `def` to the last statement."""
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        found = [node for node in ast.walk(self.tree) if isinstance(node, functions)]
        return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in found]


def read_modules(checkout: Path) -> Mapping[str, Module]:
    """Return every module below `directory/` of a checkout, by its dotted name."""
    files = sorted((checkout / PACKAGE).rglob("*.py"))
    modules = [_read(checkout, file) for file in files]
    return {module.name: module for module in modules}


def _read(checkout: Path, file: Path) -> Module:
    parts = file.relative_to(checkout).with_suffix("").parts
    named = parts[:-1] if parts[-1] == "__init__" else parts
    return Module(name=".".join(named), path=file, source=file.read_text(encoding="utf-8"))
