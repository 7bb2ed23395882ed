"""Tokens, references and public ids."""

import pytest

from directory.core import tokens


def test_a_public_id_never_begins_with_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["-begins-with-a-dash-00", "begins-with-a-letter-0"])
    monkeypatch.setattr(tokens.secrets, "token_urlsafe", lambda _: next(drawn))
    assert tokens.new_public_id() == "begins-with-a-letter-0"
