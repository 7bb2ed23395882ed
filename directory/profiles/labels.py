"""The display names of search values."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from directory.care.specialties import CareGroup

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

# The names in `care/specialties.py`, which the search keeps in English, to be translated.
TAXONOMY_LABELS = (
    _l("Neurology"),
    _l("Neurology for children"),
    _l("Stroke and vessel neurology"),
    _l("Epilepsy"),
    _l("Nerve and muscle neurology"),
    _l("Brain injury medicine"),
    _l("Neurophysiology"),
    _l("Behavioral neurology"),
    _l("Brain imaging neurology"),
    _l("Neurological intensive care"),
    _l("Pain medicine"),
    _l("Interventional pain medicine"),
    _l("Pain medicine (anesthesiology)"),
    _l("Pain medicine (rehabilitation)"),
    _l("Pain medicine (neurology)"),
    _l("Pain clinic"),
    _l("Physical medicine and rehabilitation"),
    _l("Brain injury rehabilitation"),
    _l("Nerve and muscle rehabilitation"),
    _l("Nurse practitioner"),
    _l("Nurse practitioner, family"),
    _l("Nurse practitioner, primary care"),
    _l("Nurse practitioner, adults"),
    _l("Physician assistant"),
    _l("Physician assistant, medical"),
    _l("Family medicine"),
    _l("Internal medicine"),
    _l("Oral and jaw surgery"),
    _l("Mouth and face pain"),
    _l("Neuro-ophthalmology"),
)

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


def taxonomy_label(name: str | None) -> str:
    """Return the name of a taxonomy for the page; one of the operator's own file stays as it is."""
    return str(gettext(name)) if name else ""


def language_name(code: str) -> str:
    """Return the name of a language; the code of one that we have no name for."""
    return str(LANGUAGE_NAMES.get(code, code))


SORT_NAMES = {
    "recommended": _l("Recommended"),
    "distance": _l("Distance"),
    "documented": _l("Most documented treatments"),
    "fastest": _l("Fastest to answer"),
}
