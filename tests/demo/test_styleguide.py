"""The styleguide shows every piece, only where people are invented, and no class is left over."""

import re
from datetime import date

import pytest

from directory.config import PROJECT_FOLDER
from directory.core.clock import utc_now
from directory.core.db.database import writing
from directory.demo.stylesheet import colors, contrast, spaces
from directory.providers.models import Release, Source

FOLDER = PROJECT_FOLDER / "directory"
CSS = (FOLDER / "static" / "site.css").read_text(encoding="utf-8")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CLASS = re.compile(r"\.([a-z][\w-]*)")
_WORD = re.compile(r"[a-z][\w-]*")
# Where a template, a field or a script gives something its classes.
_GIVEN = re.compile(
    r"""class(?:_|Name|List\.\w+)?"?\s*[=(,:]\s*(?:"((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"|'([^']*)')"""
)


@pytest.fixture
def demo(app):
    """A browser on a site whose people are invented."""
    released = date(2026, 11, 1)
    facts = {"file_name": "seeds/demo", "file_digest": "", "is_full": True, "rows": 1}
    with writing() as session:
        session.add(Release(source=Source.DEMO, released_on=released, loaded_at=utc_now(), **facts))
    return app.test_client()


def classes_of(css: str) -> set[str]:
    """Return the classes that the stylesheet has rules for."""
    selectors = re.findall(r"([^{};]+)\{", _COMMENT.sub("", css))
    return {name for each in selectors if "@" not in each for name in _CLASS.findall(each)}


def classes_given() -> set[str]:
    """Return every class that a template, a form or a script may give."""
    files = [
        *(FOLDER / "templates").rglob("*.html"),
        *(FOLDER / "static").glob("*.js"),
        *FOLDER.rglob("*.py"),
    ]
    found: set[str] = set()
    for file in files:
        for double, single in _GIVEN.findall(file.read_text(encoding="utf-8")):
            found.update(_WORD.findall(double or single))
    return found


@pytest.mark.parametrize("path", ["/styleguide", "/es/styleguide", "/styleguide/mistakes"])
def test_the_styleguide_is_shown_where_people_are_invented_and_found_by_nobody(demo, path):
    page = demo.get(path)

    assert page.status_code == 200
    assert '<meta name="robots" content="noindex">' in page.text
    assert page.text.count("<h1") == 1


@pytest.mark.parametrize("path", ["/styleguide", "/styleguide/mistakes"])
def test_there_is_no_styleguide_where_people_are_real(app, path):
    assert app.test_client().get(path).status_code == 404


def test_its_ids_are_different_and_its_links_lead_to_them(demo):
    page = demo.get("/styleguide").text
    ids = re.findall(r'\sid="([^"]+)"', page)

    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_it_shows_every_icon_and_every_color(demo):
    page = demo.get("/styleguide").text
    icons = (FOLDER / "templates" / "macros" / "icons.html").read_text(encoding="utf-8")

    for name in re.findall(r'name == "([\w-]+)"', icons):
        assert f"<code>{name}</code>" in page
    for color in colors(CSS):
        assert color.light in page
        assert color.dark in page


def test_mistakes_are_named_on_top_and_at_their_fields(demo):
    page = demo.get("/styleguide/mistakes").text

    assert page.index('role="alert"') < page.index('aria-invalid="true"')
    assert page.count("Enter your name.") == 2


@pytest.mark.parametrize("color", colors(CSS), ids=lambda color: color.name)
def test_what_stands_on_a_ground_can_be_told_from_it_in_both_themes(color):
    if color.needs is not None:
        assert min(color.light_contrast, color.dark_contrast) >= color.needs


def test_contrast_is_counted_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_a_distance_used_once_is_no_step_of_the_scale():
    css = "a { margin: 1rem 1rem; padding: 1rem; gap: 1rem 1rem; font-size: 3rem; top: 2.75rem; }"

    assert spaces(css + "b { margin: .5rem }") == [1.0]


def test_every_class_of_the_stylesheet_is_shown_or_used(demo):
    shown = " ".join(re.findall(r'class="([^"]*)"', demo.get("/styleguide").text))

    assert classes_of(CSS) - classes_given() - set(shown.split()) == set()


def test_a_rule_for_nothing_would_be_found():
    assert classes_of(".left-over:hover { margin: 0 } /* .no */") - classes_given() == {"left-over"}
