"""Places where a low slice lets a high one take part, without importing it."""

from collections.abc import Callable
from typing import Generic, ParamSpec

from flask import Flask, current_app

Arguments = ParamSpec("Arguments")


class Hook(Generic[Arguments]):
    """A named point; what is registered for the running application is called in order."""

    def __init__(self, name: str) -> None:
        self._key = f"hook:{name}"

    def register(self, app: Flask, function: Callable[Arguments, None]) -> None:
        """Have the function called from now on, in this application."""
        app.extensions.setdefault(self._key, []).append(function)

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        """Call everything registered. An error of one ends the caller's transaction."""
        for function in current_app.extensions.get(self._key, []):
            function(*args, **kwargs)
