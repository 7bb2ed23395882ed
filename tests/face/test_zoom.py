"""Large letters lose nothing: 400 % zoom, text of twice the size, and more room between letters."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from directory.core.clock import utc_now
from tests.chromium import find_chromium
from tests.face.pages import look_at_professionals
from tests.face.visitor import LANGUAGES, Visitor
from tests.face.zoom import CLOSE, LARGE, SPACED, WIDE_LARGE, WIDE_SPACED, Look, lost_on
from tests.journeys.people import Patient, answer, open_as_clinic, press
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PATHS = [
    "/",
    "/search?near=60201&within=100",
    "/search?near=59301&within=5&evidence=confirmed",
    "/search?near=59301&name=Anderson-Wolfeschlegelstein",
    "/search?near=evanst",
    "/search?near=60201&within=7",
    "/self-check",
    "/treatment",
    "/data",
    "/privacy",
    "/accessibility",
    "/nothing-here",
]


@pytest.fixture(params=["phone"])
def size(request: pytest.FixtureRequest) -> str:
    """The window changes for each look."""
    return str(request.param)


@pytest.fixture(scope="module")
def large_text_browser(browser: Browser) -> Iterator[Browser]:
    """Chromium of somebody who has doubled the size of letters in its settings."""
    large = browser.browser_type.launch(
        executable_path=find_chromium(),
        args=["--no-sandbox", "--blink-settings=defaultFontSize=32"],
    )
    yield large
    large.close()


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_nothing_is_lost_close_up_or_spaced(page: Page, site: Site, language: str) -> None:
    visitor = Visitor(site, page, language)
    assert all_lost(visitor, "close", CLOSE, SPACED, WIDE_SPACED) == []


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_nothing_is_lost_with_large_letters(
    large_text_browser: Browser, site: Site, language: str
) -> None:
    context = large_text_browser.new_context(base_url=site.url)
    page = context.new_page()
    lost = all_lost(Visitor(site, page, language), "large", LARGE, WIDE_LARGE)
    size = page.evaluate("getComputedStyle(document.body).fontSize")
    context.close()
    assert size == "32px"
    assert lost == []


@pytest.mark.parametrize(
    ("style", "found"),
    [
        ("width: 500px; display: block", "the page scrolls sideways"),
        ("width: 40px; white-space: nowrap; overflow: hidden; display: block", "cut off"),
        ("margin-top: -40px; display: block", "one over the other"),
        ("position: relative; left: -60px", "beside the screen"),
        ("position: fixed; top: 0; width: 100%; height: 90px", "is covered"),
    ],
)
def test_what_is_lost_is_found(page: Page, style: str, found: str) -> None:
    page.goto("/treatment")
    page.evaluate(
        """(style) => {
          const odd = document.createElement("b");
          odd.textContent = "Some words of a length";
          odd.style.cssText = style;
          document.querySelector("main p").after(odd);
        }""",
        style,
    )
    assert found in " ".join(lost_on(page, CLOSE))


def all_lost(visitor: Visitor, name: str, *looks: Look) -> list[str]:
    """Return what is lost on any page that a patient or a clinic comes to."""
    email = f"{name}-{visitor.language}@example.org"
    patient = Patient(visitor.page, visitor.mail, email, visitor.prefix)
    pages = walk(visitor, patient)
    return [each for page in pages for look in looks for each in lost_on(page, look)]


def walk(visitor: Visitor, patient: Patient) -> Iterator[Page]:
    """Come to each page: to read, to compare, to ask, to answer."""
    for path in PATHS:
        yield visitor.go(path, "").page
    for stop in look_at_professionals(visitor):
        yield stop.page
    yield from ask(patient)
    yield from be_answered(patient)


def ask(patient: Patient) -> Iterator[Page]:
    page = patient.page
    patient.choose()
    press(page)
    yield page  # with mistakes
    patient.go_to_review()
    for step in ("who", "headaches", "treatment", "safety", "practical"):
        page.goto(f"{patient.prefix}/inquiry/{step}?edit=yes")
        yield page
    page.goto(f"{patient.prefix}/inquiry/review")
    yield page
    patient.agree(others=2)
    yield page  # for the code
    patient.send()
    yield page


def be_answered(patient: Patient) -> Iterator[Page]:
    page, reference = patient.page, patient.references[0]
    clinic = open_as_clinic(page.context, patient.mail, reference, patient.prefix)
    yield clinic
    day = (utc_now() + timedelta(days=9)).date().isoformat()
    answer(clinic, "times", first_day=day, first_clock="09:30")
    yield clinic
    patient.wait_for_news(reference)
    patient.open_status()
    yield page
    press(page, f"{patient.story(reference)} a[href$='/times']")
    yield page
