"""Informational pages; none of them changes data."""

from datetime import date

from flask import Blueprint, render_template

from directory.core.db.database import db
from directory.providers.models import Source
from directory.providers.queries import releases_in_use

pages_bp = Blueprint("pages", __name__)

# In the order in which the page about the data names them.
_FILES = (
    Source.NPPES,
    Source.NPPES_LOCATIONS,
    Source.NPPES_NAMES,
    Source.NPPES_ENDPOINTS,
    Source.NPPES_DEACTIVATED,
    Source.MEDICARE,
    Source.CLINICIANS,
    Source.EXCLUSIONS,
    Source.STATE,
    Source.NUCC,
)

# When the accessibility statement was last checked against the site.
_REVIEWED_ON = date(2026, 11, 25)


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
    files = releases_in_use(db.session())
    order = [*_FILES, *Source]
    loaded = {file.source for file in files}
    return render_template(
        "pages/data.html",
        files=sorted(files, key=lambda file: (order.index(file.source), file.part)),
        missing=[source for source in _FILES if source not in loaded],
    )


@pages_bp.get("/privacy")
def privacy() -> str:
    """Say what is stored, for whom and how long."""
    return render_template("pages/privacy.html")


@pages_bp.get("/accessibility")
def accessibility() -> str:
    """Say what is done for people whom screens hurt."""
    return render_template("pages/accessibility.html", reviewed_on=_REVIEWED_ON)
