"""docs/api.md names all that can be given and all that is answered."""

from collections.abc import Iterator
from typing import Any

from flask import Flask

from directory.api.problems import ParameterProblem
from directory.config import PROJECT_FOLDER
from directory.search.query.criteria import SPECIALTY_SLUGS, WITHIN_CHOICES, Sort
from directory.search.query.request import PARAMETERS
from tests.api.v1.reading import add_people, read

DOCS = (PROJECT_FOLDER / "docs/api.md").read_text(encoding="utf-8")


def test_every_parameter_value_and_reason_is_documented() -> None:
    words = [*PARAMETERS, *SPECIALTY_SLUGS, *WITHIN_CHOICES, *Sort, *ParameterProblem]
    assert [word for word in words if f"`{word}`" not in DOCS] == []


def test_every_field_is_in_the_example(app: Flask) -> None:
    add_people(30)
    fields = set(_names(read(app, "near=60201&within=250&specialty=all")))
    assert [name for name in fields if f'"{name}"' not in DOCS] == []


def _names(content: Any) -> Iterator[str]:
    if isinstance(content, list):
        for each in content:
            yield from _names(each)
    elif isinstance(content, dict):
        for name, value in content.items():
            if name != "facets":
                yield name
                yield from _names(value)
