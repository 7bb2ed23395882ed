"""The pages of the demo mailbox; in production there are none."""

from pathlib import Path

from flask import Blueprint, abort, current_app, render_template
from werkzeug.wrappers import Response

from directory.demo.mailbox import find_message, list_messages

demo_bp = Blueprint("demo", __name__, url_prefix="/demo")


@demo_bp.before_request
def only_in_development() -> None:
    """Hide the pages where real patients are served."""
    if current_app.config["SETTINGS"].is_production:
        abort(404)


@demo_bp.after_request
def not_stored(response: Response) -> Response:
    """Keep mail out of the browser's cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


@demo_bp.get("/mailbox")
def mailbox() -> str:
    """List the mail that has come in."""
    return render_template("demo/mailbox.html", messages=list_messages(mailbox_folder()))


@demo_bp.get("/mailbox/<message_id>")
def message(message_id: str) -> str:
    """Show one message."""
    found = find_message(mailbox_folder(), message_id)
    if found is None:
        abort(404)
    return render_template("demo/message.html", message=found)


def mailbox_folder() -> Path:
    """Return where the mail of this installation is kept."""
    folder: Path = current_app.config["SETTINGS"].instance_folder
    return folder / "mailbox"
