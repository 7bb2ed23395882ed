"""No barrier of WCAG 2.2 A and AA is found on any page, in any theme, language and size."""

import pytest
from playwright.sync_api import Page

from directory.config import PROJECT_FOLDER
from tests.face.sight import Seen, barriers

pytestmark = pytest.mark.browser
with_others = pytest.mark.xdist_group("browser")  # beside the walks, which have groups of their own


def test_no_page_has_a_barrier(seen: Seen) -> None:
    if seen.advice:  # not part of WCAG: shown with -rP
        print("Good practice, besides:", *seen.advice, sep="\n")
    assert not seen.barriers, "\n".join(seen.barriers)


def test_no_color_depends_on_the_language() -> None:
    # In `make test` the dark theme is looked at in English: it is the same in Spanish.
    style = (PROJECT_FOLDER / "directory/static/site.css").read_text(encoding="utf-8")
    assert ":lang(" not in style
    assert "[lang" not in style


@with_others
@pytest.mark.parametrize("size", ["phone"])
@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ("<img src='/static/favicon.svg'>", "image-alt"),
        ("<p class='low'>Hardly to be read</p>", "color-contrast"),
        ("<details><summary>More</summary><input></details>", "label"),
        ("<a href='/'>1</a><a href='/data'>2</a>", "target-size"),
    ],
)
def test_a_barrier_is_found(page: Page, markup: str, rule: str) -> None:
    page.goto("/privacy")
    page.evaluate(
        """(markup) => {
          document.querySelector("main h1").insertAdjacentHTML("afterend", `<div>${markup}</div>`);
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`.low { color: #777; background: #888; }
            h1 + div a { display: inline-block; font-size: 4px; line-height: 5px; }`);
          document.adoptedStyleSheets = [sheet];
        }""",
        markup,
    )
    assert rule in {found for found, is_law, _text in barriers(page) if is_law}
