"""What holds for every page of the form: one heading, a label for each field, links that lead."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from tests.inquiries.patient import FORM, STEPS, begin, fill_in, open_browser, open_clinic

PAGES = ("who", *STEPS, "code", "carried", "cleared")


class Page(HTMLParser):
    """Collects what has to fit together."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.fields: list[str | None] = []
        self.labels: set[str | None] = set()
        self.targets: set[str] = set()
        self.described: set[str] = set()
        self.headings = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.headings += tag == "h1"
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            self.fields.append(given.get("id"))
        if tag == "label":
            self.labels.add(given.get("for"))
        if tag == "a" and (given.get("href") or "").startswith("#"):
            self.targets.add((given["href"] or "")[1:])
        self.described |= set((given.get("aria-describedby") or "").split())


def check(text: str) -> None:
    page = Page(text)
    assert page.headings == 1
    assert len(page.ids) == len(set(page.ids))
    assert [field for field in page.fields if field not in page.labels] == []
    assert page.targets | page.described <= set(page.ids)
    assert not re.search(r"\sstyle=|\son\w+=", text)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_form_fits_together(app: Flask, page: str) -> None:
    browser, clinic = open_browser(app), open_clinic()
    open_clinic()
    fill_in(browser, clinic)
    check(browser.get(f"/inquiry/{page}").text)


@pytest.mark.parametrize("step", ["new", *STEPS[:3]])
def test_a_page_with_mistakes_leads_to_each_of_them(app: Flask, step: str) -> None:
    browser, clinic = open_browser(app), open_clinic()
    answer = begin(browser, clinic, **({"email": "no", "asks_for": ""} if step == "new" else {}))
    if step != "new":
        typed = {**dict.fromkeys(FORM, "nonsense"), "preventive_1_name": "x", "safety": "x"}
        answer = browser.post(f"/inquiry/{step}", data=typed)
    assert answer.status_code == 422
    assert 'aria-labelledby="error-summary"' in answer.text
    check(answer.text)
