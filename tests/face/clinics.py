"""A clinic as it comes to an inquiry: through the link of its email."""

from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.face.visitor import Stop, Stops, Visitor, code_in
from tests.journeys.people import answer, link_of, press, text_of


@dataclass
class Clinic:
    """Somebody at a clinic, who reads the visitor's language and has a tab of their own."""

    visitor: Visitor
    reference: str
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.page = self.visitor.page.context.new_page()

    def stop(self, name: str) -> Stop:
        """Look at what has come."""
        return Stop(name, self.page)

    def knock(self, name: str) -> Stop:
        """Open the link of the email."""
        invitation = self.visitor.mail.wait_for(
            lambda each: self.reference in each["Subject"] and "/clinic/link/" in text_of(each)
        )
        self.page.goto(f"{self.visitor.prefix}{link_of(invitation)}")
        return self.stop(name)

    def come_in(self) -> Stops:
        """Prove the address, and read the inquiry."""
        yield self.knock("clinic-door")
        press(self.page)
        yield self.stop("clinic-code")
        self.page.locator("input[name=code]").fill("000000")
        press(self.page)
        yield self.stop("clinic-code-errors")
        message = self.visitor.mail.wait_for(
            lambda each: self.reference in each["Subject"] and bool(code_in(each))
        )
        self.page.locator("input[name=code]").fill(code_in(message))
        press(self.page)
        yield self.stop("clinic-inquiry")

    def answer(self, name: str, **typed: str) -> None:
        """Fill in one of the answers, and give it."""
        self.page.bring_to_front()
        answer(self.page, name, **typed)
