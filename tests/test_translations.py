"""Every text has a valid Spanish translation, and the pages show it."""

import functools
import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask import Flask

from directory.care.specialties import TAXONOMY_NAMES
from directory.config import PROJECT_FOLDER
from directory.core.db.database import writing
from directory.profiles.labels import TAXONOMY_LABELS
from directory.web.template_globals import moment
from tests.factories import make_location, make_provider
from tests.inquiries.patient import open_browser

FOLDER = PROJECT_FOLDER / "directory" / "translations" / "es" / "LC_MESSAGES"
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
TAG = re.compile(r"</?[a-z][^>]*>")


@functools.cache
def source() -> Catalog:
    """Return the texts of the program, as `make texts` collects them."""
    with (PROJECT_FOLDER / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    folder = str(PROJECT_FOLDER / "directory")
    found = extract_from_dir(folder, methods, options, keywords=KEYWORDS)
    catalog = Catalog()
    for _file, _line, text, _comments, context in found:
        catalog.add(text, context=context)
    return catalog


@functools.cache
def spanish() -> Catalog:
    """Return the translations under version control."""
    with (FOLDER / "messages.po").open("rb") as file:
        return read_po(file, locale="es")


def forms_of(text: Any) -> tuple[str, ...]:
    """Return the singular and the plural of a text; one form where there is no plural."""
    return tuple(text) if isinstance(text, list | tuple) else (text,)


def strings_of(file: BinaryIO) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return what a compiled file holds, but for its header, which names the tool."""
    file.seek(0)
    return {forms_of(each.id): forms_of(each.string) for each in read_mo(file) if each.id}


def pairs() -> Iterator[tuple[Message, str, str]]:
    """Yield each translated form with the English one."""
    for message in spanish():
        if message.id:
            for english, translated in zip(
                forms_of(message.id), forms_of(message.string), strict=True
            ):
                yield message, english, translated


def test_every_text_has_a_translation() -> None:
    missing = [
        each.id for each in source() if each.id and spanish().get(each.id, each.context) is None
    ]
    assert missing == [], "run: make texts, then translate"


def test_no_translation_is_empty_or_only_a_guess() -> None:
    empty = [message.id for message, _, translated in pairs() if not translated.strip()]
    guessed = [message.id for message in spanish() if message.id and message.fuzzy]
    assert (empty, guessed) == ([], [])


def test_a_translation_has_the_placeholders_of_its_text() -> None:
    wrong = [
        message.id
        for message, english, translated in pairs()
        if sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(translated))
    ]
    assert wrong == []
    assert [message.id for message, errors in spanish().check() if errors] == []


def test_no_translation_has_an_additional_percent_sign() -> None:
    lone = [message.id for message, _, text in pairs() if "%" in PLACEHOLDER.sub("", text)]
    assert lone == []


def test_a_translation_has_the_tags_of_its_text() -> None:
    wrong = [
        message.id
        for message, english, translated in pairs()
        if sorted(TAG.findall(english)) != sorted(TAG.findall(translated))
    ]
    assert wrong == []


def test_no_translation_shouts() -> None:
    assert [message.id for message, _, text in pairs() if re.search("[!¡]", text)] == []


def test_the_compiled_file_is_made_of_the_translations() -> None:
    wanted = io.BytesIO()
    write_mo(wanted, spanish())
    with (FOLDER / "messages.mo").open("rb") as file:
        assert strings_of(file) == strings_of(wanted), "run: make texts"


def test_every_name_of_a_taxonomy_is_marked_for_translation() -> None:
    assert {str(label) for label in TAXONOMY_LABELS} == set(TAXONOMY_NAMES.values())


def test_the_home_page_is_in_spanish(app: Flask) -> None:
    page = open_browser(app).get("/es/").text
    assert '<html lang="es">' in page
    assert "Código postal o ciudad" in page
    assert "Buscar profesionales" in page


def test_the_results_are_in_spanish(app: Flask) -> None:
    with writing() as session:
        make_location(session, make_provider(session, treatments=61))
    page = open_browser(app).get("/es/search?near=60201").text
    assert '<html lang="es">' in page
    for words in ("1 profesional a menos de", "Neurología", "Documentado: 61 tratamientos"):
        assert words in page
    assert 'href="/es/providers/' in page


def test_a_day_is_written_as_in_spanish(app: Flask) -> None:
    with writing() as session:
        npi = make_location(session, make_provider(session)).npi
    page = open_browser(app).get(f"/es/providers/{npi}").text
    assert "2 de noviembre de 2026" in page
    assert "November" not in page


def test_a_moment_is_written_as_in_spanish(app: Flask) -> None:
    with app.test_request_context("/", environ_overrides={"directory.language": "es"}):
        assert moment(datetime(2026, 10, 3, 14, 5)) == "3 de octubre de 2026, 2:05\xa0p.m. UTC"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"fact": "phone", "message": " "}, "Diga qué es incorrecto."),
        ({"fact": "phone", "message": "y" * 1001}, "1000 caracteres"),
        ({"fact": "x", "message": "y"}, "Elija solo entre lo que se ofrece aquí."),
    ],
)
def test_errors_of_a_form_are_in_spanish(app: Flask, form: dict[str, str], words: str) -> None:
    with writing() as session:
        npi = make_location(session, make_provider(session)).npi
    answer = open_browser(app).post(f"/es/providers/{npi}/report", data=form)
    assert answer.status_code == 422
    assert words in answer.text
