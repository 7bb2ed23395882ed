"""What of schema.org is used: each type with its parents, each property with its home."""

PARENTS = {
    "Thing": (),
    "Action": ("Thing",),
    "SearchAction": ("Action",),
    "CreativeWork": ("Thing",),
    "WebSite": ("CreativeWork",),
    "WebPage": ("CreativeWork",),
    "MedicalWebPage": ("WebPage",),
    "Intangible": ("Thing",),
    "EntryPoint": ("Intangible",),
    "ItemList": ("Intangible",),
    "BreadcrumbList": ("ItemList",),
    "ListItem": ("Intangible",),
    "PropertyValue": ("Intangible",),
    "Audience": ("Intangible",),
    "MedicalAudience": ("Audience",),
    "ContactPoint": ("Intangible",),
    "PostalAddress": ("ContactPoint",),
    "Place": ("Thing",),
    "Organization": ("Thing",),
    "EducationalOrganization": ("Organization",),
    "LocalBusiness": ("Organization", "Place"),
    "MedicalBusiness": ("LocalBusiness",),
    "MedicalOrganization": ("Organization",),
    "MedicalClinic": ("MedicalBusiness", "MedicalOrganization"),
    "Physician": ("MedicalBusiness", "MedicalOrganization"),
    "Person": ("Thing",),
    "Patient": ("MedicalAudience", "Person"),
    "MedicalEntity": ("Thing",),
    "MedicalCondition": ("MedicalEntity",),
    "MedicalProcedure": ("MedicalEntity",),
}
DOMAINS = {
    "name": ("Thing",),
    "url": ("Thing",),
    "description": ("Thing",),
    "identifier": ("Thing",),
    "alternateName": ("Thing",),
    "potentialAction": ("Thing",),
    "target": ("Action",),
    "query-input": ("SearchAction",),
    "urlTemplate": ("EntryPoint",),
    "inLanguage": ("CreativeWork",),
    "about": ("CreativeWork",),
    "audience": ("CreativeWork",),
    "itemListElement": ("ItemList",),
    "position": ("ListItem",),
    "item": ("ListItem",),
    "propertyID": ("PropertyValue",),
    "value": ("PropertyValue",),
    "streetAddress": ("PostalAddress",),
    "addressLocality": ("PostalAddress",),
    "addressRegion": ("PostalAddress",),
    "postalCode": ("PostalAddress",),
    "address": ("Organization", "Person", "Place"),
    "telephone": ("Organization", "Person", "Place", "ContactPoint"),
    "location": ("Organization",),
    "knowsLanguage": ("Organization", "Person"),
    "medicalSpecialty": ("Physician", "MedicalClinic", "MedicalOrganization"),
    "availableService": ("Physician", "MedicalClinic"),
    "isAcceptingNewPatients": ("MedicalOrganization",),
    "jobTitle": ("Person",),
    "workLocation": ("Person",),
    "alumniOf": ("Person", "Organization"),
}
SPECIALTIES = {"https://schema.org/Neurologic", "https://schema.org/PrimaryCare"}
# Not words of the page, but of the vocabulary.
CODES = {"@type", "@context", "inLanguage", "query-input", "medicalSpecialty"}
ADDRESSES = {"url", "item", "urlTemplate"}


def ancestors(kind: str) -> set[str]:
    """Return the type and all that it is a kind of."""
    return {kind}.union(*(ancestors(parent) for parent in PARENTS[kind]))
