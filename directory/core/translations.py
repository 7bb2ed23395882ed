"""The translations of a request, looked up once.

Flask-Babel works its language out anew for every text, which took half the time of a page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, g
from flask_babel import force_locale, get_translations

_KEY = "directory_translations"


def init_translations(app: Flask) -> None:
    """Have templates ask here; after Flask-Babel was set up."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _translations().ugettext(text),
        ngettext=lambda one, many, number: _translations().ungettext(one, many, number),
        pgettext=lambda context, text: _translations().upgettext(context, text),
        npgettext=lambda context, one, many, number: _translations().unpgettext(
            context, one, many, number
        ),
        newstyle=True,
    )


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Say everything within in this language, whatever the request's is."""
    before = g.pop(_KEY, None)
    try:
        with force_locale(language):
            yield
    finally:
        g.pop(_KEY, None)
        if before is not None:
            setattr(g, _KEY, before)


def _translations() -> Any:
    found = g.get(_KEY)
    if found is None:
        found = get_translations()
        setattr(g, _KEY, found)
    return found
