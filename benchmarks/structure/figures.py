"""The structure figures of one checkout."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from benchmarks.structure.imports import Circle, find_circles, import_graph, longest_chain
from benchmarks.structure.modules import Module, read_modules
from benchmarks.structure.names import Places, conflicting_private_names, repeated_classes

MOST_FILES = 15


@dataclass(frozen=True)
class Sizes:
    """How long things are, in lines."""

    count: int
    median: float
    p95: int


@dataclass(frozen=True)
class Figures:
    """What was counted; `benchmarks.structure.__main__` says how."""

    modules: int
    folders: Mapping[str, int]
    imports_per_module: float
    imports_per_file: float
    chain: Sequence[str]
    circles: Sequence[Circle]
    files: Sizes
    functions: Sizes
    classes: Places
    private_names: Places

    @property
    def crowded(self) -> Mapping[str, int]:
        """Return the folders with more than `MOST_FILES` files, the fullest first."""
        counted = Counter(self.folders).most_common()
        return {folder: files for folder, files in counted if files > MOST_FILES}


def measure(checkout: Path) -> Figures:
    """Return the figures of `directory/` in a checkout."""
    modules = read_modules(checkout)
    graph = import_graph(modules)
    files = [module for module in modules.values() if not module.is_init]
    return Figures(
        modules=len(modules),
        folders=Counter(str(file.path.parent.relative_to(checkout)) for file in files),
        imports_per_module=fmean(len(imported) for imported in graph.values()),
        imports_per_file=fmean(len(graph[file.name]) for file in files),
        chain=longest_chain(graph),
        circles=find_circles(graph),
        files=_sizes([file.lines for file in files]),
        functions=_sizes(_function_lines(files)),
        classes=repeated_classes(modules.values()),
        private_names=conflicting_private_names(modules.values()),
    )


def _function_lines(files: Sequence[Module]) -> list[int]:
    return [lines for file in files for lines in file.function_lines()]


def _sizes(lines: list[int]) -> Sizes:
    ranked = sorted(lines)
    return Sizes(len(ranked), median(ranked), ranked[math.ceil(0.95 * len(ranked)) - 1])
