"""Counts of four digits and more are written as people of each language write them."""

from types import SimpleNamespace

import pytest
from flask import Flask, render_template_string

from directory.core.translations import in_language

_SHOWN = """{% from "macros/facts.html" import treatments with context %}
{{- treatments(evidence) }}; {% include "search/_heading.html" %}"""


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["1,234 treatments", "12,345 professionals"]),
        ("es", ["1,234 tratamientos", "12,345 profesionales"]),
    ],
)
def test_a_large_count_is_separated(app: Flask, language: str, said: list[str]) -> None:
    with app.test_request_context(), in_language(language):
        shown = render_template_string(
            _SHOWN,
            evidence=SimpleNamespace(treatments=1234, year=2024),
            place=SimpleNamespace(label="Evanston, IL", precision="city"),
            criteria=SimpleNamespace(name=""),
            page=SimpleNamespace(
                total=12345, radius_miles=250, criteria=SimpleNamespace(name=None)
            ),
        )
    for each in said:
        assert each in shown
