"""Renders emails from templates: subject, plain text and HTML with the same content."""

from typing import Any

from flask import current_app

from directory.core.text import single_line
from directory.core.translations import in_language
from directory.outbox.mail.content import Attachment, Content


def rendered(
    message: str,
    *,
    language: str = "en",
    reply_to: str | None = None,
    attachment: Attachment | None = None,
    **values: Any,
) -> Content:
    """Return the content of ``templates/email/<message>/`` in the language."""
    folder = f"email/{message}"
    with in_language(language):
        current_app.update_template_context(values)  # once for the three
        find = current_app.jinja_env.get_template
        return Content(
            subject=single_line(find(f"{folder}/subject.txt").render(values)),
            text=find(f"{folder}/body.txt").render(values).strip() + "\n",
            html=find(f"{folder}/body.html").render(values),
            language=language,
            reply_to=reply_to,
            attachment=attachment,
        )
