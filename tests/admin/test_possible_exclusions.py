"""Matches by name with the federal exclusion list, for the operator only."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from directory.core.db.database import db, writing
from directory.providers.models import EntityType, Exclusion, Source
from directory.providers.name_matches import possible_exclusions
from directory.providers.queries import find_exclusion
from tests.clinics.operator import run
from tests.factories import TODAY, make_location, make_provider


def exclude(**facts: Any) -> str:
    """Add a provider, and an entry that may be theirs; return the NPI."""
    given = {
        "entry": "0" * 32,
        "last_name": "O'NEIL-FELDT",
        "first_name": "AMARA",
        "state": "IL",
        "exclusion_type": "1128b4",
        "excluded_on": date(2026, 4, 20),
        **facts,
    }
    with writing() as session:
        session.add(Exclusion(source=Source.EXCLUSIONS, as_of=TODAY, **given))
        provider = make_provider(session, first_name="Amara", last_name="O NEIL FELDT")
        return make_location(session, provider).npi


def test_the_same_name_in_the_same_state_is_shown_to_the_operator(app: Flask) -> None:
    npi = exclude()

    output = run(app, "providers", "possible-exclusions").output

    assert f"{npi}  Amara O Neil Feldt, MD: perhaps O'NEIL-FELDT, AMARA in IL" in output
    assert "excluded 2026-04-20 (1128b4)" in output
    assert "check each at the source" in output


def test_a_match_hides_no_provider_and_is_on_no_page(app: Flask) -> None:
    npi = exclude()

    assert find_exclusion(db.session(), npi) is None
    page = app.test_client().get(f"/providers/{npi}").text
    assert "1128b4" not in page


@pytest.mark.parametrize(
    "facts",
    [
        {"state": "TX"},
        {"state": None},
        {"last_name": "FELDT"},
        {"first_name": "AMAR"},
        {"reinstated_on": TODAY},
        {"gone_on": TODAY},
        {"waiver_state": "IL"},
        {"npi": "1000000004"},
    ],
)
def test_anything_less_is_no_match(app: Flask, facts: dict[str, Any]) -> None:
    exclude(**facts)

    assert possible_exclusions(db.session()) == []
    assert run(app, "providers", "possible-exclusions").output == "Nobody.\n"


def test_organizations_are_not_matched(app: Flask) -> None:
    with writing() as session:
        make_location(
            session, make_provider(session, entity_type=EntityType.ORGANIZATION, last_name=None)
        )

    assert possible_exclusions(db.session()) == []
