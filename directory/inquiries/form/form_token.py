"""The id of a form, signed with the time at which it was made.

It becomes the id of the draft, so that the same form sent twice is the same draft. A form that
comes back faster than anybody can fill it in was sent by a program.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadSignature, Signer

from directory.core.tokens import new_token, secret_key

_LIFETIME_SECONDS = 24 * 3600


@dataclass(frozen=True)
class FormId:
    """The id of a form that was made here."""

    public_id: str
    made_at: datetime

    def seconds(self, now: datetime) -> float:
        """Return how old the form is."""
        return (now - self.made_at).total_seconds()


def new_form_id(*, now: datetime) -> str:
    """Return a new id, signed."""
    return signed_form_id(new_token(), now=now)


def signed_form_id(public_id: str, *, now: datetime) -> str:
    """Return this id with the time, signed."""
    return _signer().sign(f"{public_id}.{int(now.timestamp())}").decode()


def read_form_id(text: str, *, now: datetime) -> FormId | None:
    """Return the id, unless it is made up or older than a day."""
    try:
        public_id, _, made = _signer().unsign(text).decode().partition(".")
    except BadSignature:
        return None
    form_id = FormId(public_id, datetime.fromtimestamp(int(made), tz=UTC))
    return form_id if form_id.seconds(now) <= _LIFETIME_SECONDS else None


def _signer() -> Signer:
    return Signer(secret_key(), salt="inquiry-form", digest_method=hashlib.sha256)
