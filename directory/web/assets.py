"""URLs of static files with a digest, for cache busting."""

import hashlib
from pathlib import Path

from flask import Flask, Response, request

from directory.core.http import IMMUTABLE


class Assets:
    """The files of the static folder, each with a digest of what is in it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._digests: dict[str, str] = {}

    def digest(self, name: str) -> str:
        """Return the first 12 hexadecimal digits of the file's SHA-256; OSError without a file."""
        if name not in self._digests or self._app.debug:
            content = Path(self._app.static_folder or "", name).read_bytes()
            self._digests[name] = hashlib.sha256(content).hexdigest()[:12]
        return self._digests[name]

    def address(self, name: str) -> str:
        """Return the path of the file, from the root: one copy, whatever the page's language."""
        return f"/static/{name}?v={self.digest(name)}"

    def keep(self, response: Response) -> Response:
        """Let a file be kept that came under its own digest.

        While machines are renewed one by one, an old one may be asked for a file of the new
        program. What it gives then must not be kept as that.
        """
        name = (request.view_args or {}).get("filename", "")
        is_file = request.endpoint == "static" and response.status_code == 200
        if is_file and request.args.get("v") == self.digest(name):
            response.headers["Cache-Control"] = IMMUTABLE
        return response


def init_assets(app: Flask) -> None:
    """Give the templates `asset(name)`, and let browsers keep what it names."""
    assets = Assets(app)
    app.jinja_env.globals["asset"] = assets.address
    app.after_request(assets.keep)
