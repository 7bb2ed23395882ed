"""The states, and the territories that are written like states in an address."""

from directory.core.text import folded

STATES: dict[str, str] = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "District of Columbia",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
    "PR": "Puerto Rico",
    "VI": "U.S. Virgin Islands",
    "GU": "Guam",
    "AS": "American Samoa",
    "MP": "Northern Mariana Islands",
}

# As people shorten them by hand: "Evanston, Ill.".
_SHORT_FORMS: dict[str, tuple[str, ...]] = {
    "AL": ("ala",),
    "AZ": ("ariz",),
    "AR": ("ark",),
    "CA": ("calif",),
    "CO": ("colo",),
    "CT": ("conn",),
    "DE": ("del",),
    "FL": ("fla",),
    "IL": ("ill",),
    "IN": ("ind",),
    "KS": ("kan",),
    "MA": ("mass",),
    "MI": ("mich",),
    "MN": ("minn",),
    "MS": ("miss",),
    "MT": ("mont",),
    "NE": ("neb",),
    "NV": ("nev",),
    "OK": ("okla",),
    "OR": ("ore",),
    "PA": ("penn",),
    "TN": ("tenn",),
    "TX": ("tex",),
    "WA": (
        "wash",
        "washington state",
    ),
    "WI": ("wis",),
    "WY": ("wyo",),
    "VI": (
        "virgin islands",
        "us virgin islands",
        "usvi",
    ),
    "MP": ("northern marianas",),
    "NY": ("new york state",),
}

_BY_TEXT: dict[str, str] = {
    **{text: code for code, texts in _SHORT_FORMS.items() for text in texts},
    **{folded(name): code for code, name in STATES.items()},
    **{code.lower(): code for code in STATES},
    # "D.C." and "N.Y.", except that "L.A." is a city.
    **{" ".join(code.lower()): code for code in STATES if code != "LA"},
}

LONGEST_STATE_IN_WORDS = max(len(text.split()) for text in _BY_TEXT)


def find_state(text: str) -> str | None:
    """Return the two letters of the state that the text names, if it names one."""
    return _BY_TEXT.get(folded(text))
