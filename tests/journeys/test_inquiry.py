"""The main job: from the home page to the clinic's view, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Shot = Callable[..., None]


def test_a_patient_reaches_a_clinic(
    context: BrowserContext, page: Page, shot: Shot, size: str
) -> None:
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

    page.get_by_role("link", name="Send an inquiry").first.click()
    shot("inquiry")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter your name.")
    shot("inquiry-errors")
    _fill(page, f"patient-{size}@example.org")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code from your email")
    shot("code")

    mail = context.new_page()
    code = _code(mail, f"patient-{size}@example.org")
    shot("mailbox", mail)
    page.locator("input[name=code]").fill("000000" if code != "000000" else "111111")
    page.get_by_role("button", name=re.compile("^Send to")).click()
    expect(page.get_by_role("alert")).to_contain_text("not the code")
    page.locator("input[name=code]").fill(code)
    page.get_by_role("button", name=re.compile("^Send to")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your inquiry is on its way")
    shot("sent")
    reference = page.locator(".reference").inner_text()

    link = _clinic_link(mail, reference)
    shot("clinic-email", mail)
    assert "Marked answer" not in mail.content()
    _clinic_opens(context, link, reference, shot)


def _fill(page: Page, email: str) -> None:
    page.get_by_label("Your name").fill("Jo Sample-Reyes")
    page.get_by_label("Your email address").fill(email)
    page.get_by_label("18 to 64").check()
    page.get_by_label("Your ZIP code").fill("60201")
    page.get_by_label("A first assessment").check()
    page.locator("input[name=headache_days]").fill("22")
    page.locator("input[name=migraine_days]").fill("14")
    page.get_by_label("Anything else").fill("Marked answer: light hurts most in the morning.")
    page.locator("input[name=consent_share]").check()
    page.locator("input[name=consent_emergency]").check()


def _code(mail: Page, address: str) -> str:
    _open_newest(mail, address, "Your code is")
    return re.findall(r"\b\d{6}\b", mail.locator("article").inner_text())[0]


def _clinic_link(mail: Page, reference: str) -> str:
    _open_newest(mail, reference, "New inquiry")
    link = mail.locator("article a[href*='/clinic/link/']").first.get_attribute("href")
    assert link
    return link


def _open_newest(mail: Page, text: str, subject: str) -> None:
    entry = mail.locator(".inbox a", has_text=subject).filter(has_text=text).first
    for _ in range(40):
        mail.goto("/demo/mailbox")
        if entry.count():
            break
        mail.wait_for_timeout(250)
    entry.click()


def _clinic_opens(context: BrowserContext, link: str, reference: str, shot: Shot) -> None:
    clinic, mail = context.new_page(), context.new_page()
    clinic.goto(link)
    assert "Marked answer" not in clinic.content()
    shot("clinic-door", clinic)
    clinic.get_by_role("button", name="Send a code").click()
    shot("clinic-code", clinic)
    _open_newest(mail, reference, "Code ")
    code = re.findall(r"\b\d{6}\b", mail.locator("article").inner_text())[0]
    clinic.locator("input[name=code]").fill(code)
    clinic.get_by_role("button", name="Open the inquiry").click()
    expect(clinic.get_by_text("Marked answer")).to_be_visible()
    expect(clinic.get_by_text("22", exact=True)).to_be_visible()
    shot("clinic-inquiry", clinic)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("treatment", "/treatment"),
        ("data", "/data"),
        ("privacy", "/privacy"),
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
