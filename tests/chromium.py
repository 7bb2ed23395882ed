"""The path of Chromium."""

import shutil


def find_chromium() -> str | None:
    """Return the path of the browser, or None when there is none."""
    return (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
