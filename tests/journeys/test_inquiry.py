"""The main job: from the home page to the clinic's view, in a real browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from directory.core.clock import utc_now
from tests.journeys.people import Mail, Patient, answer, open_as_clinic, press
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Shot = Callable[..., None]


def test_a_patient_reaches_a_clinic(
    context: BrowserContext, page: Page, site: Site, shot: Shot, size: str
) -> None:
    patient = Patient(page, Mail(site.folder / "mailbox"), f"patient-{size}@example.org")
    page.goto("/")
    shot("home")
    page.get_by_label("ZIP code or city").fill("60201")
    page.get_by_role("button", name="Find professionals").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("within 25 miles of Evanston, IL")
    shot("results")

    page.goto("/search?near=60201&inquiries=yes")
    page.locator(".result h2 a").first.click()
    expect(page.get_by_role("heading", name="Do they do it?")).to_be_visible()
    shot("professional")

    patient.choose()
    shot("inquiry-1-who")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter your name.")
    shot("inquiry-1-errors")
    _fill_in(patient, shot)
    patient.agree(others=1)
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code from your email")
    shot("code")
    page.locator("input[name=code]").fill("12345")
    press(page)
    expect(page.get_by_role("alert")).to_contain_text("six digits")
    [reference, _] = patient.send()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your inquiry is on its way")
    shot("sent")

    patient.mail.wait_for(patient.is_of_clinic(reference))
    mail = context.new_page()
    mail.goto("/demo/mailbox")
    shot("mailbox", mail)
    mail.locator(".inbox a", has_text=reference).first.click()
    shot("clinic-email", mail)
    assert "Marked answer" not in mail.content()
    _clinic_answers(context, patient, reference, shot)
    patient.wait_for_news(reference)
    patient.open_status()
    shot("status-all")
    press(page, f"{patient.story(reference)} a[href$='/times']")
    shot("status-times")


def _fill_in(patient: Patient, shot: Shot) -> None:
    page = patient.page
    patient.who()
    press(page)
    shot("inquiry-2-headaches")
    patient.headaches()
    press(page)
    page.locator("input[name=relief_triptan]").fill("11")
    page.locator("select[name=preventive_1_kind]").select_option("beta-blocker")
    page.locator("input[name=preventive_1_name]").fill("Propranolol")
    page.locator("input[name=preventive_1_dose]").fill("80 mg")
    page.locator("input[name=preventive_1_months]").fill("4")
    page.locator("input[name=had_toxin][value=no]").check()
    shot("inquiry-3-treatment")
    press(page)
    page.locator("input[name=safety][value=antibiotic]").check()
    shot("inquiry-4-safety")
    press(page)
    page.locator("textarea[name=message]").fill("Marked answer: light hurts most.")
    shot("inquiry-5-practical")
    press(page)
    shot("inquiry-6-review")


def _clinic_answers(context: BrowserContext, patient: Patient, reference: str, shot: Shot) -> None:
    clinic = open_as_clinic(context, patient.mail, reference, shot=shot)
    expect(clinic.get_by_text("Marked answer")).to_be_visible()
    expect(clinic.get_by_text("22", exact=True)).to_be_visible()
    shot("clinic-inquiry", clinic)
    clinic.locator("details.answer summary").nth(1).click()
    shot("clinic-answers", clinic)
    clinic.locator("details.answer summary").nth(1).click()
    day = (utc_now() + timedelta(days=9)).date().isoformat()
    answer(clinic, "times", first_day=day, first_clock="09:30")
    shot("clinic-answered", clinic)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("treatment", "/treatment"),
        ("data", "/data"),
        ("privacy", "/privacy"),
        ("self-check", "/self-check"),
        ("diary", "/self-check/diary"),
        ("home-es", "/es/"),
        ("results-es", "/es/search?near=60201"),
        ("accessibility", "/accessibility"),
        ("not-found", "/nothing-here"),
        ("place-unknown", "/search?near=Evanstn"),
        ("place-empty", "/search"),
        ("results-widened", "/search?near=59301&within=5"),
        (
            "results-nobody",
            "/search?near=59301&within=5&evidence=confirmed&sex=F&inquiries=yes&specialty=oral",
        ),
        ("bad-parameter", "/search?near=60201&within=7"),
    ],
)
def test_every_page_fits_its_screen(page: Page, shot: Shot, name: str, path: str) -> None:
    page.goto(path)
    shot(name)
    assert page.locator("h1").count() == 1
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0
