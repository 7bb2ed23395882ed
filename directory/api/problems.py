"""API errors as RFC 9457 problem details, with the invalid parameter."""

import enum
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.exceptions import MethodNotAllowed

from directory.api.cors import let_read
from directory.core.errors import DirectoryError

API_PATH = "/api/"
_RETRY_SECONDS = "60"
_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address can only be read, with GET, HEAD or OPTIONS.",
    413: "What was sent is too large.",
    429: "This is more than can be taken at once. Try again later.",
    500: "Something went wrong on our side. Try again in a minute.",
    503: "The database does not answer right now. Try again in a minute.",
}


class ParameterProblem(enum.StrEnum):
    """Why a parameter is rejected."""

    UNKNOWN = "unknown"  # there is no parameter of this name
    REPEATED = "repeated"  # given several times, though it has one value
    INVALID = "invalid"
    TOO_LONG = "too-long"
    MISSING = "missing"
    PLACE_NOT_FOUND = "place-not-found"
    EXPIRED = "expired"  # the version is kept no longer


class BadParameterError(DirectoryError):
    """A parameter cannot be answered; the text says what to do, and never what was typed."""

    def __init__(
        self,
        parameter: str,
        reason: ParameterProblem,
        detail: str,
        *,
        suggestions: Sequence[str] = (),
    ) -> None:
        super().__init__(detail)
        self.parameter = parameter
        self.reason = reason
        self.suggestions = suggestions


def is_asked_by_program() -> bool:
    """Return whether the request is for JSON, even if routing failed."""
    return request.path.startswith(API_PATH)


def bad_parameter(error: BadParameterError) -> Response:
    """Answer with the name of the parameter, and the reason."""
    members: dict[str, Any] = {"parameter": error.parameter, "reason": error.reason}
    if error.reason is ParameterProblem.PLACE_NOT_FOUND:
        members["suggestions"] = list(error.suggestions)
    status = HTTPStatus.GONE if error.reason is ParameterProblem.EXPIRED else HTTPStatus.BAD_REQUEST
    return problem(status, str(error), **members)


def problem(status: int, detail: str | None = None, **members: Any) -> Response:
    """Return an error as problem details."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or _DETAILS.get(status, "The request was not understood."),
        **members,
    }
    response = Response(
        json.dumps(content, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
    )
    response.headers["Cache-Control"] = "no-store"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = _RETRY_SECONDS
    refused = request.routing_exception
    if isinstance(refused, MethodNotAllowed) and refused.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(refused.valid_methods))
    let_read(response)
    return response
