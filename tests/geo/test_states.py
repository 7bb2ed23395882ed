import pytest

from directory.geo.states import STATES, find_state


def test_there_are_fifty_states_the_capital_and_five_territories():
    assert len(STATES) == 56


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("IL", "IL"),
        ("il", "IL"),
        ("Illinois", "IL"),
        ("Ill.", "IL"),
        ("D.C.", "DC"),
        ("west virginia", "WV"),
        ("U.S. Virgin Islands", "VI"),
        ("Northern Mariana Islands", "MP"),
    ],
)
def test_a_state_is_found_however_it_is_written(text, state):
    assert find_state(text) == state


@pytest.mark.parametrize("text", ["", "Evanston", "ZZ", "L.A.", "AE"])
def test_what_is_no_state_is_not_found(text):
    assert find_state(text) is None
