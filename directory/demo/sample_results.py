"""Invented search results, for the styleguide."""

from dataclasses import replace
from datetime import date

from directory.care.specialties import CareGroup
from directory.geo.places import Place
from directory.geo.points import Point, Precision
from directory.profiles.values import AnswerRecord, LicenseFact
from directory.providers.evidence import Evidence, Experience, Tier
from directory.providers.models import AcceptingPatients, LicenseStatus, Sex, Source
from directory.search.query.criteria import Facets
from directory.search.query.request import SearchRequest
from directory.search.results.values import Card, ResultPage, SearchResult

_AS_OF = date(2026, 10, 3)
_EVANSTON = Point(42.05, -87.69)
EVIDENCE = (
    Evidence(Tier.CONFIRMED, confirmed_on=_AS_OF, treatments=214, year=2024),
    Evidence(Tier.DOCUMENTED, treatments=61, year=2024),
    Evidence(Tier.SPECIALTY),
    Evidence(Tier.NONE),
)
_EVERYTHING = Card(
    npi="2000000001",
    place=1,
    is_individual=True,
    full_name="Robin Sampleton, MD",
    sex=Sex.FEMALE,
    specialty=CareGroup.NEUROLOGY,
    taxonomy_name=None,
    evidence=EVIDENCE[0],
    point=_EVANSTON,
    precision=Precision.ZIP,
    place_name="Lakeshore Headache Clinic",
    line1="12 Sample St",
    line2=None,
    city="Evanston",
    state="IL",
    zip_code="60201",
    phone="8475550142",
    location_source=Source.NPPES,
    location_as_of=_AS_OF,
    license=LicenseFact(
        state="IL",
        number="036-118842",
        status=LicenseStatus.ACTIVE,
        status_checked_on=_AS_OF,
        status_gone_on=None,
        expires_on=None,
        has_board_action=None,
        source=Source.STATE,
        as_of=_AS_OF,
    ),
    experience=Experience(19, "graduation", 2007),
    accepting=AcceptingPatients.YES,
    accepting_as_of=_AS_OF,
    clinic_public_id="demonstration",
    takes_inquiries=True,
    answers=AnswerRecord(received=48, answered=46, minutes=1500),
    languages=("en", "es"),
    has_telehealth=True,
)
_LONG = replace(
    _EVERYTHING,
    npi="2000000002",
    full_name="Maximiliana Oluwaseun Featherstonehaugh-Wolfeschlegelstein, DNP",
    specialty=CareGroup.NURSE,
    evidence=EVIDENCE[1],
    point=Point(42.14, -87.83),
    place_name="Northwestern Suburbs Center for Headache, Spine and Rehabilitation Medicine",
    takes_inquiries=False,
    answers=None,
    accepting=None,
    accepting_as_of=None,
)
_NOTHING = replace(
    _EVERYTHING,
    npi="2000000003",
    full_name="Jo Li",
    specialty=None,
    evidence=EVIDENCE[2],
    point=Point(41.79, -87.75),
    place_name=None,
    phone=None,
    license=None,
    experience=None,
    accepting=None,
    accepting_as_of=None,
    clinic_public_id=None,
    takes_inquiries=False,
    answers=None,
    languages=(),
    has_telehealth=False,
)
PLACE = Place("Evanston, IL", _EVANSTON, Precision.CITY, "Evanston, IL")
ASKED = SearchRequest(near="Evanston, IL", evidence=frozenset({"confirmed", "documented"}))
_FOUND = ResultPage(
    results=(
        SearchResult(1, 1.6, _EVERYTHING),
        SearchResult(2, 9.2, _LONG),
        SearchResult(3, 21.4, _NOTHING),
    ),
    criteria=ASKED.criteria(_EVANSTON),
    total=3,
    confirmed_or_documented=2,
    radius_miles=50,
    tiers=frozenset(Tier),
    facets=Facets(
        within={5: 1, 10: 2, 25: 3, 50: 3, 100: 3, 250: 3},
        evidence={Tier.CONFIRMED: 1, Tier.DOCUMENTED: 1, Tier.SPECIALTY: 1},
        specialty={CareGroup.NEUROLOGY: 1, CareGroup.NURSE: 1},
        all_specialties=3,
        usual=2,
        sex={Sex.FEMALE: 3},
        language={"es": 2},
        telehealth=2,
        accepting=1,
        inquiries=0,
    ),
    page=2,
    pages=3,
    version=1,
    is_renewed=False,
)


def found() -> ResultPage:
    """Return a page with a complete card, one with long names, and an empty one."""
    return _FOUND


def nobody() -> ResultPage:
    """Return a page without results."""
    return replace(_FOUND, results=(), total=0, confirmed_or_documented=0, facets=Facets())
