"""The life of an inquiry as stops: asked, sent, answered, treated, deleted."""

from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from playwright.sync_api import Page

from directory.core.clock import utc_now
from tests.face.behind import clinic_far_away, use_up_codes
from tests.face.clinics import Clinic
from tests.face.visitor import Stop, Stops, Visitor, code_in
from tests.journeys.people import Patient, link_of, press, text_of

_AGAIN = "form[action$='/inquiry/code/again'] button"


def inquire(visitor: Visitor) -> Stops:
    """Ask three clinics, hear from them, decide, and delete it all."""
    patient = visitor.patient("seen")
    yield from _ask(visitor, patient)
    yield from _send(visitor, patient)
    yield from _open(visitor, patient)
    yield from _be_answered(visitor, patient)
    yield from _end(visitor, patient)
    yield from _ask_too_often(visitor)


def _ask(visitor: Visitor, patient: Patient) -> Stops:
    page = visitor.page
    patient.choose()
    yield visitor.stop("inquiry-1-who")
    yield visitor.press("inquiry-1-who-errors")
    patient.who()
    page.locator("input[name=phone]").fill("(847) 555-0119")
    visitor.spoil("csrf_token", "of-yesterday")
    yield visitor.press("inquiry-1-who-again")
    yield visitor.press("inquiry-2-headaches")
    yield visitor.press("inquiry-2-headaches-errors")
    patient.headaches()
    yield visitor.press("inquiry-3-treatment")
    page.locator("input[name=relief_triptan]").fill("99")
    yield visitor.press("inquiry-3-treatment-errors")
    _treatment(page)
    yield visitor.press("inquiry-3-treatment-more", "button[name=add]")
    yield visitor.press("inquiry-4-safety")
    page.locator("input[name=safety][value=antibiotic]").check()
    yield visitor.press("inquiry-5-practical")
    page.locator("input[name=travel_miles]").fill("far")
    yield visitor.press("inquiry-5-practical-errors")
    page.locator("input[name=travel_miles]").fill("40")
    page.locator("input[name=insurer]").fill("Sample Mutual")
    page.locator("textarea[name=message]").fill("Light hurts most.\nI can come any day.")
    yield visitor.press("inquiry-6-review")
    yield visitor.press("inquiry-6-review-errors", "form:has(input[name=consent_share]) .button")


def _treatment(page: Page) -> None:
    page.locator("input[name=relief_triptan]").fill("11")
    page.locator("select[name=preventive_1_kind]").select_option("beta-blocker")
    page.locator("input[name=preventive_1_name]").fill("Propranolol")
    page.locator("input[name=preventive_1_dose]").fill("80 mg")
    page.locator("input[name=preventive_1_months]").fill("4")
    page.locator("input[name=had_toxin][value=yes]").check()
    page.locator("input[name=toxin_product]").fill("Botox")


def _send(visitor: Visitor, patient: Patient) -> Stops:
    closed = clinic_far_away(visitor.site, takes_inquiries=False)
    another = clinic_far_away(visitor.site, takes_inquiries=True)
    yield visitor.go(f"/inquiry/new?clinic={another}", "inquiry-join")
    visitor.spoil("clinic", closed)
    yield visitor.press("error-409", "form[action$='/inquiry/clinics/add'] button")
    visitor.go("/inquiry/review", "")
    patient.agree(others=2)
    yield visitor.stop("inquiry-code")
    yield visitor.go(f"/inquiry/new?clinic={another}", "inquiry-join-full")
    visitor.go("/inquiry/code", "")
    visitor.page.locator("input[name=code]").fill("12345")
    yield visitor.press("inquiry-code-errors")
    patient.send()
    yield visitor.stop("inquiry-sent")


def _open(visitor: Visitor, patient: Patient) -> Stops:
    """Come to the page that tells how it goes."""
    message = visitor.mail.wait_for(
        lambda each: str(each["To"]) == patient.email and "/inquiry/status/" in text_of(each)
    )
    visitor.page.goto(link_of(message))
    yield visitor.stop("status-door")
    before = len(list(filter(code_in, visitor.emails_to(patient.email))))
    yield visitor.press("status-code")
    visitor.page.locator("input[name=code]").fill("000000")
    yield visitor.press("status-code-errors")
    message = visitor.mail.wait_for(
        lambda each: str(each["To"]) == patient.email and bool(code_in(each)), besides=before
    )
    visitor.page.locator("input[name=code]").fill(code_in(message))
    yield visitor.press("status-all")
    visitor.page.locator("a[href$='/answers']").click()
    visitor.page.wait_for_load_state()
    yield visitor.stop("status-answers")


