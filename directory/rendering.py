"""What every template can use: addresses of assets, dates, distances, names of things."""

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app, has_request_context, request
from flask_babel import format_date, get_locale
from sqlalchemy.exc import SQLAlchemyError

from directory.core.database import db
from directory.core.text import phone_text, phone_url
from directory.geo.states import STATES
from directory.languages import DEFAULT, HOME_IN_DEFAULT, OTHERS, current_language
from directory.search.labels import SPECIALTY_NAMES, language_name, taxonomy_label
from directory.search.versions import version_of_request


def init_rendering(app: Flask) -> None:
    """Give the templates their globals."""
    digests: dict[str, str] = {}

    def asset(name: str) -> str:
        if name not in digests or app.debug:
            content = Path(app.static_folder or "", name).read_bytes()
            digests[name] = hashlib.sha256(content).hexdigest()[:12]
        # Always from the root: one copy in the cache, whatever the language.
        return f"/static/{name}?v={digests[name]}"

    app.jinja_env.globals.update(
        asset=asset,
        moment=moment,
        phone_text=phone_text,
        phone_url=phone_url,
        state_name=lambda code: STATES.get(code, code),
        language_name=language_name,
        specialty_name=lambda group: SPECIALTY_NAMES.get(group, ""),
    )
    app.jinja_env.filters.update(day=day, miles=miles, taxonomy_label=taxonomy_label)
    app.context_processor(_page_globals)


def day(value: date) -> str:
    """Return a day such as October 3, 2026."""
    return str(format_date(value, "long"))


def moment(value: datetime) -> str:
    """Return a day and a time, in UTC."""
    return f"{format_date(value, 'long', rebase=False)}, {value:%H:%M} UTC"


def miles(value: float) -> str:
    """Return whole miles; less than one is one, since places are known by ZIP code."""
    return str(max(1, round(value)))


def _page_globals() -> dict[str, Any]:
    settings = current_app.config["SETTINGS"]
    return {
        "site_name": settings.site_name,
        "is_demo": has_request_context() and _is_demo(),
        "language": str(get_locale()),  # an email may be in another than the request
        "other_language_url": _other_language_url(),
    }


def _is_demo() -> bool:
    try:
        return version_of_request(db.session()).is_demo
    except SQLAlchemyError:
        return False  # error pages are shown when the database is away, too


def _other_language_url() -> str | None:
    if not OTHERS or not has_request_context() or request.endpoint is None:
        return None
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    if current_language() == DEFAULT:
        return f"/{OTHERS[0]}{request.path}{query}"
    if request.path == "/" and not query:
        return HOME_IN_DEFAULT
    return f"{request.path}{query}"
