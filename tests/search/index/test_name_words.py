import random

import pytest
from sqlalchemy.orm import Session

from directory.search.index.name_words import parse_name, words_of, words_of_all
from directory.search.query.criteria import Criteria
from directory.search.query.nearest import nearest
from tests.factories import CHICAGO, EVANSTON, make_location, make_provider

CURLY = "\u2019"
PIECES = (
    *("O'NEIL", "MC DONALD", "DE LA CRUZ", "Peña", "SMITH-JONES", "A.", "X", "J.R.", "LI"),
    *(f"O{CURLY}Brien", "D'ANGELO-ROSSI", "ST. CLAIR", ",", ", ", " ", "  ", "", "1ST", "é", "&"),
)


def test_words_of_many_names_are_the_words_of_each() -> None:
    chance = random.Random(20261124)
    names = ["".join(chance.choices([*PIECES, "AMARA", "FELDT", " "], k=6)) for _ in range(3000)]

    frame = words_of_all(names)

    found: dict[int, list[str]] = {}
    for row, word in frame.iter_rows():
        found.setdefault(row, []).append(word)
    assert [sorted(found.get(row, [])) for row in range(len(names))] == [
        sorted(words_of(name)) for name in names
    ]


@pytest.mark.parametrize("text", ["", " ", ",", "a", "Dr", "''", "J. Q."])
def test_nothing_to_go_by(text: str) -> None:
    name = parse_name(text)
    assert name is None or "".join(name.words[0].pieces) == "dr"


NAMES = [
    ({"first_name": "JANE", "last_name": "SMITH"}, "smith"),
    ({"first_name": "JANE", "last_name": "SMITH"}, "Dr. Jane Smith"),
    ({"first_name": "JANE", "last_name": "SMITH"}, "Smith, Jane"),
    ({"first_name": "JANE", "last_name": "SMITH"}, "jane q smith, MD"),
    ({"first_name": "JANE", "last_name": "SMITH"}, "SMI"),
    ({"first_name": "ZOE", "last_name": "SMITH-JONES"}, "smith jones"),
    ({"first_name": "ZOE", "last_name": "SMITH-JONES"}, "smithjones"),
    ({"first_name": "ZOE", "last_name": "SMITH JONES"}, "Smith-Jones"),
    ({"first_name": "JOSE", "last_name": "PENA"}, "José Peña"),
    ({"first_name": "JOSÉ", "last_name": "PEÑA"}, "jose pena"),
    ({"first_name": "UNA", "last_name": "O'NEIL"}, "oneil"),
    ({"first_name": "UNA", "last_name": "ONEIL"}, "O'Neil"),
    ({"first_name": "UNA", "last_name": "O NEIL"}, f"O{CURLY}Neil"),
    ({"first_name": "IAN", "last_name": "MC DONALD"}, "McDonald"),
    ({"first_name": "EVA", "last_name": "DE LA CRUZ"}, "delacruz"),
    ({"first_name": "AN", "last_name": "LI"}, "li"),
]


@pytest.mark.parametrize(("given", "typed"), NAMES)
@pytest.mark.parametrize("near", [None, CHICAGO])
def test_a_name_is_found_however_it_is_written(session: Session, given, typed, near) -> None:
    wanted = make_location(session, make_provider(session, **given))
    make_location(session, make_provider(session, first_name="AMARA", last_name="FELDT"))

    found = nearest(session, Criteria(near=near, name=parse_name(typed)))

    assert [match.npi for match in found.matches] == [wanted.npi]


def test_an_npi_is_found_with_and_without_a_place(session: Session) -> None:
    wanted = make_location(session, make_provider(session), at=EVANSTON)
    make_location(session, make_provider(session), at=EVANSTON)
    name = parse_name(wanted.npi)

    for near in (None, CHICAGO):
        found = nearest(session, Criteria(near=near, name=name))
        assert [match.npi for match in found.matches] == [wanted.npi]


def test_who_types_a_name_means_anybody_of_any_specialty(session: Session) -> None:
    wanted = make_location(session, make_provider(session, taxonomy="207Q00000X"))
    assert nearest(session, Criteria(near=None, name=parse_name("feldt"))).matches[0].npi == (
        wanted.npi
    )


def test_a_name_that_changed_is_no_longer_found(session: Session) -> None:
    provider = make_provider(session, last_name="FELDT")
    make_location(session, provider)
    provider.last_name = "LINDQVIST"
    make_location(session, provider, is_primary=False)

    assert nearest(session, Criteria(near=None, name=parse_name("feldt"))).total == 0
    assert nearest(session, Criteria(near=None, name=parse_name("lindqvist"))).total == 1
