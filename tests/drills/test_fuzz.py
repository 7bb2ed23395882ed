"""Hostile forms on every address of the inquiry: never an error of ours, never a way in.

`FUZZ=10000 SEED=7 pytest tests/drills/test_fuzz.py` sends more of them.
"""

import email
import os
import random
import re
from collections import Counter

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from directory.core.db.database import db, writing
from directory.outbox.mail.mime import compose_email
from directory.outbox.models import OutboxMessage
from tests.conftest import make_app
from tests.drills.hostile import LOUD, hostile_body
from tests.drills.world import World, fields_for
from tests.inquiries.patient import stored

FUZZ = int(os.environ.get("FUZZ", "300"))
SEED = int(os.environ.get("SEED", "20261124"))
POSTS_PER_WORLD = 25

HEADERS = {
    "content-type", "mime-version", "from", "to", "subject", "date", "message-id",
    "auto-submitted", "content-language", "reply-to",
}  # fmt: skip


MARKUP = re.compile(
    rf"<script>alert|<img src=x|<svg/onload|49{LOUD}|(href|src|action|on\w+)=[\"']?\s*javascript:"
)


@pytest.fixture
def open_app(database_url, tmp_path):
    unlimited = {"INQUIRIES_PER_HOUR": "1000000", "INQUIRIES_PER_DAY": "1000000"}
    app = make_app(database_url, tmp_path, **unlimited)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


# A body that ends too early leaves what was read of it to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_hostile_forms_cause_no_errors_and_get_no_access(open_app: Flask) -> None:
    chance, answers = random.Random(SEED), Counter[int]()
    posts = rules_of(open_app, "POST")
    for number in range(FUZZ):
        if number % POSTS_PER_WORLD == 0:
            world = World(open_app, chance)
        [rule] = chance.choices(posts, weights=map(weight, posts))
        path = world.path_of(rule, chance)
        body, content_type = hostile_body(chance, fields_for(world, rule))
        answer = world.browser_of(rule).post(path, data=body, content_type=content_type)
        answers[answer.status_code] += 1
        check(answer, f"SEED={SEED}, post {number} to {rule.rule}")
        if number % POSTS_PER_WORLD == POSTS_PER_WORLD - 1 or number == FUZZ - 1:
            look_at_all_pages(open_app, world, chance)
            check_emails(open_app)
    print(f"\nSEED={SEED}: {dict(sorted(answers.items()))}")
    assert answers[303] > 0
    assert answers[422] > 0


def rules_of(app: Flask, method: str) -> list[Rule]:
    """Return the addresses of patients and clinics that take this method."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/inquiry", "/clinic/")) and method in (rule.methods or ())
    ]


def weight(rule: Rule) -> float:
    """Let most posts be of forms with texts, and few of those that end everything."""
    name = rule.endpoint.rpartition(".")[2]
    if name in {"begin", "take_step", "agree"} or rule.endpoint == "portal.answer":
        return 4
    return 0.2 if "delete" in name or "withdraw" in name or name in {"clear", "begin_anew"} else 1


def look_at_all_pages(app: Flask, world: World, chance: random.Random) -> None:
    for rule in rules_of(app, "GET"):
        answer = world.browser_of(rule).get(world.path_of(rule, chance), follow_redirects=True)
        check(answer, f"SEED={SEED}, {rule.rule}")


def check(answer: TestResponse, where: str) -> None:
    """Look at an answer as the browser would: nothing broken, nothing slipped in."""
    assert answer.status_code < 500, where
    for name, value in answer.headers:
        assert not {"\r", "\n"} & set(value), where
        assert LOUD.lower() not in name.lower(), where
    if answer.mimetype == "text/html":
        assert_harmless(answer.text, where)


def assert_harmless(page: str, where: str) -> None:
    found = MARKUP.search(page)
    assert found is None, f"{where}: {found}"


def check_emails(app: Flask) -> None:
    """Compose every email as it would be sent, and read its bytes as a mail server does."""
    for message in stored(OutboxMessage):
        if message.sealed_content is None:
            continue  # withdrawn before it went out
        data = compose_email(message, app.config["SETTINGS"])
        parsed = email.message_from_bytes(data)
        names = [name.lower() for name in parsed]
        assert set(names) <= HEADERS
        assert len(set(names)) == len(names)
        assert LOUD.lower() not in str(parsed["To"]).lower() or "," not in str(parsed["To"])
        for part in parsed.walk():
            if part.get_content_type() == "text/html":
                assert_harmless(str(part.get_payload(decode=True), "utf-8"), message.kind.value)
    with writing() as session:  # each is looked at once, however long the drill
        session.execute(sa.delete(OutboxMessage))
