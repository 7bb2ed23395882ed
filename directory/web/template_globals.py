"""What every template can use: dates, distances, names of things."""

from datetime import datetime
from typing import Any

from flask import Flask, current_app, has_request_context
from flask_babel import get_locale
from sqlalchemy.exc import SQLAlchemyError

from directory.care.procedures import MIGRAINE_INJECTION
from directory.core.db.database import db
from directory.core.formats import clock_text, day_text, list_text, number_text
from directory.core.text import phone_text, phone_url
from directory.geo.states import STATES
from directory.profiles.labels import SPECIALTY_NAMES, language_name, taxonomy_label
from directory.search.index.data_versions import version_of_request
from directory.web.languages import other_language_url


def init_rendering(app: Flask) -> None:
    """Give the templates their globals."""
    app.jinja_env.globals.update(
        procedure_code=MIGRAINE_INJECTION,
        moment=moment,
        list_text=list_text,
        phone_text=phone_text,
        phone_url=phone_url,
        state_name=lambda code: STATES.get(code, code),
        language_name=language_name,
        specialty_name=lambda group: SPECIALTY_NAMES.get(group, ""),
    )
    app.jinja_env.filters.update(
        day=day_text, miles=miles, number=number_text, taxonomy_label=taxonomy_label
    )
    app.context_processor(_page_globals)


def moment(value: datetime) -> str:
    """Return a day and a time, in UTC."""
    return f"{day_text(value)}, {clock_text(value)} UTC"


def miles(value: float) -> str:
    """Return whole miles; less than one is one, since places are known by ZIP code."""
    return number_text(max(1, round(value)))


def _page_globals() -> dict[str, Any]:
    settings = current_app.config["SETTINGS"]
    return {
        "site_name": settings.site_name,
        "contact_email": settings.contact_email,
        "is_demo": has_request_context() and _is_demo(),
        "language": str(get_locale()),  # an email may be in another than the request
        "other_language_url": other_language_url(),
    }


def _is_demo() -> bool:
    try:
        return version_of_request(db.session()).is_demo
    except SQLAlchemyError:
        return False  # error pages are shown when the database is away, too
