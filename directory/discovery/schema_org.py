"""schema.org data (JSON-LD) of results, professionals and places."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from directory.care.specialties import CareGroup, find_care_group
from directory.core.text import phone_text
from directory.profiles.labels import language_name, taxonomy_label
from directory.profiles.places import ProfilePlace
from directory.profiles.profile import Profile
from directory.providers.evidence import Tier
from directory.providers.models import AcceptingPatients
from directory.search.results.values import ResultPage

Node = dict[str, Any]

# Within a script element nothing may look like its end; two of these would end a line of script.
_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def script(node: Mapping[str, Any]) -> Markup:
    """Return the element that holds a node; browsers do not run it."""
    text = json.dumps(
        {"@context": "https://schema.org", **node}, ensure_ascii=False, separators=(",", ":")
    )
    return Markup('<script type="application/ld+json">{}</script>').format(
        Markup(text.translate(_ESCAPES))  # noqa: S704 - escaped just here
    )


def given(node: Mapping[str, Any]) -> Node:
    """Return the node without what is not known; an unknown fact is not stated."""
    return {name: value for name, value in node.items() if value not in (None, "", (), [])}


def one_or_all(values: list[Any]) -> Any:
    """Return a single value as itself, and several as a list."""
    return values[0] if len(values) == 1 else values


def breadcrumbs(*steps: tuple[str, str]) -> Node:
    """Return the way from the search to a page, each step with its name and address."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": address}
            for number, (name, address) in enumerate(steps, start=1)
        ],
    }


@dataclass(frozen=True)
class PageWords:
    """What a page is called, what it says of itself, and where and in which language it is."""

    name: str
    description: str
    address: str
    language: str

    def node(self, kind: str) -> Node:
        """Return the page as a node of this type."""
        return {
            "@type": kind,
            "name": self.name,
            "url": self.address,
            "description": self.description,
            "inLanguage": self.language,
        }


def website(words: PageWords, *, search: str) -> Node:
    """Return the site itself, and how it is searched."""
    return {
        **words.node("WebSite"),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{search}?near={{near}}"},
            "query-input": "required name=near",
        },
    }


def medical_page(words: PageWords, about: Node) -> Node:
    """Return a page about health. No clinician has reviewed it, so it names no review."""
    return {**words.node("MedicalWebPage"), "about": about, "audience": {"@type": "Patient"}}


def the_treatment() -> Node:
    """Return what the page about the treatment is about."""
    return {"@type": "MedicalProcedure", "name": _("Botox for chronic migraine")}


def the_condition() -> Node:
    """Return what the self-check is about."""
    return {"@type": "MedicalCondition", "name": _("chronic migraine")}


def item_list(page: ResultPage, *, provider: str) -> Node:
    """Return who is on a page of results, in its order; `provider` is what addresses begin with."""
    return {
        "@type": "ItemList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": each.number,
                "name": each.card.full_name,
                "url": f"{provider}{each.card.npi}",
            }
            for each in page.results
        ],
    }


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
