"""A browser on the self-check, and answers to send."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

# Answers that resemble the pattern, as a browser sends them.
FORM = {
    "emergencies": ["none"],
    "prompts": ["none"],
    "age_band": "18-64",
    "headache_days": "20",
    "over_three_months": "yes",
    "migraine_days": "9",
    "items": ["nausea", "light"],
    "length": "4-or-more",
}

Send = Callable[..., TestResponse]


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser; forms need no token unless the test is about it."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def send(browser: FlaskClient) -> Send:
    """Send the answers, some of them changed or left out (None)."""

    def send(*, prefix: str = "", **changes: str | list[str] | None) -> TestResponse:
        data = {name: value for name, value in {**FORM, **changes}.items() if value is not None}
        return browser.post(f"{prefix}/self-check", data=data)

    return send