def _be_answered(visitor: Visitor, patient: Patient) -> Stops:
    page, [first, second, third] = visitor.page, patient.references
    status = page.url.removesuffix("/answers")
    clinic, other, last = (Clinic(visitor, each) for each in (first, second, third))
    yield from clinic.come_in()
    clinic.answer("times", first_day="2020-01-01")
    yield clinic.stop("clinic-inquiry-errors")
    clinic.answer("question", question="Which plan do you have?\nAnd since when?")
    yield clinic.stop("clinic-inquiry-asked")
    for _stop in other.come_in():
        pass
    other.answer("decline", reason="full", decline_text="We are full until spring.")
    yield other.stop("clinic-inquiry-declined")

    page.goto(f"{status}/all")
    yield visitor.stop("status-all-answered")
    yield from _be_too_late(visitor)
    yield from _come_too_often(visitor)
    page.goto(f"{status}/{first}/reply")
    yield visitor.stop("status-reply")
    yield visitor.press("status-reply-errors")
    page.locator("textarea[name=text]").fill("Sample Mutual, since spring.")
    press(page)
    clinic.page.reload()
    yield from _settle_a_time(visitor, clinic, f"{status}/{first}")

    for _stop in last.come_in():
        pass
    page.goto(f"{status}/all")
    _unfold_and_press(page, f"form[action='{urlsplit(status).path}/withdraw']")
    yield visitor.stop("status-all-withdrawn")
    last.answer("wait-list", wait_text="About six weeks.")
    yield last.stop("clinic-inquiry-changed")


def _be_too_late(visitor: Visitor) -> Stops:
    """Ask a fourth clinic from a page that was open before a third was asked."""
    page = visitor.page
    buttons = "form[action$='/ask'] button"
    stale = page.context.new_page()
    stale.goto(page.url)
    press(page, buttons)
    stale.locator(buttons).nth(1).click()
    stale.wait_for_load_state()
    yield Stop("status-too-many", stale)
    stale.close()


def _come_too_often(visitor: Visitor) -> Stops:
    """Be the clinic that was asked last, and press until no more codes are sent."""
    reference = visitor.page.locator("main section.card h2").last.get_attribute("id")
    clinic = Clinic(visitor, str(reference))
    use_up_codes(visitor.site, clinic.reference)
    clinic.knock("")
    press(clinic.page)
    yield clinic.stop("clinic-door-busy")
    clinic.page.close()


def _settle_a_time(visitor: Visitor, clinic: Clinic, about: str) -> Stops:
    page, day = visitor.page, utc_now() + timedelta(days=9)
    clinic.answer("times", first_day=day.date().isoformat(), first_clock="09:30")
    page.goto(f"{about}/times")
    yield visitor.stop("status-times")
    yield visitor.press("status-times-errors")
    later = (day + timedelta(days=5)).date().isoformat()
    clinic.answer("times", first_day=later, first_clock="14:00", second_day=later)
    yield clinic.stop("clinic-inquiry-times-errors")
    clinic.answer("times", second_clock="16:00")
    page.locator("input[name=time]").first.check()
    yield visitor.press("status-changed")
    page.goto(f"{about}/times")
    page.locator("input[name=time]").first.check()
    yield visitor.press("status-all-scheduled")
    clinic.page.reload()
    yield clinic.stop("clinic-inquiry-scheduled")
    page.goto(f"{about}/treated")
    yield visitor.stop("status-treated")
    yield visitor.press("status-treated-errors")
    today = utc_now().astimezone(ZoneInfo("America/Chicago")).date()  # where the clinic is
    page.locator("input[name=treated_on]").fill(today.isoformat())
    yield visitor.press("status-all-treated")
    page.goto(f"{about}/repeat")
    yield visitor.stop("status-repeat")
    clinic.page.reload()
    yield clinic.stop("clinic-inquiry-treated")


def _end(visitor: Visitor, patient: Patient) -> Stops:
    """Look through the doors of what has ended, and delete everything."""
    page = visitor.page
    status = page.url.partition("/all")[0]
    ended = Clinic(visitor, patient.references[2])
    yield ended.knock("clinic-door-ended")
    ended.page.close()
    page.goto(f"{status}/all")
    path = urlsplit(status).path
    _unfold_and_press(page, f"form[action='{path}/delete']")
    yield visitor.stop("status-all-deleted")
    page.goto(f"{status}/answers")
    yield visitor.stop("status-answers-deleted")
    page.goto(status)
    yield visitor.stop("status-door-deleted")


def _unfold_and_press(page: Page, form: str) -> None:
    details = page.locator("details", has=page.locator(form)).first
    details.locator("summary").first.click()
    press(page, f"{form} button")


def _ask_too_often(visitor: Visitor) -> Stops:
    """Ask for codes until there are no more."""
    patient = visitor.patient("often")
    patient.choose(number=3)
    patient.go_to_review()
    patient.agree()
    while visitor.page.locator(_AGAIN).count():
        press(visitor.page, _AGAIN)
    yield visitor.stop("error-429")
