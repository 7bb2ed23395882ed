"""Pages that answer no question of their own and change nothing."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template

from directory.core.database import db
from directory.providers.models import Source
from directory.providers.queries import find_last_run

pages_bp = Blueprint("pages", __name__)

_FILES = (
    Source.NPPES,
    Source.MEDICARE,
    Source.CLINICIANS,
    Source.EXCLUSIONS,
    Source.STATE,
    Source.DEMO,
)


@dataclass(frozen=True)
class LoadedFile:
    """A public file, and the day that the version in use speaks for."""

    source: Source
    released_on: date | None


@pages_bp.get("/")
def home() -> str:
    """Ask for a place."""
    return render_template("pages/home.html")


@pages_bp.get("/treatment")
def treatment() -> str:
    """Explain the treatment."""
    return render_template("pages/treatment.html")


@pages_bp.get("/data")
def data() -> str:
    """Say where the facts come from, and of when the files in use are."""
    return render_template("pages/data.html", files=_loaded_files())


@pages_bp.get("/privacy")
def privacy() -> str:
    """Say what is stored, for whom and how long."""
    return render_template("pages/privacy.html")


@pages_bp.get("/accessibility")
def accessibility() -> str:
    """Say what is done for people whom screens hurt."""
    return render_template("pages/accessibility.html")


def _loaded_files() -> list[LoadedFile]:
    runs = {source: find_last_run(db.session(), source) for source in _FILES}
    files = [LoadedFile(source, run.released_on if run else None) for source, run in runs.items()]
    return [file for file in files if file.released_on or file.source is not Source.DEMO]
