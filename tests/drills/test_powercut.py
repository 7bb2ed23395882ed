"""A power cut at any moment loses no inquiry that was acknowledged.

`CUTS=1000 SEED=7 pytest tests/drills/test_powercut.py -s` says what was found.
"""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from directory.core.db.database import db, facts_file
from directory.inquiries.models import Inquiry
from tests.conftest import make_app
from tests.drills.capture import capture, close_all, with_keys_last, without_full_sync
from tests.drills.disk import Written
from tests.drills.powercut import judged, replayed
from tests.inquiries.patient import enter, fill_in, newest_code, open_browser, open_clinic

CUTS = int(os.environ.get("CUTS", "60"))
SEED = int(os.environ.get("SEED", "20261124"))
INQUIRIES = 30


@pytest.fixture(scope="module")
def sqlite_app(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    for file in (sqlite_template, facts_file(sqlite_template, 0)):
        shutil.copy(file, folder)
    unlimited = {"INQUIRIES_PER_HOUR": "1000000", "INQUIRIES_PER_DAY": "1000000"}
    app = make_app(f"sqlite:///{folder / sqlite_template.name}", folder, **unlimited)
    with app.app_context():
        yield app
        close_all()


@pytest.fixture(scope="module")
def captured(sqlite_app):
    clinic = open_clinic()
    send_inquiry(sqlite_app, clinic, str)  # the first one makes the store of keys
    return capture(sqlite_app, lambda tell: send_inquiry(sqlite_app, clinic, tell), times=INQUIRIES)


def send_inquiry(app, clinic, tell) -> None:
    """Send through the pages, and tell which inquiry it was once the browser was told."""
    browser = open_browser(app)
    fill_in(browser, clinic)
    code = newest_code()
    db.session.remove()
    assert enter(browser, code).location == "/inquiry/sent"
    newest = sa.select(Inquiry.public_id).order_by(Inquiry.id.desc()).limit(1)
    tell(db.session.scalars(newest).one())
    db.session.remove()


def test_no_cut_loses_what_was_acknowledged(sqlite_app, captured, tmp_path_factory):
    steps = replayed(captured, tmp_path_factory.mktemp("replay"))

    found = judged(sqlite_app, captured, steps, count=CUTS, seed=SEED)

    print(f"\nSEED={SEED}, {len(steps)} steps: {found}")
    assert found.acknowledged > CUTS
    assert has_checkpoint(steps)
    assert has_new_log(steps)
    assert found.is_clean, f"SEED={SEED}"


def test_the_same_without_full_sync_loses_some(sqlite_app, captured, tmp_path_factory):
    control = without_full_sync(captured)
    steps = replayed(control, tmp_path_factory.mktemp("replay"))

    found = judged(sqlite_app, control, steps, count=CUTS, seed=SEED)

    print(f"\ncontrol, synchronous = NORMAL: {found}")
    assert found.lost > 0
    assert found.damaged == 0


def test_keys_written_last_leave_unreadable_inquiries(sqlite_app, captured, tmp_path_factory):
    control = with_keys_last(captured)
    steps = replayed(control, tmp_path_factory.mktemp("replay"))

    found = judged(sqlite_app, control, steps, count=CUTS, seed=SEED)

    print(f"\ncontrol, keys last: {found}")
    assert found.unreadable > 0


def test_the_replay_writes_what_the_product_wrote(captured, tmp_path_factory):
    ours, theirs = tmp_path_factory.mktemp("replay"), tmp_path_factory.mktemp("product")
    for name, content in captured.after.items():
        (theirs / name).write_bytes(content)

    replayed(captured, ours)

    assert {"directory.db", "keys.db"} <= set(captured.after)
    for name in captured.after:
        assert rows_of(ours / name) == rows_of(theirs / name)


def has_checkpoint(steps) -> bool:
    return any(isinstance(step, Written) and step.file == "directory.db" for step in steps)


def has_new_log(steps) -> bool:
    """Return whether the log was restarted from its beginning."""
    heads = [step for step in steps if isinstance(step, Written) and step.offset == 0]
    return sum(step.file == "directory.db-wal" for step in heads) > 1


def rows_of(file) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())
