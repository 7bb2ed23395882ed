"""An HTTP client for a running site that records everything that might be logged."""

import html
import http.cookiejar
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

_HIDDEN = re.compile(r'<input[^>]*\btype="hidden"[^>]*>')
_NAME, _VALUE = re.compile(r'\bname="([^"]*)"'), re.compile(r'\bvalue="([^"]*)"')
_SECONDS = 30
_SHOWS_THE_FORM_AGAIN = 422


@dataclass(frozen=True)
class Page:
    """A response of the site."""

    status: int
    url: str
    headers: str
    location: str
    text: str

    @property
    def hidden(self) -> dict[str, str]:
        """Return the hidden fields of the forms on this page."""
        fields = {}
        for found in _HIDDEN.findall(self.text):
            name, value = _NAME.search(found), _VALUE.search(found)
            if name:
                fields[name[1]] = html.unescape(value[1]) if value else ""
        return fields

    @property
    def outside(self) -> str:
        """Return what others may see of it: address, headers, and the page when it is an error.

        A form shown again holds what was typed; that is for the one who typed it.
        """
        is_error = self.status >= 400 and self.status != _SHOWS_THE_FORM_AGAIN
        return "\n".join([self.url, self.headers, self.text if is_error else ""])


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class RemoteBrowser:
    """Cookies, the pages of one site, and the hidden fields of the page in sight."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(_NoRedirect, cookies)
        self._hidden: dict[str, str] = {}
        self._at = ""
        self.pages: list[Page] = []

    def get(self, path: str) -> Page:
        """Open a page."""
        page = self._open(path, None)
        self._at, self._hidden = path, page.hidden
        return page

    def follow(self, page: Page) -> Page:
        """Follow a redirect."""
        assert page.status in {302, 303}, (page.status, page.url)
        return self.get(page.location)

    def send(self, path: str | None = None, **fields: Any) -> Page:
        """Send a form with what its page sends along unseen: to the page in sight by default."""
        return self._open(path or self._at, {**self._hidden, **fields})

    def _open(self, path: str, fields: dict[str, Any] | None) -> Page:
        body = None if fields is None else urlencode(fields, doseq=True).encode()
        headers = {"Referer": self._base + self._at} if self._at else {}
        request = urllib.request.Request(self._base + path, data=body, headers=headers)
        try:
            answer = self._opener.open(request, timeout=_SECONDS)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode("utf-8")
        location = answer.headers.get("Location", "").removeprefix(self._base)
        page = Page(answer.status or 0, request.full_url, str(answer.headers), location, text)
        self.pages.append(page)
        if page.status == _SHOWS_THE_FORM_AGAIN:
            self._hidden = page.hidden
        return page
