"""The parent of all forms that change something."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm


class ProtectedForm(FlaskForm):
    """A form that only the page it was made for can send."""

    class Meta(FlaskForm.Meta):
        """How forms read what was sent."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was sent as texts: no form here takes files or JSON."""
            if formdata is None or hasattr(formdata, "getlist"):
                return formdata
            return (request.form or None) if form.is_submitted() else None
