"""English at the root, other languages under a prefix such as ``/es``."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel
from werkzeug import Request
from werkzeug.wrappers import Response

from directory.core.translations import init_translations

DEFAULT = "en"
OTHERS: tuple[str, ...] = ("es",)
# The home page in English for a browser that prefers another language.
HOME_IN_DEFAULT = f"/?language={DEFAULT}"
_KEY = "directory.language"
_KEPT_IN_URLS = "%/:?@!$&'()*+,;=~"  # what has a meaning there, or is quoted already

WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class LanguagePrefix:
    """Moves the prefix of a path into SCRIPT_NAME, so that every link of the page keeps it."""

    def __init__(self, app: WSGIApp) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        first, slash, rest = environ.get("PATH_INFO", "")[1:].partition("/")
        if first in OTHERS:
            environ["PATH_INFO"] = f"{slash or '/'}{rest}"
        else:
            first = _of_browser(environ)
        if first in OTHERS:
            environ[_KEY] = first
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{first}"
        return self._app(environ, start_response)


def current_language() -> str:
    """Return the language of the request: of its address, else on the home page the browser's."""
    return request.environ.get(_KEY, DEFAULT) if has_request_context() else DEFAULT


def other_language_url() -> str | None:
    """Return this page, with its query, in the other language; None where it is not to be had."""
    if not OTHERS or not has_request_context() or request.endpoint is None:
        return None
    if request.method not in {"GET", "HEAD"} and not _can_be_read(request.path):
        return None
    path = quote(request.path, _KEPT_IN_URLS.replace("%", "").replace("?", ""))
    query = f"?{quote(request.query_string, _KEPT_IN_URLS)}" if request.query_string else ""
    if current_language() == DEFAULT:
        return f"/{OTHERS[0]}{path}{query}"
    if path == "/" and not query:
        return HOME_IN_DEFAULT
    return f"{path}{query}"


def init_languages(app: Flask) -> None:
    """Set up translations and language prefixes."""
    app.extensions["languages"] = (DEFAULT, *OTHERS)
    Babel(app, locale_selector=current_language, default_locale=DEFAULT)
    init_translations(app)
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]
    app.after_request(_say_language)


def _can_be_read(path: str) -> bool:
    return current_app.url_map.bind("").test(path, "GET")


def _of_browser(environ: dict[str, Any]) -> str:
    """Return the language that the browser prefers, on the home page without parameters."""
    if environ.get("PATH_INFO", "") not in ("", "/") or environ.get("QUERY_STRING"):
        return DEFAULT
    return Request(environ).accept_languages.best_match([DEFAULT, *OTHERS], default=DEFAULT)


def _say_language(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Language", current_language())
    if request.path == "/":
        response.vary.add("Accept-Language")
    return response
