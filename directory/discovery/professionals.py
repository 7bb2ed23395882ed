"""A professional in the words of schema.org: what their page shows, and nothing else.

A physician is a `Physician`, which schema.org counts among organizations: the office and the
person in one. For nurse practitioners, physician assistants, dentists and all others that word
would be untrue: they are a `Person` with places of work. An organization is a `MedicalClinic` when
it is registered as a clinic, else a `MedicalOrganization`.
"""

from typing import Any

from flask_babel import gettext as _

from directory.core.text import phone_text
from directory.discovery.jsonld import Node, given, one_or_all
from directory.providers.evidence import Tier
from directory.providers.models import AcceptingPatients
from directory.providers.taxonomies import CareGroup, find_care_group
from directory.search.labels import language_name, taxonomy_label
from directory.search.places import ProfilePlace
from directory.search.profiles import Profile

# NUCC's codes of physicians begin so; oral surgery is among them, but many are dentists.
_PHYSICIANS = "20"
_ORAL_SURGERY = "204E"
_CLINICS = "261Q"
# Only where schema.org has the same specialty: it knows neither pain medicine nor rehabilitation.
_SPECIALTIES = {
    CareGroup.NEUROLOGY: "https://schema.org/Neurologic",
    CareGroup.FAMILY: "https://schema.org/PrimaryCare",
}
_TREATS = (Tier.CONFIRMED, Tier.DOCUMENTED)


def professional(profile: Profile, *, address: str, description: str) -> Node:
    """Return the facts of the page of a professional that is at this address."""
    kind = kind_of(profile)
    common = {
        "@type": kind,
        "name": profile.full_name,
        "url": address,
        "description": description,
        "identifier": {"@type": "PropertyValue", "propertyID": "NPI", "value": profile.npi},
        "alternateName": [each.name for each in profile.other_names if not each.is_former],
    }
    if kind == "Person":
        return given({**common, **_as_person(profile)})
    if kind != "MedicalOrganization" and profile.evidence.tier in _TREATS:
        name = _("Botox for chronic migraine")
        common["availableService"] = {"@type": "MedicalProcedure", "name": name}
    return given({**common, **_as_organization(profile)})


def kind_of(profile: Profile) -> str:
    """Return the type of schema.org that is true of this professional."""
    codes = profile.taxonomy_codes
    if not profile.is_individual:
        is_clinic = any(code.startswith(_CLINICS) for code in codes)
        return "MedicalClinic" if is_clinic else "MedicalOrganization"
    primary = codes[0] if codes else ""
    is_physician = primary.startswith(_PHYSICIANS) and not primary.startswith(_ORAL_SURGERY)
    return "Physician" if is_physician else "Person"


def _as_person(profile: Profile) -> Node:
    training = profile.training
    school = training.school if training else None
    return {
        "jobTitle": [taxonomy_label(name) for name in profile.specialty_names],
        "workLocation": [_place(each) for each in profile.places],
        "alumniOf": {"@type": "EducationalOrganization", "name": school} if school else None,
    }


def _as_organization(profile: Profile) -> Node:
    groups = {find_care_group(code) for code in profile.taxonomy_codes}
    first = profile.places[0] if profile.places else None
    has_more = len(profile.places) > 1 or (first is not None and first.name is not None)
    return {
        "medicalSpecialty": [name for group, name in _SPECIALTIES.items() if group in groups],
        "address": _address(first) if first else None,
        "telephone": phone_text(first.phone) if first and first.phone else None,
        "location": [_place(each) for each in profile.places] if has_more else None,
        "isAcceptingNewPatients": _accepting(profile),
        # Spoken at the place: of a `Person` it would say too much.
        "knowsLanguage": _languages(profile),
    }


def _place(place: ProfilePlace) -> Node:
    phone = phone_text(place.phone) if place.phone else None
    return given(
        {"@type": "Place", "name": place.name, "address": _address(place), "telephone": phone}
    )


def _address(place: ProfilePlace) -> Node:
    return {
        "@type": "PostalAddress",
        "streetAddress": f"{place.line1}, {place.line2}" if place.line2 else place.line1,
        "addressLocality": place.city,
        "addressRegion": place.state,
        "postalCode": place.zip_code[:5],
    }


def _accepting(profile: Profile) -> bool | None:
    """Return whether new patients are taken, where every place says the same."""
    answers = {place.accepting for place in profile.places}
    if answers == {AcceptingPatients.YES}:
        return True
    return False if answers == {AcceptingPatients.NO} else None


def _languages(profile: Profile) -> Any:
    codes = dict.fromkeys(code for place in profile.places for code in place.languages)
    names = [language_name(code) for code in codes]
    return one_or_all(names) if names else None
