"""The life of an inquiry by keyboard alone, on a phone's screen and on a desk's."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from directory.core.clock import utc_now
from tests.face.keyboard import Keyboard
from tests.journeys.people import Mail, Patient, link_of, text_of
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CODE = "The six digits from the email"
SEEN = ("Mark as seen", "Mark as seen on this day")


@pytest.fixture
def mail(site: Site) -> Mail:
    """The emails of the site."""
    return Mail(site.folder / "mailbox")


@pytest.fixture
def patient(page: Page, mail: Mail, size: str, request: pytest.FixtureRequest) -> Patient:
    """Somebody new."""
    name = request.node.originalname.removeprefix("test_").replace("_", "-")[:40]
    return Patient(page, mail, f"{name}-{size}@example.org")


def test_a_patient_asks_two_clinics(patient: Patient, size: str) -> None:
    keys = Keyboard(patient.page)
    find_somebody(keys, size)
    keys.follow("Send an inquiry")
    make_and_mend_a_mistake(keys)
    who_it_is_for(keys, patient.email)
    what_it_is_about(keys)
    before = len(codes(patient))
    look_through_and_agree(keys)
    type_code(keys, patient, before, "Send to 2 clinics")
    expect(patient.page.get_by_role("heading", level=1)).to_have_text("Your inquiry is on its way")
    assert patient.page.locator(".reference").count() == 2


def test_clinics_answer_and_the_patient_decides(patient: Patient) -> None:
    patient.choose()
    patient.go_to_review()
    patient.agree(others=2)
    first, second, third = patient.send()
    clinic = open_as_clinic(patient, first)
    answers(clinic, "Ask a question", "Send the question", ("Your question", "Which plan?"))
    answers(clinic, "Put on the wait list", "Put on the wait list")

    mine = Keyboard(patient.page)
    patient.wait_for_news(first, besides=1)
    open_status(mine, patient)
    answers(clinic, "Ask a question", "Send the question", ("Your question", "And since when?"))
    patient.page.reload()
    mine.follow("Read the question and answer")
    mine.write("Your answer", "Since spring.")
    mine.press("Send to the clinic")

    clinic.page.reload()
    propose_a_time(clinic)
    decline_what_was_accepted(open_as_clinic(patient, second))
    patient.page.reload()
    take_the_time(mine)
    clinic_name = patient.page.locator(f"[id='{third}']").inner_text()
    mine.unfold("Withdraw from this clinic", inside=patient.page.locator(patient.story(third)))
    mine.press(f"Withdraw from {clinic_name}")
    expect(patient.page.locator(patient.story(third))).to_contain_text("Withdrawn")

    clinic.page.reload()
    clinic.unfold(SEEN[0])
    type_day(clinic, "Day of the treatment", 0)
    clinic.press(SEEN[1])
    expect(clinic.page.locator("main")).to_contain_text("The clinic saw the patient.")


def find_somebody(keys: Keyboard, size: str) -> None:
    page = keys.page
    page.goto("/")
    keys.write("ZIP code or city", "60201")
    keys.press("Find professionals")
    if size == "phone":
        keys.unfold("Filters and order")
    keys.tick("Takes inquiries here")
    keys.press("Show results")
    keys.follow(page.locator(".result h2 a").first.inner_text())


def make_and_mend_a_mistake(keys: Keyboard) -> None:
    keys.press("Continue")
    expect(keys.page.get_by_role("alert")).to_be_focused()
    keys.reach(keys.page.get_by_role("link", name="Enter your name."))
    keys.page.keyboard.press("Enter")
    expect(keys.page.get_by_label("Your name")).to_be_focused()
    keys.check_focus()
    keys.page.keyboard.type("Jo Sample-Reyes")


def who_it_is_for(keys: Keyboard, email: str) -> None:
    keys.write("Your email address", email)
    keys.choose("Mornings", of="When can you be reached?")
    keys.choose("For myself", of="Who is this inquiry for?")
    keys.choose("18 to 64", of="Age of the person to be treated")
    keys.write("ZIP code where they live", "60201")
    keys.press("Continue")


def what_it_is_about(keys: Keyboard) -> None:
    keys.choose("A first assessment", of="What are you looking for?")
    keys.tick("Chronic migraine", of="What has a clinician called these headaches?")
    keys.write("On how many of the last 30 days did you have a headache?", "22")
    keys.write("On how many of those days did it feel like migraine?", "14")
    keys.choose("4 hours or more", of="How long does a headache usually last without treatment?")
    keys.choose("Yes", of="Has it been like this for more than three months?")
    keys.press("Continue")
    keys.write("Triptans, such as sumatriptan", "11")
    keys.pick("Kind", "Beta-blocker, such as propranolol")
    keys.write("Name, if you know it", "Propranolol")
    keys.tick("Side effects", of="What came of it")
    keys.press("Continue")
    keys.tick("None of these", of="Does any of these apply?")
    keys.press("Continue")
    keys.write("Anything else the clinic should know?", "Light hurts most.")
    keys.press("Continue")


def look_through_and_agree(keys: Keyboard) -> None:
    keys.press("Ask too")
    keys.tick("Share these answers with the clinics named above")
    keys.tick("I understand that this is not for emergencies.")
    keys.press("Continue")


def codes(patient: Patient) -> list[EmailMessage]:
    return [each for each in patient.mail.all() if is_code_for(patient.email)(each)]


def is_code_for(email: str) -> Callable[[EmailMessage], bool]:
    return lambda each: each["To"] == email and bool(re.search(r"\b\d{6}\b", each["Subject"]))


def type_code(keys: Keyboard, patient: Patient, before: int, button: str) -> None:
    message = patient.mail.wait_for(is_code_for(patient.email), besides=before)
    keys.write(CODE, re.findall(r"\b\d{6}\b", message["Subject"])[0])
    keys.press(button)


def status_path(patient: Patient) -> str:
    return link_of(
        patient.mail.wait_for(
            lambda each: each["To"] == patient.email and "/inquiry/status/" in text_of(each)
        )
    )


def open_status(keys: Keyboard, patient: Patient) -> None:
    keys.page.goto(status_path(patient))
    before = len(codes(patient))
    keys.press("Show everything")
    type_code(keys, patient, before, "Show everything")


def open_as_clinic(patient: Patient, reference: str) -> Keyboard:
    keys = Keyboard(patient.page.context.new_page())
    is_its = patient.is_of_clinic(reference)
    keys.page.goto(link_of(patient.mail.wait_for(lambda e: is_its(e) and "/link/" in text_of(e))))
    keys.press("Send a code to our address")
    code = re.compile(r"\b\d{6}\b")
    message = patient.mail.wait_for(lambda e: is_its(e) and bool(code.search(e["Subject"])))
    keys.write(CODE, code.findall(message["Subject"])[0])
    keys.press("Open the inquiry")
    return keys


def answers(keys: Keyboard, title: str, button: str, *typed: tuple[str, str]) -> None:
    keys.unfold(title)
    for label, text in typed:
        keys.write(label, text)
    keys.press(button, inside=opened(keys, title))


def opened(keys: Keyboard, title: str) -> Locator:
    return keys.page.locator("details.answer", has=keys.page.locator("summary", has_text=title))


def propose_a_time(keys: Keyboard) -> None:
    keys.unfold("Propose times")
    type_day(keys, "First: day", 9)
    keys.write("First: time", "0930AM")
    keys.press("Send the times")


def type_day(keys: Keyboard, label: str, days: int) -> None:
    there = utc_now().astimezone(ZoneInfo("America/Chicago"))  # where the clinic is
    keys.write(label, (there + timedelta(days=days)).strftime("%m%d%Y"))


def decline_what_was_accepted(keys: Keyboard) -> None:
    answers(keys, "Accept", "Tell the patient that you accept")
    keys.unfold("Decline")
    keys.choose("We take no new patients at the moment", of="Why?")
    keys.press("Tell the patient that you decline")


def take_the_time(keys: Keyboard) -> None:
    keys.follow("See the times and choose")
    times = keys.page.get_by_role("group", name="Which time suits you?").get_by_role("radio")
    keys.choose(times.first.locator("xpath=..").inner_text(), of="Which time suits you?")
    keys.press("Tell the clinic")
    expect(keys.page.locator("main")).to_contain_text("is settled")
