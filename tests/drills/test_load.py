"""Fifty inquiries a second beside searches: no errors, and emails handed off within seconds.

`RATE=50 SECONDS=60 pytest tests/drills/test_load.py -s` says how fast it was, and the highest
rate that the machine holds when it is not this one. The short run asserts no times.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from directory.config import PROJECT_FOLDER
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.demo.load import load_demo
from directory.outbox.models import MessageKind, OutboxMessage
from directory.providers.models import PracticeLocation
from tests.drills.chaos import MailLedger, wait_until_handed_off
from tests.drills.judge import evidence_of, judged
from tests.drills.load import Load, percentile, run
from tests.drills.patients import Patient, ready_to_send
from tests.drills.processes import running_site

RATE = float(os.environ.get("RATE", "10"))
SEARCHES = float(os.environ.get("SEARCHES", "20"))
SECONDS = float(os.environ.get("SECONDS", "3"))
# How many different searches there are. All of them: no page is asked for again while it lasts.
PLACES = int(os.environ.get("PLACES", "0"))
WORKERS = int(os.environ.get("WORKERS", "1"))
IS_LONG = "SECONDS" in os.environ
PROMPT_SECONDS = 10.0
LOWER = 0.8


def test_inquiries_at_a_steady_rate_with_concurrent_searches(app, database_url, tmp_path):
    mail = MailLedger()
    with writing() as session:
        load_demo(session, PROJECT_FOLDER / "seeds/demo", utc_now())
    rate, acknowledged = RATE, []

    with (
        mail.server,
        running_site(database_url, tmp_path, mail.server.url, workers=WORKERS) as site,
    ):
        while True:
            patients = ready_to_send(app, int(rate * SECONDS))
            before = cpu_seconds(site)
            load = run_apart(site.port, patients, rate=rate)
            used = (cpu_seconds(site) - before) / load.seconds
            wait_until_handed_off(seconds=120)
            acknowledged += load.acknowledged_at
            evidence = evidence_of(acknowledged, mail.message_ids)
            waits = waits_for_hand_off(load, evidence, mail)
            prompt = sum(wait <= PROMPT_SECONDS for wait in waits) / len(patients)
            print(shown(load, waits, prompt, rate=rate, site_cpu=used))
            print(shown_confirmations(len(patients)))
            if not IS_LONG or is_held(load, prompt, len(patients)):
                break
            rate *= LOWER

    assert judged(evidence).complaints(may_repeat=0) == []
    assert not load.posts.errors
    assert not load.searches.errors


def run_apart(port: int, patients: list[Patient], *, rate: float) -> Load:
    """Run the load in a separate thread: in this one a browser may have its event loop."""
    asking = run(port, patients, places(), rate=rate, search_rate=SEARCHES)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asking).result()


def places() -> list[str]:
    """Return searches at places with providers."""
    session = db.session()
    session.rollback()
    codes = session.scalars(sa.select(PracticeLocation.zip_code).distinct()).all()
    found = [f"/search?near={code}&within={miles}" for code in codes for miles in (10, 25, 50)]
    return found[: PLACES or None]


def waits_for_hand_off(load: Load, evidence, mail: MailLedger) -> list[float]:
    """Return how long after the answer the emails to the clinics were taken, shortest first."""
    message_ids = {each.draft_id: each.message_ids[0] for each in evidence.inquiries}
    return sorted(
        mail.taken_at[message_ids[draft_id]] - told_at
        for draft_id, told_at in load.acknowledged_at.items()
        if message_ids.get(draft_id) in mail.taken_at
    )


def shown_confirmations(count: int) -> str:
    """Return how long the emails to the patients took: they go last, and say nothing new."""
    session = db.session()
    session.rollback()
    newest = (
        sa.select(OutboxMessage.created_at, OutboxMessage.handed_off_at)
        .where(OutboxMessage.kind == MessageKind.PATIENT_SENT)
        .order_by(OutboxMessage.id.desc())
        .limit(count)
    )
    waits = sorted((taken - made).total_seconds() for made, taken in session.execute(newest))
    shares = f"p50 {percentile(waits, 0.5):.1f} s, p99 {percentile(waits, 0.99):.1f} s"
    return f"  confirmations to patients: {shares}, all of {len(waits)}"


def is_held(load: Load, prompt: float, count: int) -> bool:
    """Return whether all were answered, and nearly all handed off in time."""
    no_errors = not load.posts.errors and not load.searches.errors
    return no_errors and len(load.acknowledged_at) == count and prompt >= 0.99


def cpu_seconds(site) -> float:
    return sum(each.cpu_seconds() for each in (site.web, *site.workers))


def shown(load: Load, waits: list[float], prompt: float, *, rate: float, site_cpu: float) -> str:
    """Return the figures of a run as lines to read."""
    posts, searches = load.posts, load.searches
    return "\n".join(
        [
            "",
            f"{rate:g} inquiries/s and {SEARCHES:g} searches/s for {SECONDS:g} s, "
            f"{PLACES or 'all'} different searches:",
            f"  acknowledged {len(load.acknowledged_at)} of {len(posts.seconds)}, that is "
            f"{len(load.acknowledged_at) / load.seconds:.1f}/s; errors {dict(posts.errors)}",
            f"  POST p50 {posts.percentile(0.5):.0f} ms, p99 {posts.percentile(0.99):.0f} ms",
            f"  searches {len(searches.seconds)}, errors {dict(searches.errors)}, "
            f"p50 {searches.percentile(0.5):.0f} ms, p99 {searches.percentile(0.99):.0f} ms",
            f"  handed off within {PROMPT_SECONDS:g} s: {prompt:.1%}; "
            f"p50 {percentile(waits, 0.5):.1f} s, p99 {percentile(waits, 0.99):.1f} s",
            f"  processor: site {site_cpu:.0%}, generator {load.generator_cpu:.0%} of one core; "
            f"begun late by {1000 * max(posts.late, searches.late):.0f} ms at most",
        ]
    )
