"""What a patient does with the draft as a whole: choose clinics, carry answers in, clear it."""

from flask import redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from directory.clinics.queries import get_clinic
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.errors import TooManyError
from directory.core.tokens import new_token
from directory.inquiries.drafts import (
    add_clinic,
    begin_draft,
    fields_of,
    inquiry_ids_of,
    keep_step,
    keep_steps,
    remove_clinic,
)
from directory.inquiries.form.draft_session import (
    NoDraftError,
    find_open_draft,
    forget,
    get_open_draft,
    limits,
    remember,
    sender,
)
from directory.inquiries.form.form_pages import Step, carried_into, first_wrong
from directory.inquiries.form.page_views import step_url
from directory.inquiries.form.recipients import asked_clinic, recipients
from directory.inquiries.lifecycle.retention import delete_drafts
from directory.inquiries.lifecycle.submit import forget_draft_key
from directory.inquiries.models import draft_key, inquiry_key
from directory.privacy.rowkeys import row_keys


def add() -> Response:
    """Send to this clinic as well."""
    now = utc_now()
    with writing() as write:
        draft = get_open_draft(write, now=now, is_changing=True)
        clinic, npi = asked_clinic(write, request.form)
        add_clinic(write, draft, clinic, npi)
        keep_step(draft, Step.REVIEW.value, {})  # the consents named other clinics
        fields = fields_of(draft)
    return redirect(step_url(first_wrong(fields) or Step.REVIEW), 303)


def remove() -> Response:
    """Do not send to this clinic."""
    now = utc_now()
    with writing() as write:
        draft = get_open_draft(write, now=now, is_changing=True)
        remove_clinic(write, draft, get_clinic(write, request.form.get("clinic", "")))
    return redirect(step_url(Step.REVIEW), 303)


def begin_anew() -> Response:
    """Delete what this browser has begun, and begin with this clinic."""
    clinic, npi = asked_clinic(db.session(), request.form)
    _delete_own()
    return redirect(url_for("inquiries.start", clinic=clinic.public_id, npi=npi), 303)


def clear() -> Response:
    """Delete what was typed, with its key."""
    _delete_own()
    return redirect(url_for("inquiries.cleared"), 303)


def cleared() -> str:
    """Say that nothing is left."""
    return render_template("inquiries/form/cleared.html")


def carry() -> Response:
    """Keep the answers of the self-check for an inquiry, until a clinic is chosen."""
    now = utc_now()
    own = find_open_draft(db.session(), now=now)
    public_id = own.public_id if own else new_token()
    row_keys().make([draft_key(public_id)], now=now)
    try:
        _carry(public_id)
    except TooManyError:
        forget_draft_key(public_id)
        raise
    remember(public_id)
    return redirect(url_for("inquiries.carried"), 303)


def carried() -> str:
    """Say that the answers are kept, and ask for a clinic."""
    draft = get_open_draft(db.session(), now=utc_now())
    return render_template(
        "inquiries/form/carried.html", recipients=recipients(db.session(), draft)
    )


def gone(_error: NoDraftError) -> tuple[str, int]:
    """Say that there is nothing to go on with, and how to begin."""
    return render_template("inquiries/form/gone.html"), 404


def already_sent(_error: Exception) -> Response:
    """Show what was sent, whatever was asked of it."""
    return redirect(url_for("inquiries.sent"), 303)


def _carry(public_id: str) -> None:
    with writing() as write:
        draft = begin_draft(
            write,
            public_id,
            sender_digest=sender(),
            language=str(get_locale()),
            limits=limits(),
            now=utc_now(),
        )
        keep_steps(draft, carried_into(fields_of(draft), request.form))


def _delete_own() -> None:
    with writing() as write:
        draft = find_open_draft(write, now=utc_now(), is_changing=True)
        if draft is not None:
            made = inquiry_ids_of(fields_of(draft))
            delete_drafts(write, [draft])
            row_keys().delete([inquiry_key(each) for each in made])
    forget()
