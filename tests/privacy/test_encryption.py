"""Sealed text opens only with its own key and for its own row."""

import pytest
from flask import Flask

from directory.core.clock import utc_now
from directory.core.errors import SettingsError
from directory.inquiries.models import Inquiry, inquiry_key
from directory.outbox.models import OutboxMessage
from directory.privacy.encryption import Keyring, UnreadableError, new_data_key, parse_keyring
from directory.privacy.rowkeys import row_keys

ROW = "inquiry.sealed_answers:abc"


def ring(*names: str) -> Keyring:
    return parse_keyring(",".join(new_data_key(name) for name in names))


def test_sealed_text_opens_and_never_looks_the_same() -> None:
    keys = ring("a")
    one, other = (keys.seal("¡dolor! MARKEDANSWER", bound_to=ROW) for _ in range(2))
    assert keys.open(one, bound_to=ROW) == keys.open(other, bound_to=ROW) == "¡dolor! MARKEDANSWER"
    assert one != other
    assert b"MARKEDANSWER" not in one


def test_it_does_not_open_in_another_row() -> None:
    keys = ring("a")
    with pytest.raises(UnreadableError) as caught:
        keys.open(keys.seal("MARKEDANSWER", bound_to=ROW), bound_to=ROW + "d")
    assert "MARKEDANSWER" not in str(caught.value)


def test_it_does_not_open_with_another_key_of_that_name() -> None:
    sealed = ring("a").seal("text", bound_to=ROW)
    with pytest.raises(UnreadableError, match="does not open"):
        ring("a").open(sealed, bound_to=ROW)


def test_the_error_names_a_missing_key() -> None:
    with pytest.raises(UnreadableError, match="no key named 'a'"):
        ring("b").open(ring("a").seal("text", bound_to=ROW), bound_to=ROW)


def test_an_older_key_still_opens_and_the_newest_seals() -> None:
    old = ring("old")
    rotated = Keyring((*ring("new").keys, *old.keys))
    assert rotated.open(old.seal("text", bound_to=ROW), bound_to=ROW) == "text"
    assert rotated.seal("text", bound_to=ROW)[2:5] == b"new"


@pytest.mark.parametrize("place", [0, -1, -20])
def test_a_changed_byte_is_detected(place: int) -> None:
    keys = ring("a")
    sealed = bytearray(keys.seal("some longer text", bound_to=ROW))
    sealed[place] ^= 1
    with pytest.raises(UnreadableError):
        keys.open(bytes(sealed), bound_to=ROW)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01\x01a", b"\x01\x02\xff\xff" + b"0" * 40])
def test_a_damaged_header_is_detected(sealed: bytes) -> None:
    with pytest.raises(UnreadableError):
        ring("a").open(sealed, bound_to=ROW)


def test_repr_hides_the_keys() -> None:
    assert repr(ring("new", "old")) == "Keyring(new, old)"


@pytest.mark.parametrize(
    "text",
    ["", "a", "a:", "a:c2hvcnQ=", ":" + "A" * 43 + "=", "a:" + "A" * 44, "ä:" + "A" * 43 + "="],
)
def test_an_invalid_keyring_is_refused_with_instructions(text: str) -> None:
    with pytest.raises(SettingsError, match="with: python3 -c"):
        parse_keyring(text)


def test_key_names_are_unique() -> None:
    with pytest.raises(SettingsError, match="names a key twice"):
        ring("a", "a")


@pytest.mark.parametrize("keys", ["row:" + "A" * 43 + "=", "new:" + "A" * 43 + "=,row:x"])
def test_the_reserved_key_name_is_refused(keys: str) -> None:
    with pytest.raises(SettingsError):
        parse_keyring(keys)


def test_a_column_copied_to_another_row_does_not_open(app: Flask) -> None:
    one, other = OutboxMessage(public_id="one"), OutboxMessage(public_id="other")
    one.content = "text"
    other.sealed_content = one.sealed_content
    assert one.content == "text"
    with pytest.raises(UnreadableError):
        _ = other.content


def test_answers_copied_to_another_inquiry_do_not_open(app: Flask) -> None:
    row_keys().make([inquiry_key("one"), inquiry_key("other")], now=utc_now())
    one, other = Inquiry(public_id="one"), Inquiry(public_id="other")
    one.answers = "text"
    other.sealed_answers = one.sealed_answers
    with pytest.raises(UnreadableError):
        _ = other.answers


def test_an_inquiry_without_its_key_can_neither_be_sealed_nor_read(app: Flask) -> None:
    inquiry = Inquiry(public_id="one", sealed_answers=b"something")
    assert inquiry.answers is None
    with pytest.raises(UnreadableError, match="no key of its own"):
        inquiry.answers = "text"


def test_a_row_needs_its_public_id_before_text_is_sealed(app: Flask) -> None:
    with pytest.raises(ValueError, match="needs its public id"):
        OutboxMessage().content = "text"
