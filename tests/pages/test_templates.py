"""Rules that hold for every template and for the stylesheet."""

import gzip
import re
from pathlib import Path

import pytest

from directory.config import PROJECT_FOLDER

FOLDER = PROJECT_FOLDER / "directory"
PAGES = [file for file in (FOLDER / "templates").rglob("*.html") if "email" not in file.parts]
_INLINE = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)")
_LOGIC = re.compile(r"{%-?\s*(call|filter|autoescape|do|with|raw)\b")


@pytest.fixture(params=PAGES, ids=lambda file: f"{file.parent.name}/{file.name}")
def template(request: pytest.FixtureRequest) -> str:
    file: Path = request.param
    return file.read_text(encoding="utf-8")


def test_a_template_is_at_most_120_lines_long(template):
    assert len(template.splitlines()) <= 120


def test_a_template_holds_nothing_that_the_policy_forbids(template):
    assert not _INLINE.search(template)


def test_a_template_uses_only_simple_logic(template):
    assert not _LOGIC.search(template)


def test_the_stylesheet_stays_small():
    content = (FOLDER / "static" / "site.css").read_bytes()

    assert len(gzip.compress(content)) < 15_000


def test_the_stylesheet_loads_nothing_from_anyone_else():
    content = (FOLDER / "static" / "site.css").read_text(encoding="utf-8")

    assert not re.search(r"url\(\"(?!data:)", content)
    assert "@import" not in content
