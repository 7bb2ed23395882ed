"""Fixtures of the importer tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def real_data() -> Path:
    """The folder of real rows, which are not part of the project."""
    folder = os.environ.get("REAL_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("REAL_DATA is not set to a folder of real rows; these tests are skipped")
    return Path(folder)
