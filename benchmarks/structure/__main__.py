"""Prints the figures of how `directory/` is built: `make house`.

`--tree FOLDER` measures another checkout, `--compare FOLDER` puts its figures in a second
column. Sources are parsed, never imported. Migrations and tests are outside `directory/`.

- A module is every `.py` file below `directory/`. A file is a module that is no `__init__.py`.
- Files side by side: the files directly in one folder, sub-folders not counted.
- Imports per module: the mean number of different modules of `directory` that a module names
  in import statements, inside functions and `if TYPE_CHECKING` too. Several names from one
  module count once. `from directory.x import y` counts `directory.x.y` when that is a module,
  else `directory.x`. That Python also loads the packages above it does not count. The mean over
  files leaves out the `__init__.py`, which mostly import nothing and so lower the mean.
- Import circle: modules that reach one another by imports.
- Longest chain: the most modules in a row where each imports the next, both ends counted. A
  circle is one link of the chain and counts all its modules.
- Lines per file: all lines, with docstrings, comments and blank ones.
- Lines per function: from `def` to the last line of the body, for every function and method,
  those inside others too; decorators are not counted.
- p95: the smallest value that 95 % of all values do not exceed.
- Repeated classes: names of top-level classes that two or more modules define.
- Conflicting private names: names with one leading underscore that two or more modules assign at
  the top level, not all to the same expression. Functions and classes are not counted.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from benchmarks.structure.figures import MOST_FILES, Figures, Sizes, measure
from benchmarks.structure.modules import PACKAGE
from benchmarks.structure.names import Places

_PROJECT = Path(__file__).resolve().parents[2]
_LISTED_NAMES = 15


def table(columns: Mapping[str, Figures]) -> Iterator[str]:
    """Return one line per figure, with a column for each checkout."""
    rows = [dict(_rows(figures)) for figures in columns.values()]
    yield _line("", columns)
    for label in rows[0]:
        yield _line(label, [row[label] for row in rows])


def _line(label: str, cells: Sequence[str] | Mapping[str, Figures]) -> str:
    return f"{label:<52}" + "".join(f"{cell:>14}" for cell in cells)


def _rows(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "modules", str(figures.modules)
    yield "files side by side in the fullest folder", str(max(figures.folders.values()))
    yield f"folders with more than {MOST_FILES} files", str(len(figures.crowded))
    yield "own modules imported per module (mean)", f"{figures.imports_per_module:.2f}"
    yield "own modules imported per file (mean)", f"{figures.imports_per_file:.2f}"
    yield "longest import chain (modules)", str(len(figures.chain))
    yield "import circles", str(len(figures.circles))
    yield from _size_rows("file", figures.files)
    yield from _size_rows("function", figures.functions)
    yield "class names in two or more modules", str(len(figures.classes))
    yield "private names with different values", str(len(figures.private_names))


def _size_rows(kind: str, sizes: Sizes) -> Iterator[tuple[str, str]]:
    yield f"{kind}s", str(sizes.count)
    yield f"lines per {kind} (median)", f"{sizes.median:g}"
    yield f"lines per {kind} (p95)", str(sizes.p95)


def details(figures: Figures) -> Iterator[str]:
    """Return the lists behind the figures: folders, the chain, circles and names."""
    yield "\nFiles side by side"
    for folder, files in sorted(figures.folders.items()):
        yield f"  {files:>4}  {folder}{' (crowded)' if folder in figures.crowded else ''}"
    yield "\nLongest import chain"
    yield from (f"  {module}" for module in figures.chain)
    for circle in figures.circles:
        yield f"\nImport circle: {', '.join(circle)}"
    yield "\nClass names in two or more modules"
    yield from _places(figures.classes, len(figures.classes))
    yield f"\nPrivate names with different values, the {_LISTED_NAMES} in most modules"
    yield from _places(figures.private_names, _LISTED_NAMES)


def _places(places: Places, most: int) -> Iterator[str]:
    for name, modules in islice(places.items(), most):
        yield f"  {name}: {', '.join(module.partition('.')[2] for module in modules)}"


def _checkout(folder: str) -> Path:
    if not (Path(folder) / PACKAGE / "__init__.py").is_file():
        raise argparse.ArgumentTypeError(f"{folder} has no {PACKAGE}/__init__.py")
    return Path(folder)


def main() -> None:
    """Print the table, and the details of the measured checkout."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.structure")
    parser.add_argument("--tree", type=_checkout, default=_PROJECT, help="a checkout to measure")
    parser.add_argument("--compare", type=_checkout, help="a checkout for the second column")
    arguments = parser.parse_args()
    figures = measure(arguments.tree)
    columns = {"this tree": figures}
    if arguments.compare:
        columns["other tree"] = measure(arguments.compare)
    print("\n".join([*table(columns), *details(figures)]))


if __name__ == "__main__":
    main()
