"""Emails made from templates: subject, text and a simple page with the same words."""

from typing import Any

from flask import render_template

from directory.core.text import single_line
from directory.core.translations import in_language
from directory.outbox.content import Attachment, Content


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
        return Content(
            subject=single_line(render_template(f"{folder}/subject.txt", **values)),
            text=render_template(f"{folder}/body.txt", **values).strip() + "\n",
            html=render_template(f"{folder}/body.html", **values),
            language=language,
            reply_to=reply_to,
            attachment=attachment,
        )
