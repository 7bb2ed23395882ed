"""The styleguide: every piece of the design, made by the same macros as the pages."""

import functools
import re
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask_babel import get_locale

from directory.core.db.database import db
from directory.demo.sample_form import unsent_form, wrong_form
from directory.demo.sample_results import ASKED, EVIDENCE, PLACE, found, nobody
from directory.demo.stylesheet import colors, spaces
from directory.search.index.data_versions import version_of_request
from directory.search.map.map_figure import figure_of
from directory.search.results.cards import card_part
from directory.search.results.filter_choices import counted_within, filter_groups, sort_options

styleguide_bp = Blueprint("styleguide", __name__, url_prefix="/styleguide")


@styleguide_bp.before_request
def only_in_a_demo() -> None:
    """Hide the pages where the people are real."""
    if not version_of_request(db.session()).is_demo:
        abort(404)


@styleguide_bp.get("")
def pieces() -> str:
    """Show every piece, with a line on when to use it."""
    css = Path(current_app.static_folder or "", "site.css").read_text(encoding="utf-8")
    return render_template(
        "demo/styleguide.html",
        colors=colors(css),
        spaces=spaces(css),
        evidence=EVIDENCE,
        form=unsent_form(),
        icon_names=_icon_names(),
        **_search_results(),
    )


@styleguide_bp.get("/mistakes")
def mistakes() -> str:
    """Show a form that comes back with mistakes: the summary takes the focus, so it is apart."""
    return render_template("demo/styleguide_mistakes.html", form=wrong_form())


def _search_results() -> dict[str, Any]:
    """Return what the parts of the results page ask for, about invented people."""

    def nowhere(*_given: object, **_changes: object) -> str:
        return url_for("styleguide.pieces", _anchor="results")

    page = found()
    return {
        "page": page,
        "nobody": nobody(),
        "criteria": ASKED,
        "place": PLACE,
        "figure": figure_of(PLACE, page.radius_miles, [each.card.point for each in page.results]),
        "choices": (),
        "names": (),
        "shown_evidence": set(),
        "filters": filter_groups(ASKED, page),
        "sort_options": sort_options(ASKED),
        "counted_within": counted_within(page),
        "kept_by_filters": (),
        "without_filters": nowhere(),
        "provider_url": url_for("profiles.provider", npi=""),
        "near_query": "",
        "card_part": functools.partial(
            card_part,
            language=str(get_locale()),
            script_root=request.script_root,
            tag=version_of_request(db.session()).tag,
        ),
        "search_url": nowhere,
        "page_url": nowhere,
    }


def _icon_names() -> list[str]:
    env = current_app.jinja_env
    assert env.loader is not None
    source, _file, _is_current = env.loader.get_source(env, "macros/icons.html")
    return re.findall(r'name == "([\w-]+)"', source)
