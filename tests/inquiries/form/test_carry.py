"""Answers of the self-check, kept until a clinic is chosen."""

import re

from flask import Flask

from directory.inquiries.drafts import fields_of
from directory.inquiries.models import InquiryDraft
from directory.privacy.rowkeys import row_keys
from tests.inquiries.patient import (
    FORM,
    STEPS,
    begin,
    enter,
    fill_in,
    form_url,
    newest_code,
    open_browser,
    open_clinic,
    stored,
)

CARRIED = {
    "age_band": "65-or-over",
    "headache_days": "20",
    "migraine_days_unsure": "y",
    "length": "4-or-more",
    "over_three_months": "yes",
    "relief_triptan": "12",
    "preventives": ["beta-blocker", "cgrp"],
    "safety": ["allergy", "infection"],
    "patient_name": "not asked by the self-check",
}


def test_carried_answers_are_sealed_in_a_draft_without_a_clinic(app: Flask) -> None:
    browser = open_browser(app)
    answer = browser.post("/inquiry/carry", data=CARRIED)
    assert (answer.status_code, answer.location) == (303, "/inquiry/carried")
    [draft] = stored(InquiryDraft)
    fields = fields_of(draft)
    assert draft.clinics == []
    assert fields["who"] == {"age_band": ["65-or-over"]}
    assert fields["safety"] == {"safety": ["allergy", "infection"]}
    assert fields["treatment"]["relief_triptan"] == ["12"]


def test_the_page_after_it_says_that_they_are_kept_and_searches(app: Flask) -> None:
    browser = open_browser(app)
    page = browser.post("/inquiry/carry", data=CARRIED, follow_redirects=True)
    assert page.status_code == 200
    assert "Your answers are kept" in page.text
    assert 'name="near"' in page.text
    assert "20" not in page.request.url


def test_an_inquiry_begun_later_is_filled_in_with_them(app: Flask) -> None:
    browser, clinic = open_browser(app), open_clinic()
    browser.post("/inquiry/carry", data=CARRIED)
    page = browser.get(form_url(clinic)).text
    assert 'checked id="age_band-2"' in page
    assert begin(browser, clinic).location == "/inquiry/headaches"
    assert 'value="20"' in browser.get("/inquiry/headaches").text
    assert 'checked id="safety-0"' in browser.get("/inquiry/safety").text
    assert len(stored(InquiryDraft)) == 1


def test_preventives_fill_a_row_each(app: Flask) -> None:
    browser, clinic = open_browser(app), open_clinic()
    browser.post("/inquiry/carry", data=CARRIED)
    begin(browser, clinic)
    page = browser.get("/inquiry/treatment").text
    chosen = re.findall(r'<option selected value="([^"]+)"', page)
    assert chosen == ["beta-blocker", "cgrp"]


def test_what_was_told_of_a_preventive_stays_with_it(app: Flask) -> None:
    browser = open_browser(app)
    told = {"preventive_2_kind": "cgrp", "preventive_2_name": "erenumab"}
    fill_in(browser, open_clinic(), preventive_1_kind="other", **told)
    browser.post("/inquiry/carry", data=CARRIED)
    [draft] = stored(InquiryDraft)
    rows = fields_of(draft)["treatment"]
    assert (rows["preventive_1_kind"], rows["preventive_1_name"]) == (["cgrp"], ["erenumab"])
    assert (rows["preventive_2_kind"], rows["preventive_2_name"]) == (["beta-blocker"], [])
    assert rows["preventive_3_kind"] == []


def test_they_can_be_sent(app: Flask) -> None:
    browser, clinic = open_browser(app), open_clinic()
    browser.post("/inquiry/carry", data=CARRIED)
    begin(browser, clinic)
    for step in STEPS:
        browser.post(f"/inquiry/{step}", data=FORM)
    assert enter(browser, newest_code()).location == "/inquiry/sent"


def test_carrying_again_changes_what_the_self_check_asks_and_nothing_else(app: Flask) -> None:
    browser = open_browser(app)
    fill_in(browser, open_clinic())
    browser.post("/inquiry/carry", data={**CARRIED, "headache_days": "", "relief_triptan": ""})
    [draft] = stored(InquiryDraft)
    fields = fields_of(draft)
    assert fields["who"]["patient_name"] == ["Jo Markedname"]
    assert fields["headaches"]["told"] == ["chronic-migraine"]
    assert fields["headaches"]["headache_days"] == [""]
    assert fields["practical"]["message"] == ["MARKEDANSWER: light hurts most."]


def test_carrying_counts_as_a_draft(app: Flask) -> None:
    answers = [open_browser(app).post("/inquiry/carry", data=CARRIED) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
    assert len(row_keys().names()) == 10


def test_carried_answers_can_be_cleared(app: Flask) -> None:
    browser = open_browser(app)
    browser.post("/inquiry/carry", data=CARRIED)
    assert browser.post("/inquiry/clear").location == "/inquiry/cleared"
    assert "Your answers are deleted" in browser.get("/inquiry/cleared").text
    assert browser.get("/inquiry/carried").status_code == 404
    assert stored(InquiryDraft) == []
    assert row_keys().names() == set()
