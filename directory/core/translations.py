"""The translations of a request, looked up once per request.

Flask-Babel determines the language again for every text, which took half the time of a page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, g
from flask_babel import force_locale, get_translations

_KEY = "directory_translations"


def init_translations(app: Flask) -> None:
    """Make templates use this lookup; call it after setting up Flask-Babel."""
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
    """Use this language within the block, regardless of the request's language."""
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
