"""The parent of all forms that change something."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.i18n import Translations

_NO_CHOICE = {
    "Not a valid choice.",
    "'%(value)s' is not a valid choice for this field.",
    "'%(value)s' are not valid choices for this field.",
}


class _Words(Translations):
    """What WTForms says of itself, but for a choice that was not offered: that is ours to say."""

    def gettext(self, string: str) -> str:
        """Return the sentence in the language of the page."""
        return _no_choice() if string in _NO_CHOICE else str(super().gettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the sentence for this number, in the language of the page."""
        return (
            _no_choice() if singular in _NO_CHOICE else str(super().ngettext(singular, plural, n))
        )


def _no_choice() -> str:
    return str(_("Choose only what is offered here."))


class ProtectedForm(FlaskForm):
    """A form that only the page it was made for can send."""

    class Meta(FlaskForm.Meta):
        """How forms read what was sent, and what they say of it."""

        def get_translations(self, _form: Any) -> Translations:
            """Return the words of the fields."""
            return _Words()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was sent as texts: no form here takes files or JSON."""
            if formdata is None or hasattr(formdata, "getlist"):
                return formdata
            return (request.form or None) if form.is_submitted() else None
