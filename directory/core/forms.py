"""The base class of all forms that change data."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from flask_wtf.i18n import Translations

_INVALID_CHOICE_MESSAGES = {
    "Not a valid choice.",
    "'%(value)s' is not a valid choice for this field.",
    "'%(value)s' are not valid choices for this field.",
}


class _FormTranslations(Translations):
    """The messages of WTForms, except our own for an invalid choice."""

    def gettext(self, string: str) -> str:
        """Return the sentence in the language of the page."""
        return (
            _invalid_choice()
            if string in _INVALID_CHOICE_MESSAGES
            else str(super().gettext(string))
        )

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the sentence for this number, in the language of the page."""
        return (
            _invalid_choice()
            if singular in _INVALID_CHOICE_MESSAGES
            else str(super().ngettext(singular, plural, n))
        )


def _invalid_choice() -> str:
    return str(_("Choose only what is offered here."))


class ProtectedForm(FlaskForm):
    """A form with CSRF protection."""

    class Meta(FlaskForm.Meta):
        """How forms read submitted data, and their messages."""

        def get_translations(self, _form: Any) -> Translations:
            """Return the messages of the fields."""
            return _FormTranslations()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return the submitted text fields: no form here takes files or JSON."""
            if formdata is None or hasattr(formdata, "getlist"):
                return formdata
            return (request.form or None) if form.is_submitted() else None
