"""Which module imports which, the circles among them, and the longest chain."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import resolve_name

from benchmarks.structure.modules import Module

Graph = Mapping[str, frozenset[str]]
Circle = tuple[str, ...]


def import_graph(modules: Mapping[str, Module]) -> Graph:
    """Return the own modules that each module imports, each once, wherever in the file."""
    return {
        name: frozenset(_imported(module, modules)) - {name} for name, module in modules.items()
    }


def _imported(module: Module, modules: Mapping[str, Module]) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), module.package)
            targets = (f"{source}.{alias.name}" for alias in node.names)
            found = (target if target in modules else source for target in targets)
            yield from (name for name in found if name in modules)


def find_circles(graph: Graph) -> list[Circle]:
    """Return each group of modules that reach one another, the largest first."""
    reached = {name: _reachable(graph, name) for name in graph}
    circles = {
        tuple(sorted(other for other in reached[name] if name in reached[other]))
        for name in graph
        if name in reached[name]
    }
    return sorted(circles, key=lambda circle: (-len(circle), circle))


def _reachable(graph: Graph, start: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return frozenset(found)


def longest_chain(graph: Graph) -> list[str]:
    """Return the longest row of modules in which each imports the next, the importer first.

    A circle is one link of the chain, with all its modules.
    """
    groups: dict[str, Circle] = {name: (name,) for name in graph}
    groups |= {name: circle for circle in find_circles(graph) for name in circle}

    @cache
    def chain(group: Circle) -> list[str]:
        following = {groups[name] for member in group for name in graph[member]} - {group}
        rest = max((chain(other) for other in sorted(following)), key=len, default=[])
        return [*group, *rest]

    return max((chain(group) for group in sorted(set(groups.values()))), key=len, default=[])
