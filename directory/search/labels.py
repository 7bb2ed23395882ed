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

SEX_NAMES = {"F": _l("Female"), "M": _l("Male")}

SORT_NAMES = {
    "recommended": _l("Recommended"),
    "distance": _l("Distance"),
    "documented": _l("Most documented treatments"),
}
