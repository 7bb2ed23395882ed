"""Every table of the product, so that one import knows them all."""

from directory.access import models as access
from directory.clinics import models as clinics
from directory.inquiries import models as inquiries
from directory.outbox import models as outbox
from directory.privacy import models as privacy
from directory.providers import models as providers
from directory.search.index import models as search

__all__ = ["access", "clinics", "inquiries", "outbox", "privacy", "providers", "search"]
