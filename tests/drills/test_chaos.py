"""Killed at any moment, the site loses no inquiry that was acknowledged, and doubles none.

`ACKS=10000 KILLS=500 SEEDS="1 2 3" pytest tests/drills/test_chaos.py -s` says what was found.
"""

import os
import random
from math import ceil

import pytest
import sqlalchemy as sa

from directory.core.db.database import writing
from directory.inquiries.models import Inquiry
from tests.drills.chaos import Killer, Ledger, MailLedger, send_all, wait_until_handed_off
from tests.drills.judge import evidence_of, judged
from tests.drills.patients import ready_to_send
from tests.drills.processes import running_site

ACKS = int(os.environ.get("ACKS", "60"))
KILLS = int(os.environ.get("KILLS", "6"))
SEEDS = [int(seed) for seed in os.environ.get("SEEDS", "20261124").split()]
DROP_EVERY = int(os.environ.get("DROP_EVERY", "0")) or None
LEASE = 8.0  # long enough for a slow machine to finish a conversation
DRAIN_SECONDS = 30 + ACKS / 10


@pytest.mark.parametrize("seed", SEEDS)
def test_kills_lose_and_duplicate_nothing(app, database_url, tmp_path, seed):
    mail, ledger = MailLedger(DROP_EVERY), Ledger()
    acks, kills = ceil(ACKS / len(SEEDS)), ceil(KILLS / len(SEEDS))
    patients = ready_to_send(app, acks)

    with mail.server, running_site(database_url, tmp_path, mail.server.url, lease=LEASE) as site:
        killer = Killer(site, ledger, acks=acks, kills=kills, seed=seed)
        killer.start()
        send_all(site, patients, ledger, seed=seed)
        killer.join()
        wait_until_handed_off(seconds=DRAIN_SECONDS)

    verdict = judged(evidence_of(ledger.acknowledged, mail.message_ids))
    print(
        f"\nSEED={seed} {database_url.split(':')[0]}: {len(ledger.acknowledged)} acknowledged in "
        f"{ledger.attempts} attempts, killed {dict(killer.killed)}, "
        f"{len(mail.message_ids)} emails taken, {mail.ambiguous} without an answer: {verdict}"
    )
    assert len(ledger.acknowledged) == acks
    assert killer.killed.total() == kills
    reasons = mail.ambiguous + killer.killed["worker"]
    assert verdict.complaints(may_repeat=reasons) == [], f"SEED={seed}"
    assert_that_the_judge_misses_what_is_taken_away(ledger, mail, seed)


def assert_that_the_judge_misses_what_is_taken_away(ledger, mail, seed):
    """The control: one inquiry deleted behind the back of all, one email settled and not sent."""
    chance = random.Random(seed)
    with writing() as session:
        inquiry = chance.choice(session.scalars(sa.select(Inquiry)).all())
        draft_id = inquiry.submission.draft_public_id
        session.delete(inquiry)
    gone = chance.choice(sorted(set(mail.message_ids)))
    left = [each for each in mail.message_ids if each != gone]

    verdict = judged(evidence_of(ledger.acknowledged, left))

    assert (verdict.lost, verdict.unsent) == ({draft_id}, {gone})
