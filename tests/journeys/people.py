"""A patient and clinics in a real browser, in any language: they press what they would press."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page

_CODE = re.compile(r"\b\d{6}\b")
_WAIT_SECONDS = 60


@dataclass(frozen=True)
class Mail:
    """The demo mailbox as files."""

    folder: Path

    def wait_for(self, wanted: Callable[[EmailMessage], bool], *, besides: int = 0) -> EmailMessage:
        """Return the newest message that is wanted, once there are more than `besides` of them."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < deadline:
            found = [each for each in self.all() if wanted(each)]
            if len(found) > besides:
                return found[-1]
            time.sleep(0.2)
        raise AssertionError("the email did not come")

    def all(self) -> list[EmailMessage]:
        """Return every message, the oldest first."""
        files = sorted(self.folder.glob("*.eml"))
        return [BytesParser(policy=policy.default).parsebytes(each.read_bytes()) for each in files]


def text_of(message: EmailMessage) -> str:
    """Return the plain text."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_of(message: EmailMessage) -> str:
    """Return the path of the first link."""
    found = re.search(r"https?://\S+", text_of(message))
    assert found
    return urlsplit(found[0]).path


def press(page: Page, selector: str = "main form .button:not(.quiet)") -> None:
    """Press the first such button and wait for what it brings."""
    page.locator(selector).first.click()
    page.wait_for_load_state()


@dataclass
class Patient:
    """Somebody with an email address of their own."""

    page: Page
    mail: Mail
    email: str
    prefix: str = ""
    references: list[str] = field(default_factory=list)
    codes_before: int = 0  # emails with a code, when the newest was asked for

    def choose(self, *, number: int = 0, near: str = "60201") -> None:
        """Search, and begin an inquiry with one of those who take some."""
        self.page.goto(f"{self.prefix}/search?near={near}&inquiries=yes")
        self.page.locator(".result a.button[href*='/inquiry/new']").nth(number).click()

    def who(self) -> None:
        """Fill in the first step."""
        self.page.locator("input[name=asks_for][value=myself]").check()
        self.page.locator("input[name=age_band][value='18-64']").check()
        self.page.locator("input[name=zip_code]").fill("60201")
        self.page.locator("input[name=patient_name]").fill("Jo Sample-Reyes")
        self.page.locator("input[name=email]").fill(self.email)

    def headaches(self) -> None:
        """Fill in the second step."""
        self.page.locator("input[name=reason][value=first]").check()
        self.page.locator("input[name=told][value=chronic-migraine]").check()
        self.page.locator("input[name=headache_days]").fill("22")
        self.page.locator("input[name=migraine_days]").fill("14")
        self.page.locator("input[name=length][value='4-or-more']").check()
        self.page.locator("input[name=over_three_months][value=yes]").check()

    def go_to_review(self) -> None:
        """Fill in all steps, with a marked message."""
        self.who()
        press(self.page)
        self.headaches()
        press(self.page)
        self.page.locator("input[name=relief_triptan]").fill("11")
        press(self.page)
        self.page.locator("input[name=safety][value=none]").check()
        press(self.page)
        self.page.locator("textarea[name=message]").fill("Marked answer: light hurts most.")
        press(self.page)

    def agree(self, *, others: int = 0, may_repeat: bool = False) -> None:
        """Ask further clinics, agree and go on."""
        for _ in range(others):
            press(self.page, "form[action$='/inquiry/clinics/add'] button")
        self.page.locator("input[name=consent_share]").check()
        self.page.locator("input[name=consent_emergency]").check()
        if may_repeat:
            self.page.locator("input[name=may_repeat]").check()
        self.codes_before = len(list(filter(self._is_code, self.mail.all())))
        press(self.page, "form:has(input[name=consent_share]) .button")

    def send(self) -> list[str]:
        """Type the code; return the references."""
        self._prove(besides=self.codes_before)
        self.references = self.page.locator(".reference").all_inner_texts()
        return self.references

    def open_status(self, reference: str | None = None) -> None:
        """Open the link of the newest email without a code, and prove the address."""
        message = self.mail.wait_for(
            lambda each: (
                self._is_mine(each)
                and "/inquiry/status/" in text_of(each)
                and (reference is None or reference in text_of(each))
            )
        )
        self.page.goto(link_of(message))
        if self.page.locator("a[href$='/answers']").count():
            return
        codes_before = len(list(filter(self._is_code, self.mail.all())))
        press(self.page)
        self._prove(besides=codes_before)

    def wait_for_news(self, reference: str, *, besides: int = 0) -> EmailMessage:
        """Return the newest email of news about an inquiry."""
        return self.mail.wait_for(
            lambda each: self._is_mine(each) and f"({reference})" in each["Subject"],
            besides=besides,
        )

    def is_of_clinic(self, reference: str) -> Callable[[EmailMessage], bool]:
        """Return what tells whether an email about this inquiry went to its clinic."""
        return lambda each: reference in str(each["Subject"]) and not self._is_mine(each)

    def story(self, reference: str) -> str:
        """Return a selector of what the open page says of one inquiry."""
        return f"section[aria-labelledby='{reference}']"

    def _prove(self, *, besides: int) -> None:
        """Type the six digits of the next email, besides those that were there."""
        message = self.mail.wait_for(self._is_code, besides=besides)
        self.page.locator("input[name=code]").fill(_CODE.findall(message["Subject"])[0])
        press(self.page)

    def _is_mine(self, message: EmailMessage) -> bool:
        return str(message["To"]) == self.email

    def _is_code(self, message: EmailMessage) -> bool:
        return self._is_mine(message) and bool(_CODE.search(message["Subject"]))


def open_as_clinic(
    context: BrowserContext,
    mail: Mail,
    reference: str,
    prefix: str = "",
    shot: Callable[[str, Page], None] = lambda _name, _page: None,
) -> Page:
    """Open the link of the clinic's email, prove the address and return the inquiry's page."""
    page = context.new_page()
    invitation = mail.wait_for(
        lambda each: reference in each["Subject"] and "/clinic/link/" in text_of(each)
    )
    page.goto(f"{prefix}{link_of(invitation)}")
    shot("clinic-door", page)
    press(page)
    shot("clinic-code", page)
    message = mail.wait_for(
        lambda each: reference in each["Subject"] and bool(_CODE.search(each["Subject"]))
    )
    page.locator("input[name=code]").fill(_CODE.findall(message["Subject"])[0])
    press(page)
    return page


def answer(page: Page, name: str, **typed: str) -> None:
    """Give one of the clinic's answers."""
    form = page.locator(f"form[action$='/{name}']")
    details = page.locator("details.answer", has=form)
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    for key, value in typed.items():
        target = form.locator(f"[name={key}]")
        if target.count() > 1:
            form.locator(f"[name={key}][value='{value}']").check()
        else:
            target.fill(value)
    form.locator("button").click()
    page.wait_for_load_state()
