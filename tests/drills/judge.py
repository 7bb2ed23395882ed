"""The judge of a drill compares acknowledgements, the database and the mail sent.

It compares sets. What it is given comes from outside the program: the clients' own ledger, rows
of the database, and the ledger of the mail server.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from directory.core.db.database import db
from directory.inquiries.models import Inquiry, Submission
from directory.outbox.models import MessageKind, MessageState, OutboxMessage


@dataclass(frozen=True)
class Sent:
    """An inquiry as the database holds it, with the emails to the clinic about it."""

    inquiry_id: str
    draft_id: str
    is_readable: bool
    message_ids: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """What there is to judge."""

    acknowledged: Collection[str]  # drafts whose patients were told that they are sent
    submissions: Collection[str]  # the draft of each
    inquiries: Collection[Sent]
    posted: Collection[str]  # Message-IDs of all emails in the outbox
    unfinished: Collection[str]  # those of them that have not been handed off
    mail: Collection[str]  # Message-IDs as the mail server took them, each time


@dataclass(frozen=True)
class Verdict:
    """The faults found: empty sets if there are none."""

    lost: frozenset[str]  # acknowledged drafts without an inquiry that can be read
    doubled: frozenset[str]  # drafts that were sent more than once
    unannounced: frozenset[str]  # inquiries without exactly one email to the clinic
    unsent: frozenset[str]  # emails that never reached the mail server
    unknown: frozenset[str]  # emails that the database knows nothing of
    extra: int  # emails taken once more

    def complaints(self, *, may_repeat: int) -> list[str]:
        """Return what is wrong, in words; no more emails may come twice than are given."""
        found = [
            f"{name}: {len(each)}"
            for name, each in vars(self).items()
            if isinstance(each, frozenset) and each
        ]
        if self.extra > may_repeat:
            found.append(f"extra: {self.extra}, with {may_repeat} reasons")
        return found


def judged(evidence: Evidence) -> Verdict:
    """Compare what was promised with what there is."""
    readable = {each.draft_id for each in evidence.inquiries if each.is_readable}
    times = Counter(evidence.mail)
    reached = set(times)
    return Verdict(
        lost=frozenset(set(evidence.acknowledged) - (readable & set(evidence.submissions))),
        doubled=frozenset(
            {*_repeated(evidence.submissions), *_repeated(x.draft_id for x in evidence.inquiries)}
        ),
        unannounced=frozenset(
            each.inquiry_id for each in evidence.inquiries if len(each.message_ids) != 1
        ),
        unsent=frozenset({*evidence.unfinished, *(set(evidence.posted) - reached)}),
        unknown=frozenset(reached - set(evidence.posted)),
        extra=sum(times.values()) - len(times),
    )


def evidence_of(acknowledged: Collection[str], mail: Collection[str]) -> Evidence:
    """Read the database; each draft of a drill goes to one clinic."""
    session = db.session()
    session.rollback()
    at = OutboxMessage
    rows = session.execute(sa.select(at.message_id, at.kind, at.subject_id, at.state)).all()
    letters: dict[str, list[str]] = {}
    for row in rows:
        if row.kind is MessageKind.CLINIC_INQUIRY:
            letters.setdefault(row.subject_id, []).append(row.message_id)
    statement = sa.select(Inquiry).options(sa.orm.joinedload(Inquiry.submission))
    return Evidence(
        acknowledged=acknowledged,
        submissions=list(session.scalars(sa.select(Submission.draft_public_id))),
        inquiries=[
            Sent(
                each.public_id,
                each.submission.draft_public_id,
                each.contact is not None and each.answers is not None,
                tuple(letters.get(each.public_id, ())),
            )
            for each in session.scalars(statement)
        ],
        posted=[row.message_id for row in rows],
        unfinished=[row.message_id for row in rows if row.state is not MessageState.HANDED_OFF],
        mail=mail,
    )


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]
