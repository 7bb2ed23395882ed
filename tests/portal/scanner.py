"""A mail scanner: it opens links, presses buttons and sends forms."""

from collections.abc import Iterator
from urllib.parse import urljoin

import html5lib
from flask import Flask

from tests.inquiries.patient import Browser, open_browser

TIMES = 5
_HTML = "{http://www.w3.org/1999/xhtml}"


class Scanner:
    """Goes to a link and to all that its forms lead to, as often as it can."""

    def __init__(self, app: Flask, *, digits: str, keeps_cookies: bool) -> None:
        self._app = app
        self._digits = digits
        self._browser = open_browser(app, csrf=True)
        self._keeps_cookies = keeps_cookies
        self.seen: list[str] = []

    def visit(self, link: str) -> None:
        """Open the page five times, then send every form of it five times; go on from there."""
        waiting_urls, done = [link], set()
        while waiting_urls:
            url = waiting_urls.pop(0)
            done.add(url)
            for method in ("GET", "HEAD") * TIMES:
                self.seen.append(self.browser().open(url, method=method).text)
            for place in range(len(list(_forms(self._page(url))))):
                for _ in range(TIMES):
                    waiting_urls += {self._send(url, place)} - done - {""} - set(waiting_urls)

    def browser(self) -> Browser:
        """Return the browser, a new one each time if it keeps no cookies."""
        if not self._keeps_cookies:
            self._browser = open_browser(self._app, csrf=True)
        return self._browser

    def _page(self, url: str) -> str:
        return self.browser().get(url).text

    def _send(self, url: str, place: int) -> str:
        """Send one form of a page that was just fetched; return where that leads to."""
        browser = self.browser()
        action, data = list(_forms(browser.get(url).text))[place]
        answer = browser.post(urljoin(url, action), data={**data, "code": self._digits})
        self.seen.append(answer.text)
        return answer.location or ""


def _forms(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    for form in html5lib.parse(page).iter(f"{_HTML}form"):
        if form.get("method") == "post":
            fields = form.iter(f"{_HTML}input")
            named = {each.get("name", ""): each.get("value", "") for each in fields}
            yield form.get("action") or "", named
