"""Pictures of every page: `make screenshots`.

Eight of each: phone and desk, light and dark, English and Spanish; and one sheet with all eight.
Only some of them: `make screenshots PAGES="home results"`.
"""

import os
import shutil
import sys
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from directory.config import PROJECT_FOLDER
from tests.browsing import SIZES
from tests.chromium import find_chromium
from tests.face.pages import walk
from tests.face.visitor import LANGUAGES, Stop, Visitor
from tests.site import Site, running_site

FOLDER = PROJECT_FOLDER / "screenshots"
_THEMES = ("light", "dark")
# Pictures wait until they are scrolled to; here they are all wanted at once.
_LOAD_ALL = """() => Promise.all([...document.images].map((each) => {
  each.loading = "eager";
  return each.decode().catch(() => {});
}))"""
# Two rows, one a language.
_SHEET = """<!doctype html><style>
  body { display: grid; grid: repeat(2, auto) / repeat(2, 170px) repeat(2, 620px); gap: 8px;
    grid-auto-flow: column; align-items: start; }
  img { width: 100%; }
</style>"""


def main() -> None:
    """Walk through the site in each language, and put the pictures into an empty folder."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("Chromium is missing; install it with: apt-get install chromium")
    wanted = tuple(os.environ.get("PAGES", "").split())  # how their names begin
    if not wanted:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        with running_site(Path(folder), INQUIRIES_PER_HOUR="1000", FORM_SECONDS="0") as site:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-quic"]
            )
            names = [photograph(browser, site, language, wanted) for language in LANGUAGES]
            assert names[0] == names[1], set(names[0]) ^ set(names[1])
            make_sheets(browser, names[0])
            browser.close()
    print(f"{len(names[0])} pages, {8 * len(names[0])} pictures in {FOLDER.name}/")


def photograph(browser: Browser, site: Site, language: str, wanted: tuple[str, ...]) -> list[str]:
    """Take four pictures of every page in a language; return the names of the pages."""
    width, height = SIZES["phone"]
    context = browser.new_context(base_url=site.url, viewport={"width": width, "height": height})
    names = []
    for stop in walk(Visitor(site, context.new_page(), language)):
        if wanted and not stop.name.startswith(wanted):
            continue
        for size, theme in product(SIZES, _THEMES):
            _take(stop, size, theme, language)
        _show_as(stop.page, "phone", "light")
        names.append(stop.name)
    context.close()
    return names


def make_sheets(browser: Browser, names: list[str]) -> None:
    """Put the eight pictures of each page side by side."""
    page = browser.new_page(viewport={"width": 1640, "height": 1000})
    sheet = FOLDER / "sheet.html"
    for name in names:
        files = [_file(name, *each) for each in product(SIZES, _THEMES, LANGUAGES)]
        pictures = "".join(f'<img src="{each.name}">' for each in files)
        sheet.write_text(_SHEET + pictures)
        page.goto(sheet.as_uri())
        page.evaluate(_LOAD_ALL)
        page.screenshot(path=FOLDER / f"{name}.png", full_page=True)
    sheet.unlink()
    page.close()


def _take(stop: Stop, size: str, theme: str, language: str) -> None:
    _show_as(stop.page, size, theme)
    stop.page.evaluate(_LOAD_ALL)
    path = _file(stop.name, size, theme, language)
    stop.page.screenshot(path=path, full_page=True, animations="disabled")


def _show_as(page: Page, size: str, theme: str) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")


def _file(name: str, size: str, theme: str, language: str) -> Path:
    return FOLDER / f"{name}-{size}-{theme}-{language}.png"


if __name__ == "__main__":
    main()
