"""The pages to read, and the results of a city, in the words of schema.org."""

from dataclasses import dataclass

from flask_babel import gettext as _

from directory.discovery.jsonld import Node
from directory.search.results import ResultPage


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
