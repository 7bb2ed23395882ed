"""Somebody who walks through the site, and the stops on the way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

from playwright.sync_api import Page

from tests.journeys.people import Mail, Patient, press
from tests.site import Site

LANGUAGES = {"en": "", "es": "/es"}
# What is shown with another status than its name tells.
_STATUS = {
    "place-unclear": 422,
    "place-several": 422,
    "place-street": 422,
    "clinic-proof-gone": 410,
    "inquiry-gone": 404,
    "inquiry-1-who-again": 422,
    "status-too-many": 409,
    "status-changed": 409,
    "clinic-inquiry-changed": 409,
    "clinic-door-busy": 429,
}
_CODE = re.compile(r"\b\d{6}\b")


@dataclass(frozen=True)
class Stop:
    """A page, or a state of one, as it is on the screen now."""

    name: str
    page: Page

    def check(self) -> None:
        """Fail when another page has come than the one that was meant."""
        status = self.page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus")
        assert status == self._status(), f"{self.name}: {status} at {self.page.url}"

    def _status(self) -> int:
        if found := re.match(r"error-(\d+)", self.name):
            return int(found[1])
        return 422 if self.name.endswith("-errors") else _STATUS.get(self.name, 200)


Stops = Iterator[Stop]


@dataclass(frozen=True)
class Visitor:
    """A reader of one language, with a tab of their own."""

    site: Site
    page: Page
    language: str

    @property
    def prefix(self) -> str:
        """What the addresses of the language begin with."""
        return LANGUAGES[self.language]

    @property
    def mail(self) -> Mail:
        """The emails of the site."""
        return Mail(self.site.folder / "mailbox")

    def go(self, path: str, name: str) -> Stop:
        """Open a page of the language."""
        self.page.goto(f"{self.prefix}{path}")
        return Stop(name, self.page)

    def stop(self, name: str) -> Stop:
        """Look at what has come."""
        return Stop(name, self.page)

    def press(self, name: str, selector: str = "main form .button:not(.quiet)") -> Stop:
        """Press a button, and look at what it brings."""
        self.page.bring_to_front()
        press(self.page, selector)
        return Stop(name, self.page)

    def spoil(self, field: str, value: str) -> None:
        """Give a hidden field, or one with a limit, what nobody could type."""
        self.page.locator(f"main form [name={field}]").first.evaluate(
            "(field, value) => { field.value = value; }", value
        )

    def patient(self, name: str) -> Patient:
        """Be a patient with an address of their own."""
        email = f"{name}-{self.language}@example.org"
        return Patient(self.page, self.mail, email, self.prefix)

    def emails_to(self, address: str) -> list[EmailMessage]:
        """Return what an address has got."""
        return [each for each in self.mail.all() if str(each["To"]) == address]


def code_in(message: EmailMessage) -> str:
    """Return the six digits of an email, or nothing."""
    found = _CODE.search(message["Subject"])
    return found[0] if found else ""
