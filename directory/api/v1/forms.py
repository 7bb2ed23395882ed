"""The parameters of the API, with strict validation."""

from collections.abc import Mapping

from directory.api.problems import BadParameterError, ParameterProblem
from directory.search.index.name_words import parse_name
from directory.search.query.request import PARAMETERS, ParameterError, SearchRequest, parse_search

_SEVERAL = {"evidence", "specialty", "language"}
_LONGEST = {"near": 200, "name": 100}
_LONGEST_NAME_SHOWN = 50


def parse_listings(arguments: Mapping[str, list[str]]) -> SearchRequest:
    """Check the parameters as the results page does, and more strictly.

    Raises `BadParameterError` for an unknown name, a repetition, or a text that a person would
    be helped with but a program would misread.
    """
    for name, values in arguments.items():
        _check(name, values)
    try:
        asked = parse_search(arguments)
    except ParameterError as error:
        detail = f"{error.name} must be {error.expected}."
        raise BadParameterError(error.name, ParameterProblem.INVALID, detail) from error
    if asked.name and not parse_name(asked.name):
        detail = "name must hold a word of two letters or more, or an NPI."
        raise BadParameterError("name", ParameterProblem.INVALID, detail)
    if not asked.near and not asked.name:
        detail = "Say where to look with near, or for whom with name."
        raise BadParameterError("near", ParameterProblem.MISSING, detail)
    return asked


def _check(name: str, values: list[str]) -> None:
    if name not in PARAMETERS:
        known = ", ".join(PARAMETERS)
        detail = f"There is no such parameter; there are {known}."
        raise BadParameterError(name[:_LONGEST_NAME_SHOWN], ParameterProblem.UNKNOWN, detail)
    if len(values) > 1 and name not in _SEVERAL:
        raise BadParameterError(name, ParameterProblem.REPEATED, f"{name} may be given once.")
    if name in _LONGEST and len(values[0]) > _LONGEST[name]:
        detail = f"{name} may have {_LONGEST[name]} characters."
        raise BadParameterError(name, ParameterProblem.TOO_LONG, detail)
