"""The patient's way, as one list of pages; and a page that helps with a call."""

from flask import Blueprint, render_template
from flask.blueprints import BlueprintSetupState

from directory.core.db.database import db
from directory.core.http import keep_private
from directory.inquiries.form import code_views, draft_views, page_views, review_views, start_views
from directory.inquiries.form.answer_lines import call_place, lines_of
from directory.inquiries.form.draft_session import AlreadySentError, NoDraftError
from directory.inquiries.form.prepare_form import PrepareForm
from directory.providers.npi import is_npi
from directory.providers.queries import ProviderNotFoundError, get_provider

inquiries_bp = Blueprint("inquiries", __name__, url_prefix="/inquiry")
inquiries_bp.after_request(keep_private)
inquiries_bp.register_error_handler(NoDraftError, draft_views.gone)
inquiries_bp.register_error_handler(AlreadySentError, draft_views.already_sent)


@inquiries_bp.route("/prepare/<npi>", methods=["GET", "POST"])
def prepare(npi: str) -> str | tuple[str, int]:
    """Help with a call: the phone number, what to ask, and answers to print. Nothing is kept."""
    if not is_npi(npi):
        raise ProviderNotFoundError(npi[:10])
    provider = get_provider(db.session(), npi)
    form = PrepareForm()
    answers = lines_of(form) if form.validate_on_submit() else None
    page = render_template(
        "inquiries/call.html",
        provider=provider,
        place=call_place(db.session(), provider),
        form=form,
        answers=answers,
    )
    return (page, 422) if form.errors else page


for path, method, name, view in (
    ("/new", "GET", "start", start_views.start),
    ("/new", "POST", "begin", start_views.begin),
    ("/<step>", "GET", "show_step", page_views.show_step),
    ("/<step>", "POST", "take_step", page_views.take_step),
    ("/review", "GET", "review", review_views.review),
    ("/review", "POST", "agree", review_views.agree),
    ("/code", "GET", "code", code_views.code),
    ("/code", "POST", "enter", code_views.enter),
    ("/code/again", "POST", "resend", code_views.resend),
    ("/sent", "GET", "sent", code_views.sent),
    ("/clinics/add", "POST", "add", draft_views.add),
    ("/clinics/remove", "POST", "remove", draft_views.remove),
    ("/anew", "POST", "begin_anew", draft_views.begin_anew),
    ("/clear", "POST", "clear", draft_views.clear),
    ("/cleared", "GET", "cleared", draft_views.cleared),
    ("/carry", "POST", "carry", draft_views.carry),
    ("/carried", "GET", "carried", draft_views.carried),
):
    inquiries_bp.add_url_rule(path, name, view, methods=[method])


@inquiries_bp.record
def _check_tokens_themselves(state: BlueprintSetupState) -> None:
    """These show the form again with all that was typed, where the site's own check would end."""
    views = (
        prepare,
        start_views.begin,
        page_views.take_step,
        review_views.agree,
        code_views.enter,
    )
    for each in views:
        state.app.extensions["csrf"].exempt(each)
