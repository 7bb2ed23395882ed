"""What a draft keeps, and until when it is ready to be sent."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.core.clock import utc_now
from directory.core.errors import TooManyError
from directory.core.tokens import new_token
from directory.inquiries.drafts import (
    Limits,
    Ready,
    TooManyClinicsError,
    add_clinic,
    begin_draft,
    code_address_of,
    fields_of,
    inquiry_ids_of,
    keep_code_address,
    keep_ready,
    keep_step,
    ready_of,
    remove_clinic,
    sender_digest,
)
from directory.inquiries.lifecycle.retention import delete_drafts
from directory.inquiries.models import InquiryDraft, draft_key
from directory.privacy.rowkeys import row_keys
from tests.factories import make_answers, make_clinic, make_contact

NOW = utc_now()
LIMITS = Limits(per_hour=3, per_day=3)
READY = Ready(make_contact(), make_answers(), ("one", "two"))


def draft(session: Session, *, public_id: str | None = None, **changes: object) -> InquiryDraft:
    public_id = public_id or new_token()
    row_keys().make([draft_key(public_id)], now=NOW)
    given = {"sender_digest": "s", "language": "en", "limits": LIMITS, "now": NOW, **changes}
    return begin_draft(session, public_id, **given)  # type: ignore[arg-type]


def test_steps_are_kept_apart_and_written_over(session: Session) -> None:
    one = draft(session)
    keep_step(one, "who", {"email": ["a"], "phone": [""]})
    keep_step(one, "safety", {"safety": ["x", "y"]})
    keep_step(one, "who", {"email": ["b"]})
    assert fields_of(one) == {"who": {"email": ["b"]}, "safety": {"safety": ["x", "y"]}}


def test_the_same_id_again_is_the_same_draft(session: Session) -> None:
    one = draft(session)
    keep_step(one, "who", {"email": ["a"]})
    again = draft(session, public_id=one.public_id)
    assert again is one
    assert "who" in fields_of(again)


def test_a_network_may_begin_so_many_an_hour(session: Session) -> None:
    for _ in range(3):
        draft(session)
    with pytest.raises(TooManyError):
        draft(session)
    assert draft(session, sender_digest="another")
    assert draft(session, now=NOW + timedelta(hours=1))


def test_what_is_ready_comes_back_and_ends_with_the_next_change(session: Session) -> None:
    one = draft(session)
    keep_ready(one, READY)
    assert ready_of(fields_of(one)) == READY
    keep_step(one, "who", {"email": ["b"]})
    assert ready_of(fields_of(one)) is None
    assert inquiry_ids_of(fields_of(one)) == ("one", "two")


def test_adding_a_clinic_ends_readiness_and_removing_one_does_not(session: Session) -> None:
    one, clinics = draft(session), [make_clinic(session) for _ in range(2)]
    add_clinic(session, one, clinics[0], None)
    keep_ready(one, READY)
    add_clinic(session, one, clinics[0], None)
    assert ready_of(fields_of(one)) == READY
    add_clinic(session, one, clinics[1], None)
    assert ready_of(fields_of(one)) is None
    keep_ready(one, READY)
    remove_clinic(session, one, clinics[0])
    assert ready_of(fields_of(one)) == READY
    assert [each.clinic_id for each in one.clinics] == [clinics[1].id]


def test_a_fourth_clinic_is_too_many(session: Session) -> None:
    one = draft(session)
    for _ in range(3):
        add_clinic(session, one, make_clinic(session), None)
    with pytest.raises(TooManyClinicsError):
        add_clinic(session, one, make_clinic(session), None)


def test_the_address_of_the_code_stays_whatever_is_changed(session: Session) -> None:
    one = draft(session)
    assert code_address_of(fields_of(one)) is None
    keep_code_address(one, "a@example.org")
    keep_step(one, "who", {"email": ["b@example.org"]})
    assert code_address_of(fields_of(one)) == "a@example.org"


def test_a_deleted_draft_cannot_be_read_from_a_copy(session: Session) -> None:
    one = draft(session)
    keep_step(one, "who", {"email": ["a"]})
    sealed, public_id = one.sealed_fields, one.public_id
    delete_drafts(session, [one])
    copy = InquiryDraft(public_id=public_id, sealed_fields=sealed)
    assert copy.fields is None
    assert fields_of(copy) == {}


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("", "nonsense", False),
    ],
)
def test_a_household_is_counted_as_one(app: Flask, one: str, other: str, is_same: bool) -> None:
    assert (sender_digest("key", one) == sender_digest("key", other)) is is_same
