"""The word lists and the table of states for the demo, and random choices."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

_FOLDER = Path(__file__).resolve().parent

# The demo's present day, independent of the day of generation.
TODAY = date(2026, 11, 1)

Item = TypeVar("Item")


@dataclass(frozen=True)
class State:
    """A state with its population in thousands, and its formats of numbers."""

    code: str
    population: int
    has_file: bool  # of licenses, with the status of each
    license_form: str
    area_codes: tuple[str, ...]


def read_states() -> list[State]:
    """Return the states with the District of Columbia and Puerto Rico."""
    with (_FOLDER / "states.csv").open(encoding="utf-8", newline="") as file:
        return [
            State(
                code=row["state"],
                population=int(row["population"]),
                has_file=row["has_file"] == "yes",
                license_form=row["license"],
                area_codes=tuple(row["area_codes"].split()),
            )
            for row in csv.DictReader(file)
        ]


def read_words() -> dict[str, dict[str, str]]:
    """Return the word lists of the file."""
    return tomllib.loads((_FOLDER / "words.toml").read_text(encoding="utf-8"))


def listed(text: str) -> tuple[str, ...]:
    """Return the items between the commas."""
    return tuple(item.strip() for item in text.replace("\n", " ").split(",") if item.strip())


def likely(random: Random, share: float) -> bool:
    """Return True with this probability."""
    return random.random() < share


def weighted(random: Random, weights: Mapping[Item, float]) -> Item:
    """Return one of the keys at random, by weight."""
    return random.choices(list(weights), list(weights.values()))[0]


def day_between(random: Random, first: date, last: date) -> date:
    """Return a random day between two days; the first one if they are reversed."""
    return first + timedelta(days=random.randint(0, max((last - first).days, 0)))


def numbered(random: Random, form: str) -> str:
    """Return the form with a digit for each `#`, the first of them not 0."""
    number = str(random.randint(1, 9))
    for char in form.partition("#")[2]:
        number += str(random.randint(0, 9)) if char == "#" else char
    return form.partition("#")[0] + number
