"""Checks that the revision of a database is known to this program."""

import re
from collections.abc import Collection

from sqlalchemy.engine import URL

from directory.core.db.database import file_of
from directory.core.errors import SettingsError

# Before the first release revisions were numbers alone; now each is the name of its file.
_DEVELOPMENT = re.compile(r"\d{4}")


def check_known(present: Collection[str], known: Collection[str], url: URL) -> None:
    """Raise `SettingsError` if the database is at a revision that this program does not have."""
    for revision in present:
        if _DEVELOPMENT.fullmatch(revision):
            raise SettingsError(
                f"The database was made by a development version ({revision}) and cannot be "
                "upgraded or carried over. To keep using it, run the version that made it. To "
                f"start with an empty database, {_replace(url)}."
            )
        if revision not in known:
            raise SettingsError(
                f"The database is of a newer version ({revision}) than this program; install the "
                "newer program."
            )


def _replace(url: URL) -> str:
    """Return how to put an empty database in place of this one."""
    if file := file_of(url):
        files = f"{file.stem}.facts-*{file.suffix}"
        return f"move or delete {file} and the files {files} in the same folder, then start again"
    return "create a new database on the server and name it in DATABASE_URL"
