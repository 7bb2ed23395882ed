"""Every command of the operator is documented."""

from collections.abc import Iterator

import click
from flask import Flask

from directory.config import PROJECT_FOLDER


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        else:
            yield " ".join((*path, name))


def test_every_command_is_documented(app: Flask) -> None:
    text = (PROJECT_FOLDER / "docs/commands.md").read_text(encoding="utf-8")
    ours = [name for name in _commands(app.cli) if not name.startswith("db ")]
    assert [name for name in ours if name not in text] == []
