"""How an attempt to hand a message to the mail server ended."""

import enum
from dataclasses import dataclass

from directory.outbox.models import Phase

# Until MAIL the server has not heard of the message: whatever fails is not the message's fault.
SERVER_PHASES = frozenset({Phase.CONNECT, Phase.TLS, Phase.SIGN_IN})


class OutcomeKind(enum.StrEnum):
    """What an attempt means for the message."""

    HANDED_OFF = "handed-off"  # 250 after the data
    TEMPORARY = "temporary"  # not taken now, tried again
    UNCERTAIN = "uncertain"  # all was sent, no clear answer came: tried again, same Message-ID
    PERMANENT = "permanent"  # refused for good
    MISCONFIGURED = "misconfigured"  # the server could not be used; no attempt is used up


@dataclass(frozen=True)
class Outcome:
    """One attempt: what it means, how far it came, and why, in words without personal data."""

    kind: OutcomeKind
    phase: Phase | None  # None: it failed before a server was asked
    detail: str

    @property
    def blames_server(self) -> bool:
        """Tell whether any other message would fail the same way now."""
        return self.kind is OutcomeKind.MISCONFIGURED and self.phase is not None
