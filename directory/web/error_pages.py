"""Error pages: what happened, and what to do next."""

import sqlite3
import traceback
from pathlib import Path

from flask import Flask, current_app, g, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from directory.api.problems import is_asked_by_program, problem
from directory.clinics.queries import get_clinic
from directory.core.db.database import db
from directory.core.errors import NotFoundError, RefusedError, TooManyError
from directory.providers.queries import ProviderNotFoundError
from directory.search.query.request import ParameterError

Page = tuple[str | Response, int]


def register_error_pages(app: Flask) -> None:
    """Register the error handlers."""
    app.register_error_handler(NotFoundError, _not_found)
    app.register_error_handler(ParameterError, _bad_parameter)
    app.register_error_handler(TooManyError, _too_many)
    app.register_error_handler(RefusedError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(DBAPIError, _database_failing)
    app.register_error_handler(PoolTimeoutError, _database_failing)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _page(
    status: int, title: str, message: str, *, phone: str | None = None, may_try_again: bool = False
) -> Page:
    if is_asked_by_program():
        return problem(status), status
    actions = [(_("Search again"), url_for("pages.home"))]
    if may_try_again and request.method == "GET":
        again = f"{request.script_root}{request.full_path}".removesuffix("?")
        actions.insert(0, (_("Try again"), again))
    page = render_template(
        "errors/error.html", title=title, message=message, actions=actions, phone=phone
    )
    return page, status


def _not_found(error: NotFoundError) -> Page:
    if isinstance(error, ProviderNotFoundError):
        message = _("We know no professional with this number. They may have been removed.")
    else:
        message = _("This page is not here, or its link is no longer valid.")
    return _page(404, _("Not found"), message)


def _bad_parameter(error: ParameterError) -> Page:
    message = _(
        "The address of this page asks for something we do not know: %(name)s must be "
        "%(expected)s.",
        name=error.name,
        expected=error.expected,
    )
    return _page(400, _("This search cannot be read"), message)


def _too_many(_error: TooManyError) -> Page:
    message = _("This is more than we can take at once. Try again in an hour, or call the clinic.")
    page, status = _page(429, _("Too many at once"), message, phone=_clinic_phone())
    response = current_app.make_response(page)
    response.headers["Retry-After"] = "3600"
    return response, status


def _refused(_error: RefusedError) -> Page:
    message = _("This clinic takes no inquiries here at the moment. Please call it.")
    return _page(409, _("This cannot be sent"), message, phone=_clinic_phone())


def _stale_form(_error: CSRFError) -> Page:
    message = _(
        "This form was open for a long time. Go back, reload the page and send it again; "
        "what you typed is still in your browser."
    )
    return _page(400, _("Please send it again"), message)


def _database_failing(error: DBAPIError | PoolTimeoutError) -> Page:
    original = getattr(error, "orig", None)
    # The text of the error may hold values of the statement, so only its kind is logged.
    kind = type(original or error).__name__
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    current_app.logger.error("database error", extra={"kind": kind, "code": code})
    if isinstance(original, sqlite3.ProgrammingError | sqlite3.IntegrityError):
        return _unexpected(error)
    message = _("Nothing has been sent. It is safe to try again in a minute.")
    return _page(503, _("We cannot answer right now"), message, may_try_again=True)


def _http_error(error: HTTPException) -> Page | HTTPException:
    status = error.code or 500
    texts = {
        404: (_("Not found"), _("This page is not here. You can search again from the start.")),
        405: (_("Not possible here"), _("This page cannot be used in this way.")),
        413: (
            _("Too much at once"),
            _("What was sent is too large. Go back: your text should still be there. Shorten it."),
        ),
        429: (_("Too many at once"), _("Try again in an hour, or call the clinic.")),
    }
    if status < 400:
        return error
    fallback = (_("This cannot be read"), _("The request was not understood. Go back, try again."))
    title, message = texts.get(status, fallback)
    return _page(status, title, message)


def _unexpected(error: Exception) -> Page:
    # Where it happened, without the text of the error: that may hold what somebody typed.
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    current_app.logger.error(
        "unexpected error",
        extra={"kind": type(error).__name__, "endpoint": request.endpoint, "where": where},
    )
    message = _("Something went wrong on our side. Nothing has been sent. Try again in a minute.")
    return _page(500, _("Something went wrong"), message, may_try_again=True)


def _clinic_phone() -> str | None:
    """Return the phone number of the clinic that the request was about, as a way on."""
    if "clinic_phone" in g:
        phone: str | None = g.clinic_phone
        return phone
    public_id = request.args.get("clinic")
    try:
        return get_clinic(db.session(), public_id).phone if public_id else None
    except NotFoundError:
        return None
