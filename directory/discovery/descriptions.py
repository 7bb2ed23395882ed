"""What a search engine and a shared link say of a page, in a sentence."""

from flask_babel import gettext as _
from flask_babel import ngettext

from directory.core.formats import day_text
from directory.discovery.indexing import is_indexed_place
from directory.geo.places import Place
from directory.profiles.labels import taxonomy_label
from directory.profiles.profile import Profile
from directory.providers.evidence import Tier
from directory.search.query.request import SearchRequest
from directory.search.results.values import ResultPage


def title_of_profile(profile: Profile) -> str:
    """Return who this is: name, specialty, city."""
    about = ", ".join(_specialty_and_city(profile))
    return f"{profile.full_name}: {about}" if about else profile.full_name


def description_of_profile(profile: Profile) -> str:
    """Return who this is, and what speaks for giving the treatment."""
    who = ", ".join([profile.full_name, *_specialty_and_city(profile)])
    evidence = profile.evidence
    if evidence.tier is Tier.CONFIRMED and evidence.confirmed_on:
        day = day_text(evidence.confirmed_on)
        return str(
            _(
                "%(who)s: gives Botox for chronic migraine, confirmed by the clinic on %(day)s.",
                who=who,
                day=day,
            )
        )
    if evidence.tier is Tier.DOCUMENTED and evidence.treatments:
        return str(
            ngettext(
                "%(who)s: Botox for chronic migraine, %(num)s documented treatment in %(year)s.",
                "%(who)s: Botox for chronic migraine, %(num)s documented treatments in %(year)s.",
                evidence.treatments,
                who=who,
                year=evidence.year,
            )
        )
    if evidence.tier is Tier.SPECIALTY:
        return str(
            _(
                "%(who)s: a specialty that commonly provides Botox for chronic migraine. Ask the "
                "clinic.",
                who=who,
            )
        )
    return str(_("%(who)s: no record of giving Botox for chronic migraine.", who=who))


def title_of_results(asked: SearchRequest, place: Place | None, page: ResultPage) -> str:
    """Return what the page of a city is about; empty for any other search."""
    if place is None or not is_indexed_place(asked, place, page):
        return ""
    # A question: of some it is not known, and a title has no room to say of how many.
    return str(_("Who gives Botox for chronic migraine near %(place)s?", place=place.label))


def description_of_results(asked: SearchRequest, place: Place | None, page: ResultPage) -> str:
    """Return who is near a city, and how many of them really do it; empty for other searches."""
    if place is None or not is_indexed_place(asked, place, page):
        return ""
    return str(
        ngettext(
            "%(num)s professional within %(miles)s miles of %(place)s. For %(backed)s it is "
            "confirmed or documented that they give Botox for chronic migraine.",
            "%(num)s professionals within %(miles)s miles of %(place)s. For %(backed)s it is "
            "confirmed or documented that they give Botox for chronic migraine.",
            page.total,
            miles=page.radius_miles,
            place=place.label,
            backed=page.confirmed_or_documented,
        )
    )


def _specialty_and_city(profile: Profile) -> list[str]:
    specialty = [taxonomy_label(name) for name in profile.specialty_names[:1]]
    return specialty + [f"{place.city}, {place.state}" for place in profile.places[:1]]
