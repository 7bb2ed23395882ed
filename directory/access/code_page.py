"""The page that takes the six digits, for everyone who proves an address by a code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from flask import redirect, render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from directory.access.codes import Verdict, has_code, try_code
from directory.access.forms import CodeForm
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.tokens import secret_key


@dataclass(frozen=True)
class CodePage:
    """What a code opens, and what the page that takes it shows."""

    subject_id: str
    address: str | None  # where the code went; None when the page must not say it
    hint: str  # below "No email?"
    button: str
    enter_url: str
    resend_url: str
    template: str = "access/code.html"
    context: Callable[[], dict[str, Any]] = dict  # read when the page is rendered


@dataclass(frozen=True)
class Entrance:
    """A code page, with what happens when the code is right."""

    page: CodePage
    accept: Callable[[Session, datetime], None]  # in the transaction that uses up the code
    proceed: Callable[[], str]  # after the commit; returns the URL of the next page


class FindEntrance(Protocol):
    """Reads what the code of this request opens."""

    def __call__(self, session: Session, *, is_changing: bool) -> Entrance | Response:
        """Return the entrance, its rows locked for a change; or where to go instead."""


def show_code_page(page: CodePage, form: CodeForm | None = None) -> str:
    """Return the page, with the form as it was sent."""
    return render_template(
        page.template,
        form=form or CodeForm(),
        page=page,
        has_code=has_code(db.session(), page.subject_id, now=utc_now()),
        **page.context(),
    )


def enter_code(find_entrance: FindEntrance) -> Response | tuple[str, int]:
    """Try the code that was typed, and return the answer to the request.

    A wrong code uses up a try, so the transaction is committed then, too.
    """
    form, now = CodeForm(), utc_now()
    if not form.validate_on_submit():
        entrance = find_entrance(db.session(), is_changing=False)
        return entrance if isinstance(entrance, Response) else _refusal(entrance, form)
    with writing() as write:
        entrance = find_entrance(write, is_changing=True)
        if isinstance(entrance, Response):
            return entrance
        verdict = _try(write, entrance, form, now)
        if verdict is Verdict.RIGHT:
            entrance.accept(write, now)
    if verdict is Verdict.RIGHT:
        return redirect(entrance.proceed(), 303)
    form.refuse(_reason(verdict))
    return _refusal(entrance, form)


def _try(write: Session, entrance: Entrance, form: CodeForm, now: datetime) -> Verdict:
    subject_id, typed = entrance.page.subject_id, form.data["code"]
    return try_code(write, subject_id, typed, secret_key=secret_key(), now=now)


def _refusal(entrance: Entrance, form: CodeForm) -> tuple[str, int]:
    return show_code_page(entrance.page, form), 422


def _reason(verdict: Verdict) -> str:
    if verdict is Verdict.WRONG:
        return str(_("This is not the code we sent. Look again, or ask for a new one."))
    return str(_("This code no longer works. Ask for a new one below."))
