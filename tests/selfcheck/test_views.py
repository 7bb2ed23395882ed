"""The pages: signs first, a result at once, nothing kept, the answers taken along."""

import logging
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from directory.core.db.database import Base, db
from tests.selfcheck.conftest import FORM, Send


def words(page: str) -> str:
    """Return the text with single blanks."""
    return " ".join(page.split())


def hidden_fields(page: str) -> list[tuple[str, str]]:
    """Return what the button takes along."""
    form = page[page.index("take-along") :]
    return re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)">', form)


def test_the_emergency_signs_stand_before_the_first_question(browser: FlaskClient):
    page = browser.get("/self-check").text
    assert page.index("Call 911 now") < page.index("Fever with a stiff neck") < page.index("<form")
    assert page.count("<h1") == 1


def test_the_questions_may_be_indexed_and_the_result_may_not(browser: FlaskClient, send: Send):
    questions, result = browser.get("/self-check"), send()
    assert "X-Robots-Tag" not in questions.headers
    assert questions.headers["Cache-Control"] == "private, no-cache"
    assert result.headers["X-Robots-Tag"] == "noindex"
    assert result.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("changes", "heading"),
    [
        ({}, "The answers resemble what clinicians call chronic migraine"),
        ({"emergencies": ["stiff-neck"]}, "These can need emergency care now"),
        ({"prompts": ["posture", "none"]}, "Please speak to a clinician soon"),
        ({"age_band": "under-18"}, "This treatment is licensed for adults"),
        ({"headache_days": "", "headache_days_unsure": "y"}, "A diary of one month would help"),
        ({"headache_days": "14"}, "The answers speak of fewer than 15 headache days a month"),
        ({"over_three_months": "no"}, "The answers speak of three months or less"),
        ({"items": ["none"]}, "Frequent headaches have several causes"),
        ({"length": "unsure"}, "except for the hours"),
    ],
)
def test_what_is_sent_leads_to_its_result(send: Send, changes, heading):
    page = send(**changes)
    assert page.status_code == 200
    assert re.search(rf"<h1>[^<]*{heading}</h1>", page.text)


@pytest.mark.parametrize("changes", [{}, {"emergencies": ["new-loss"]}, {"headache_days": "14"}])
def test_every_result_has_the_boxed_warning_the_sources_and_the_ways_on(send: Send, changes):
    page = words(send(**changes).text)
    assert "get emergency help at once" in page
    assert "Only a clinician can diagnose" in page
    assert "dailymed.nlm.nih.gov" in page
    for path in ('href="/"', 'href="/treatment"', 'href="/self-check/diary"'):
        assert path in page


def test_an_emergency_does_not_wait_for_the_rest_of_the_form(browser: FlaskClient):
    page = browser.post("/self-check", data={"emergencies": ["thunderclap"], "headache_days": "x"})
    assert page.status_code == 200
    assert 'href="tel:911"' in page.text
    assert "Take these answers along" not in page.text


@pytest.mark.parametrize(
    ("preventives", "said"),
    [
        ([], "You ticked no medicine to prevent headaches."),
        (["cgrp"], "You ticked 1 kind of medicine"),
        (["cgrp", "other"], "You ticked 2 kinds of medicine"),
    ],
)
def test_the_number_of_preventive_kinds_stands_beside_what_plans_ask(send: Send, preventives, said):
    page = words(send(preventives=preventives).text)
    assert said in page
    assert "US health plans commonly ask" in page


def test_each_mistake_links_to_its_field(browser: FlaskClient):
    page = browser.post("/self-check", data={}).text
    targets = re.findall(r'<li><a href="#([^"]+)">', page)
    assert len(targets) == 8
    assert [each for each in targets if f'id="{each}"' not in page] == []


def test_a_form_left_empty_says_what_is_missing(browser: FlaskClient):
    page = browser.post("/self-check", data={})
    assert page.status_code == 422
    assert page.headers["Cache-Control"] == "no-store"
    for text in ("Please check these answers", "Choose your age group.", "None of these"):
        assert text in page.text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"headache_days": ""}, "Enter the number of headache days, or tick"),
        ({"headache_days": "31"}, "Enter a whole number from 0 to 30."),
        ({"headache_days": "-1"}, "Enter a whole number from 0 to 30."),
        ({"headache_days": "٣"}, "Enter a whole number from 0 to 30."),
        ({"migraine_days": "21"}, "Enter no more migraine days than headache days."),
        ({"prompts": None}, "Tick which of the other signs apply"),
        ({"items": None}, "Tick what comes with the headaches"),
        ({"relief_opioid": "32"}, "Enter a whole number from 0 to 31, or nothing."),
        ({"relief_triptan": "1"}, "Choose how long pain relief has been this frequent."),
        ({"age_band": "40"}, "Choose only what is offered here."),
    ],
)
def test_a_mistake_is_named_and_the_other_answers_stay(send: Send, changes, message):
    page = send(**changes)
    assert page.status_code == 422
    assert message in page.text
    assert re.search(r'value="4-or-more"[^>]*checked|checked[^>]*value="4-or-more"', page.text)


