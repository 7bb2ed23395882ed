"""Every journey with JavaScript off: scripts only add."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.people import Mail, Patient, answer, open_as_clinic, press
from tests.journeys.test_life import (
    sent,
    test_a_clinic_declines_and_the_next_nearest_is_asked,
    test_it_is_asked_again_after_twelve_weeks,
    test_nobody_opens_it_and_the_patient_asks_another,
    test_two_of_three_answer_and_one_is_chosen,
)
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# The life of an inquiry is told there; here the same is lived in a browser without scripts.
__all__ = [
    "test_a_clinic_declines_and_the_next_nearest_is_asked",
    "test_it_is_asked_again_after_twelve_weeks",
    "test_nobody_opens_it_and_the_patient_asks_another",
    "test_two_of_three_answer_and_one_is_chosen",
]


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A phone whose browser runs no script."""
    context = browser.new_context(
        base_url=site.url, viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    yield context
    context.close()


@pytest.fixture
def patient(request: pytest.FixtureRequest, page: Page, site: Site) -> Patient:
    """Somebody new."""
    name = request.node.originalname.removeprefix("test_").replace("_", "-")[:40]
    return Patient(page, Mail(site.folder / "mailbox"), f"{name}-plain@example.org")


def test_a_mistake_leads_to_its_field(patient: Patient) -> None:
    page = patient.page
    patient.choose()
    press(page)
    expect(page.get_by_role("alert")).to_contain_text("Enter your name.")
    page.get_by_role("link", name="Enter your name.").click()
    page.keyboard.type("Jo Sample-Reyes")
    expect(page.get_by_label("Your name")).to_have_value("Jo Sample-Reyes")


def test_a_question_is_answered_and_all_is_withdrawn(patient: Patient) -> None:
    [reference, _] = sent(patient, others=1)
    page = patient.page
    clinic = open_as_clinic(page.context, patient.mail, reference)
    answer(clinic, "question", question="Which plan?")
    patient.wait_for_news(reference)
    patient.open_status()
    press(page, f"{patient.story(reference)} a[href$='/reply']")
    page.get_by_label("Your answer").fill("Plan B.")
    press(page)
    page.locator("summary", has_text="Withdraw everywhere").click()
    press(page, "form[action$='/withdraw'] button:has-text('all')")
    expect(page.locator("main")).to_contain_text("Withdrawn")


def test_the_self_check_gives_a_result_to_take_along(page: Page) -> None:
    page.goto("/self-check")
    press(page)
    expect(page.get_by_role("alert")).to_be_visible()
    for name, value in {
        "emergencies": "none",
        "prompts": "none",
        "age_band": "18-64",
        "over_three_months": "yes",
        "items": "none",
        "length": "4-or-more",
    }.items():
        page.locator(f"input[name={name}][value='{value}']").check()
    page.locator("input[name=headache_days]").fill("20")
    page.locator("input[name=migraine_days]").fill("12")
    press(page)
    press(page, "form[action$='/carry'] button")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your answers are kept")


def test_a_wrong_fact_is_reported(page: Page) -> None:
    page.goto("/search?near=60201")
    page.locator(".result h2 a").first.click()
    page.get_by_role("link", name="Report a wrong fact").click()
    page.get_by_label("What is wrong?").select_option("phone")
    page.get_by_label("What should it say?").fill("It is 847-555-0199; I called.")
    press(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for the report")


@pytest.mark.parametrize("path", ["/", "/search?near=60201", "/treatment", "/self-check/diary"])
def test_nothing_is_offered_that_needs_a_script(page: Page, path: str) -> None:
    page.goto(path)
    idle = "button[type=button]:visible, a[href='#']:visible, [href^='javascript:']"
    assert page.locator(idle).all_inner_texts() == []
