"""The site with additional constant pages: what serving costs without a database.

For gunicorn: ``benchmarks.search.control:make_site()``. The constant pages go through the same
server, application, headers and templates; only who is shown is known beforehand.
"""

import os
from typing import Any

from flask import Flask, Response, render_template, template_rendered

from directory import create_app
from directory.config import Settings

CONSTANT_PAGE = "/constant/page"
CONSTANT_JSON = "/constant/json"
_PAGE = "text/html; charset=utf-8"
_OF_THE_REQUEST = ("g", "request", "session")


def make_site() -> Flask:
    """Build the site for the database in the environment, with the constant pages."""
    settings = Settings.from_environ(os.environ)
    # Asked once, for what the constants are made of; an application that has answered is
    # finished, so the pages belong to another.
    source, site = create_app(settings), create_app(settings)
    name, values = _rendered(source, os.environ["CONSTANT_FROM_PAGE"])
    body, content_type = _answered(source, os.environ["CONSTANT_FROM_JSON"])

    def constant_page() -> Response:
        """Render the page from the values it was made of the first time."""
        return Response(render_template(name, **values), content_type=_PAGE)

    def constant_json() -> Response:
        """Answer with the same bytes every time."""
        return Response(body, content_type=content_type)

    site.add_url_rule(CONSTANT_PAGE, view_func=constant_page)
    site.add_url_rule(CONSTANT_JSON, view_func=constant_json)
    return site


def _answered(app: Flask, path: str) -> tuple[bytes, str]:
    answer = app.test_client().get(path)
    return answer.data, answer.content_type


def _rendered(app: Flask, path: str) -> tuple[str, dict[str, Any]]:
    """Return the template of a page, and the values that it was rendered with."""
    seen: list[tuple[str, dict[str, Any]]] = []

    def note(_app: Flask, template: Any, context: dict[str, Any], **_more: Any) -> None:
        seen.append((template.name, context))

    with template_rendered.connected_to(note, app):
        answer = app.test_client().get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    # What a page includes is not rendered by itself, so the last is the page.
    name, values = seen[-1]
    return name, {key: value for key, value in values.items() if key not in _OF_THE_REQUEST}
