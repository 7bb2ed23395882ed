"""How an attempt to hand a message to the mail server ended."""

import enum
from dataclasses import dataclass

from directory.outbox.models import Phase

# Before MAIL the server knows nothing of the message: a failure is not about the message.
SERVER_PHASES = frozenset({Phase.CONNECT, Phase.TLS, Phase.SIGN_IN})


class OutcomeKind(enum.StrEnum):
    """What an attempt means for the message."""

    HANDED_OFF = "handed-off"  # 250 after the data
    TEMPORARY = "temporary"  # not accepted now, retried
    UNCERTAIN = "uncertain"  # all was sent without a clear reply: retried, same Message-ID
    PERMANENT = "permanent"  # refused permanently
    MISCONFIGURED = "misconfigured"  # the server could not be used; no attempt is used up


@dataclass(frozen=True)
class DeliveryOutcome:
    """The result of one attempt, the phase it reached and a reason without personal data."""

    kind: OutcomeKind
    phase: Phase | None  # None: it failed before a server was asked
    detail: str

    @property
    def blames_server(self) -> bool:
        """Return True if any other message would fail the same way now."""
        return self.kind is OutcomeKind.MISCONFIGURED and self.phase is not None
