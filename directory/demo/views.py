"""The demo mailbox, and a look at every email there is; in production there is neither."""

from pathlib import Path

from flask import Blueprint, abort, current_app, render_template
from werkzeug.wrappers import Response

from directory.clinics.emails import LANGUAGES
from directory.demo.mailbox import find_message, list_messages
from directory.demo.sample_emails import samples
from directory.outbox.mail.content import Content

# Mail programs read styles within the tags; on a page of ours nothing but this may have them.
_POLICY = "; ".join(
    ("default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'none'", "sandbox")
)

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


@demo_bp.get("/emails")
def emails() -> str:
    """List every email that the product sends, in each language."""
    found = samples()
    rows = [(name, {each: make(each) for each in LANGUAGES}) for name, make in found.items()]
    return render_template("demo/emails.html", rows=rows)


@demo_bp.get("/emails/<name>/<code>")
def email(name: str, code: str) -> str:
    """Show one email as text, with what goes along with it."""
    return render_template("demo/email.html", name=name, code=code, content=_sample(name, code))


@demo_bp.get("/emails/<name>/<code>/page")
def email_page(name: str, code: str) -> Response:
    """Show the HTML of one email, sandboxed."""
    response = Response(_sample(name, code).html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    return response


def _sample(name: str, code: str) -> Content:
    make = samples().get(name)
    if make is None or code not in LANGUAGES:
        abort(404)
    return make(code)


def mailbox_folder() -> Path:
    """Return where the mail of this installation is kept."""
    folder: Path = current_app.config["SETTINGS"].instance_folder
    return folder / "mailbox"
