"""Liveness and readiness checks."""

from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from directory.config import PROJECT_FOLDER
from directory.core.db.database import db
from directory.core.db.fact_generations import has_facts
from directory.core.db.revisions import check_known
from directory.core.errors import SettingsError
from directory.privacy.rowkeys import row_keys

health_bp = Blueprint("health", __name__)


@health_bp.get("/healthz")
def healthz() -> Response:
    """Return 200 while the process runs."""
    return jsonify(status="ok")


@health_bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer 200 when both databases answer and the tables are those of this version."""
    try:
        check_schema()
        row_keys().find("readyz")
    except SettingsError as error:
        return jsonify(status="not ready", reason=str(error)), 503
    except SQLAlchemyError:
        return jsonify(status="not ready", reason="A database does not answer."), 503
    return jsonify(status="ready"), 200


def check_schema() -> None:
    """Raise `SettingsError` unless the database has the tables of this version."""
    present = MigrationContext.configure(db.session().connection()).get_current_revision()
    scripts = ScriptDirectory(str(Path(PROJECT_FOLDER, "migrations")))
    wanted = scripts.get_current_head()
    if present == wanted and has_facts():
        return
    if present == wanted:
        raise SettingsError(
            "The file of the facts beside the database is missing or empty; restore it from a "
            "backup, or make an empty one with: flask --app wsgi sources start-over"
        )
    known = {each.revision for each in scripts.walk_revisions()}
    check_known([present] if present else [], known, db.engine.url)
    raise SettingsError("The database is of an older version; run: flask --app wsgi db upgrade")