def test_unsure_wins_over_a_number(send: Send):
    assert "A diary of one month" in send(migraine_days="25", migraine_days_unsure="y").text


@pytest.mark.parametrize("days", ["", "0"])
def test_without_pain_relief_nobody_asks_for_how_long(send: Send, days):
    assert send(relief_triptan=days).status_code == 200


def test_frequent_pain_relief_and_an_allergy_are_spoken_of(send: Send):
    page = send(
        relief_triptan="10", relief_over_three_months="yes", safety=["allergy"], headache_days="14"
    ).text
    assert "Do not stop suddenly." in page
    assert page.count("Tell the clinic about the allergy or infection") == 1
    assert page.index("Tell the clinic about") < page.index("What to do next")


def test_the_button_takes_the_answers_along(send: Send):
    page = send(
        relief_triptan="10",
        relief_over_three_months="yes",
        preventives=["cgrp", "beta-blocker"],
        safety=["allergy", "infection"],
        migraine_days="",
        migraine_days_unsure="y",
    ).text
    assert 'action="/inquiry/carry"' in page
    assert hidden_fields(page) == [
        ("age_band", "18-64"),
        ("headache_days", "20"),
        ("migraine_days_unsure", "y"),
        ("length", "4-or-more"),
        ("over_three_months", "yes"),
        ("relief_triptan", "10"),
        ("preventives", "beta-blocker"),
        ("preventives", "cgrp"),
        ("safety", "allergy"),
        ("safety", "infection"),
    ]


def test_the_inquiry_takes_what_the_button_sends(browser: FlaskClient, send: Send):
    fields = MultiDict(hidden_fields(send(safety=["allergy"]).text))
    answer = browser.post("/inquiry/carry", data=fields)
    assert answer.status_code == 303
    assert "migraine" not in answer.location


def test_a_safety_point_that_only_an_inquiry_asks_is_refused(send: Send):
    assert send(safety=["pregnant"]).status_code == 422


def test_an_acute_medication_that_only_an_inquiry_asks_is_not_taken_along(send: Send):
    assert "relief_gepant" not in dict(hidden_fields(send(relief_gepant="10").text))


def test_the_form_is_refused_without_its_token(app: Flask, browser: FlaskClient):
    app.config["WTF_CSRF_ENABLED"] = True
    assert browser.post("/self-check", data=FORM).status_code == 400


def test_nothing_is_written_to_any_table(app: Flask, send: Send):
    before = rows()
    for changes in ({}, {"headache_days": "x"}, {"emergencies": ["stiff-neck"]}):
        send(**changes)
    assert rows() == before


def test_nothing_typed_is_in_a_log_line_an_address_or_the_cookie(
    app: Flask, browser: FlaskClient, send: Send, caplog: pytest.LogCaptureFixture
):
    logging.getLogger("directory").addHandler(caplog.handler)
    caplog.set_level(logging.DEBUG)
    pages = [send(headache_days="MARKED"), send(age_band="MARKED", emergencies=["stiff-neck"])]
    logging.getLogger("directory").removeHandler(caplog.handler)
    seen = [str(vars(record)) for record in caplog.records]
    seen += [f"{page.request.url} {page.headers}" for page in pages]
    assert [line for line in seen if "MARKED" in line or "stiff-neck" in line] == []
    with browser.session_transaction() as session:
        assert set(session) <= {"csrf_token"}


def test_the_pages_stay_in_their_language(browser: FlaskClient, send: Send):
    assert 'action="/es/self-check"' in browser.get("/es/self-check").text
    assert 'action="/es/inquiry/carry"' in send(prefix="/es").text


def rows() -> dict[str, list[str]]:
    """Return every row of every table as text."""
    session = db.session()
    session.rollback()
    return {
        table.name: sorted(map(repr, session.execute(sa.select(table))))
        for table in Base.metadata.sorted_tables
    }
