"""The page behind the link that confirms a clinic's address."""

from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from directory.clinics.actions import confirm, confirm_second, find_proof
from directory.clinics.forms import ProofForm, SecondProofForm
from directory.clinics.hooks import clinic_changed
from directory.clinics.models import AddressProof, Clinic
from directory.core.clock import utc_now
from directory.core.db.database import db, writing
from directory.core.http import keep_private
from directory.providers.queries import get_provider

clinics_bp = Blueprint("clinics", __name__, url_prefix="/clinics")
clinics_bp.after_request(keep_private)


@dataclass(frozen=True)
class ProofPerson:
    """A provider on the confirmation page."""

    npi: str
    name: str
    checked: bool


@clinics_bp.get("/confirm/<token>")
def proof(token: str) -> str | tuple[str, int]:
    """Show the facts and a button. Opening the link changes nothing."""
    found = find_proof(db.session(), token, now=utc_now())
    if found is None:
        return render_template("clinics/proof_gone.html"), 410
    address_proof, clinic = found
    if _is_of_second(address_proof, clinic):
        return _second_page(SecondProofForm(), clinic)
    form = ProofForm()
    form.offer(clinic)
    return _page(form, clinic)


@clinics_bp.post("/confirm/<token>")
def confirm_proof(token: str) -> str | Response | tuple[str, int]:
    """Store the clinic's confirmation."""
    with writing() as session:
        found = find_proof(session, token, now=utc_now())
        if found is None:
            return render_template("clinics/proof_gone.html"), 410
        address_proof, clinic = found
        if _is_of_second(address_proof, clinic):
            return _confirm_second(session, address_proof, clinic)
        form = ProofForm()
        form.offer(clinic)
        if not form.validate():
            return _page(form, clinic), 422
        facts = form.facts()
        confirm(
            session,
            address_proof,
            clinic,
            giving_treatment=facts.giving_treatment,
            accepting=facts.accepting,
            now=utc_now(),
        )
        clinic_changed(session, [each.npi for each in clinic.providers])
    current_app.logger.info("clinic confirmed its facts", extra={"clinic": clinic.public_id})
    return redirect(url_for("clinics.confirmed"), 303)


@clinics_bp.get("/confirmed")
def confirmed() -> str:
    """Thank the clinic."""
    return render_template("clinics/proof_done.html")


@clinics_bp.get("/confirmed/second")
def second_confirmed() -> str:
    """Thank the second contact."""
    return render_template("clinics/proof_second_done.html")


def _is_of_second(address_proof: AddressProof, clinic: Clinic) -> bool:
    return address_proof.email != clinic.email


def _confirm_second(
    session: Session, address_proof: AddressProof, clinic: Clinic
) -> Response | tuple[str, int]:
    form = SecondProofForm()
    if not form.validate():
        return _second_page(form, clinic), 422
    confirm_second(session, address_proof, clinic, now=utc_now())
    return redirect(url_for("clinics.second_confirmed"), 303)


def _second_page(form: SecondProofForm, clinic: Clinic) -> str:
    return render_template("clinics/proof_second.html", form=form, clinic=clinic)


def _page(form: ProofForm, clinic: Clinic) -> str:
    chosen = set(form.data["npi"] or ())
    people = [
        ProofPerson(each.npi, get_provider(db.session(), each.npi).full_name, each.npi in chosen)
        for each in clinic.providers
    ]
    return render_template("clinics/proof.html", form=form, clinic=clinic, people=people)
