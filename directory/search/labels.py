"""The words that pages use for what the search works with."""

from flask_babel import lazy_gettext as _l

from directory.providers.taxonomies import CareGroup

SPECIALTY_NAMES = {
    CareGroup.NEUROLOGY: _l("Neurology"),
    CareGroup.PAIN: _l("Pain medicine"),
    CareGroup.REHABILITATION: _l("Physical medicine and rehabilitation"),
    CareGroup.NURSE: _l("Nurse practitioner"),
    CareGroup.ASSISTANT: _l("Physician assistant"),
    CareGroup.FAMILY: _l("Family medicine"),
    CareGroup.INTERNAL: _l("Internal medicine"),
    CareGroup.ORAL: _l("Mouth, jaw and face"),
    CareGroup.EYE: _l("Neuro-ophthalmology"),
}

EVIDENCE_NAMES = {
    "confirmed": _l("Confirmed by the clinic"),
    "documented": _l("Documented"),
    "specialty": _l("Usual specialty, ask"),
}

SEX_NAMES = {"F": _l("Female"), "M": _l("Male"), "X": _l("Another")}

LANGUAGE_NAMES = {
    "en": _l("English"),
    "es": _l("Spanish"),
    "zh": _l("Chinese"),
    "tl": _l("Tagalog"),
    "vi": _l("Vietnamese"),
    "ar": _l("Arabic"),
    "fr": _l("French"),
    "ko": _l("Korean"),
    "ru": _l("Russian"),
    "ht": _l("Haitian Creole"),
    "de": _l("German"),
    "hi": _l("Hindi"),
    "pt": _l("Portuguese"),
    "it": _l("Italian"),
    "pl": _l("Polish"),
    "ur": _l("Urdu"),
    "ja": _l("Japanese"),
    "fa": _l("Persian"),
    "gu": _l("Gujarati"),
    "bn": _l("Bengali"),
    "te": _l("Telugu"),
    "ta": _l("Tamil"),
    "he": _l("Hebrew"),
    "el": _l("Greek"),
    "hy": _l("Armenian"),
    "uk": _l("Ukrainian"),
    "ase": _l("American Sign Language"),
    "so": _l("Somali"),
    "hmn": _l("Hmong"),
}


def language_name(code: str) -> str:
    """Return the name of a language; the code of one that we have no name for."""
    return str(LANGUAGE_NAMES.get(code, code))


SORT_NAMES = {
    "recommended": _l("Recommended"),
    "distance": _l("Distance"),
    "documented": _l("Most documented treatments"),
    "fastest": _l("Fastest to answer"),
}
