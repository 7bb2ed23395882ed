"""Names that more than one module defines."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from benchmarks.structure.modules import Module

Places = Mapping[str, list[str]]


def repeated_classes(modules: Iterable[Module]) -> Places:
    """Return the class names that two or more modules define, with those modules.

    Only classes at the top level of a file; what they hold does not matter.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for module in modules:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                found[node.name].add(module.name)
    return _by_count({name: sorted(found[name]) for name in found if len(found[name]) > 1})


def conflicting_private_names(modules: Iterable[Module]) -> Places:
    """Return the private module-level names with different values in two or more modules.

    A value is the expression that is assigned, without its layout and comments. Functions
    and classes do not count.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for module in modules:
        for name, value in _private_values(module):
            found[name][module.name] = value
    conflicting = (name for name in found if len(set(found[name].values())) > 1)
    return _by_count({name: sorted(found[name]) for name in conflicting})


def _private_values(module: Module) -> Iterator[tuple[str, str]]:
    for node in module.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            yield from ((name, ast.dump(node.value)) for name in names if _is_private(name))


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _by_count(places: Places) -> Places:
    return dict(sorted(places.items(), key=lambda item: (-len(item[1]), item[0])))
