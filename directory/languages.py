"""English at the root, other languages under a prefix such as ``/es``."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, g, has_request_context, request
from flask_babel import Babel

from directory.core.translations import init_translations

DEFAULT = "en"
OTHERS: tuple[str, ...] = ()  # "es" joins with its translations
_KEY = "directory.language"

WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class LanguagePrefix:
    """Moves the prefix of a path into SCRIPT_NAME, so that every link of the page keeps it."""

    def __init__(self, app: WSGIApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        first, slash, rest = environ.get("PATH_INFO", "")[1:].partition("/")
        if first in OTHERS:
            environ[_KEY] = first
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{first}"
            environ["PATH_INFO"] = f"{slash or '/'}{rest}"
        return self._app(environ, start_response)


def current_language() -> str:
    """Return the language of the request: of its address, else on the home page the browser's."""
    if not has_request_context():
        return DEFAULT
    if "language" not in g:
        g.language = request.environ.get(_KEY) or _preferred()
    language: str = g.language
    return language


def init_languages(app: Flask) -> None:
    """Translate what this application says."""
    Babel(app, locale_selector=current_language, default_locale=DEFAULT)
    init_translations(app)
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]


def _preferred() -> str:
    if request.path != "/" or not OTHERS:
        return DEFAULT
    return request.accept_languages.best_match([DEFAULT, *OTHERS], default=DEFAULT)
