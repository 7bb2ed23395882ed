"""The parent of all forms that change something."""

from flask_wtf import FlaskForm


class ProtectedForm(FlaskForm):
    """A form that only the page it was made for can send."""
