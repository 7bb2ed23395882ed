"""What the tests need from the system is found, or named with its package."""

import ctypes

import pytest

from tests.system import REQUIREMENTS, Requirement, find_libatomic, find_missing, main

PRESENT = Requirement("Present", lambda: "/bin/present", "present", "all tests fail")
ABSENT = Requirement("Absent", lambda: None, "no-such-package", "few tests are skipped")


def test_only_absent_requirements_are_missing():
    assert find_missing([PRESENT, ABSENT]) == [ABSENT]


def test_libatomic_is_required_for_the_browser():
    packages = {requirement.package for requirement in REQUIREMENTS}
    assert {"chromium", "libatomic1", "postgresql"} <= packages


def test_libatomic_that_is_found_loads():
    name = find_libatomic()
    if name is None:
        pytest.skip("libatomic is not installed")
    assert ctypes.CDLL(name)


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_missing_requirement_is_named(monkeypatch, capsys, ci, code):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", "")  # No apt-get: nothing is installed.

    assert main([ABSENT]) == code
    assert "sudo apt-get install no-such-package" in capsys.readouterr().err
