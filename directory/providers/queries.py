"""Reading providers and the facts stated of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.care.procedures import MIGRAINE_INJECTION
from directory.core.errors import NotFoundError
from directory.providers.evidence import Experience
from directory.providers.models import (
    Clinician,
    Deactivation,
    Exclusion,
    Fact,
    License,
    OptOut,
    OtherName,
    ProcedureVolume,
    Provider,
    ProviderTaxonomy,
    Release,
    Report,
    ReportState,
    Source,
    Taxonomy,
)


class ProviderNotFoundError(NotFoundError):
    """No provider has this NPI here."""

    def __init__(self, npi: str) -> None:
        super().__init__(f"No provider with the NPI {npi} is known here.")
        self.npi = npi


def find_provider(session: Session, npi: str) -> Provider | None:
    """Return the provider with this NPI, if there is one."""
    return session.get(Provider, npi)


def get_provider(session: Session, npi: str) -> Provider:
    """Return the provider with this NPI, or raise `ProviderNotFoundError`."""
    provider = find_provider(session, npi)
    if provider is None:
        raise ProviderNotFoundError(npi)
    return provider


def known_npis(session: Session, npis: Iterable[str]) -> set[str]:
    """Return those of the NPIs that are loaded."""
    return set(session.scalars(sa.select(Provider.npi).where(Provider.npi.in_(list(npis)))))


def licenses_by_npi(session: Session, npis: Sequence[str]) -> dict[str, list[License]]:
    """Return the licenses of each provider, those with a checked status first."""
    found: dict[str, list[License]] = defaultdict(list)
    statement = sa.select(License).where(License.npi.in_(npis), License.gone_on.is_(None))
    for each in session.scalars(statement.order_by(License.state, License.number)):
        found[each.npi].append(each)
    for licenses in found.values():
        licenses.sort(key=lambda each: each.status_checked_on is None)
    return found


def taxonomies_by_npi(session: Session, npis: Sequence[str]) -> dict[str, list[str]]:
    """Return the taxonomy codes of each provider, the primary one first."""
    found: dict[str, list[str]] = defaultdict(list)
    statement = sa.select(ProviderTaxonomy.npi, ProviderTaxonomy.code).where(
        ProviderTaxonomy.npi.in_(npis), ProviderTaxonomy.gone_on.is_(None)
    )
    for npi, code in session.execute(
        statement.order_by(ProviderTaxonomy.is_primary.desc(), ProviderTaxonomy.code)
    ):
        found[npi].append(code)
    return found


def taxonomy_names(session: Session, codes: dict[str, list[str]]) -> dict[str, str]:
    """Return the stored names of those of the codes that have one."""
    wanted = {code for each in codes.values() for code in each}
    statement = sa.select(Taxonomy.code, Taxonomy.name).where(Taxonomy.code.in_(wanted))
    return {row.code: row.name for row in session.execute(statement)}


def volumes_by_npi(session: Session, npis: Sequence[str]) -> dict[str, list[ProcedureVolume]]:
    """Return the yearly counts of the migraine injection of each provider, latest year first."""
    found: dict[str, list[ProcedureVolume]] = defaultdict(list)
    statement = sa.select(ProcedureVolume).where(
        ProcedureVolume.npi.in_(npis),
        ProcedureVolume.procedure_code == MIGRAINE_INJECTION,
        ProcedureVolume.gone_on.is_(None),
    )
    for volume in session.scalars(statement.order_by(ProcedureVolume.year.desc())):
        found[volume.npi].append(volume)
    return found


def find_exclusion(session: Session, npi: str) -> Exclusion | None:
    """Return the exclusion in force for this NPI. A match by name alone is never returned."""
    return exclusions_by_npi(session, [npi]).get(npi)


def exclusions_by_npi(session: Session, npis: Sequence[str]) -> dict[str, Exclusion]:
    """Return the exclusion in force of each provider who has one."""
    found: dict[str, Exclusion] = {}
    statement = (
        sa.select(Exclusion)
        .where(
            Exclusion.npi.in_(npis),
            Exclusion.reinstated_on.is_(None),
            Exclusion.gone_on.is_(None),
        )
        # One that a waiver lifts in a state says less than one that holds everywhere.
        .order_by(Exclusion.waiver_state.is_not(None), Exclusion.excluded_on.desc())
    )
    for each in session.scalars(statement):
        if each.npi:
            found.setdefault(each.npi, each)
    return found


def is_hidden(session: Session, npi: str) -> bool:
    """Return whether this provider asked not to be listed."""
    return session.get(OptOut, npi) is not None


def find_release(session: Session, source: Source) -> Release | None:
    """Return the release of a source that speaks for the latest day, if one is loaded."""
    return session.scalars(
        sa.select(Release)
        .where(Release.source == source)
        .order_by(Release.released_on.desc(), Release.id.desc())
        .limit(1)
    ).first()


def releases_in_use(session: Session) -> list[Release]:
    """Return, of each source and part, the latest full release, and a later one of changes."""
    found: dict[tuple[Source, str], dict[bool, Release]] = defaultdict(dict)
    for release in session.scalars(sa.select(Release).order_by(Release.released_on, Release.id)):
        of_its_kind = found[release.source, release.part]
        if release.is_full:
            of_its_kind.clear()
        of_its_kind[release.is_full] = release
    return [release for releases in found.values() for release in releases.values()]


def open_reports(session: Session) -> list[Report]:
    """Return the open reports of wrong facts, oldest first."""
    statement = sa.select(Report).where(Report.state == ReportState.OPEN)
    return list(session.scalars(statement.order_by(Report.created_at, Report.id)))


def clinicians_by_npi(session: Session, npis: Sequence[str]) -> dict[str, Clinician]:
    """Return what the file of doctors and clinicians says of each provider it knows."""
    statement = sa.select(Clinician).where(Clinician.npi.in_(npis), Clinician.gone_on.is_(None))
    return {each.npi: each for each in session.scalars(statement)}


def is_deactivated(session: Session, provider: Provider) -> bool:
    """Return whether the NPI is deactivated."""
    return deactivated_on(session, provider) is not None


def deactivated_on(session: Session, provider: Provider) -> date | None:
    """Return the date of the NPI's deactivation, if it is deactivated."""
    if provider.deactivated_on is not None:
        return provider.deactivated_on
    deactivation = session.get(Deactivation, provider.npi)
    return deactivation.deactivated_on if deactivation and deactivation.gone_on is None else None


def other_names(session: Session, npi: str) -> list[OtherName]:
    """Return the other names of an organization, those that are gone last."""
    statement = sa.select(OtherName).where(OtherName.npi == npi)
    return list(session.scalars(statement.order_by(OtherName.gone_on.is_not(None), OtherName.name)))


def former_taxonomies(session: Session, npi: str) -> list[ProviderTaxonomy]:
    """Return the taxonomies that a later release no longer states."""
    statement = sa.select(ProviderTaxonomy).where(
        ProviderTaxonomy.npi == npi, ProviderTaxonomy.gone_on.is_not(None)
    )
    return list(
        session.scalars(statement.order_by(ProviderTaxonomy.gone_on.desc(), ProviderTaxonomy.code))
    )


def latest_full_releases(session: Session) -> dict[Source, date]:
    """Return the day of the latest full release of each source that is loaded."""
    statement = (
        sa.select(Release.source, sa.func.max(Release.released_on))
        .where(Release.is_full)
        .group_by(Release.source)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def seen_on(fact: Fact, full_releases: Mapping[Source, date]) -> date:
    """Return the latest release that stated the fact: every full one since, unless it is gone."""
    if fact.gone_on is not None:
        return fact.as_of
    return max(fact.as_of, full_releases.get(fact.source, fact.as_of))


def experience_of(
    provider: Provider,
    licenses: Iterable[License],
    clinician: Clinician | None,
    *,
    today: date,
) -> Experience | None:
    """Return the years in practice: since graduation, else license, else enumeration."""
    issued = [each.first_issued_on for each in licenses if each.first_issued_on]
    if clinician and clinician.graduation_year:
        year, since = clinician.graduation_year, "graduation"
    elif issued:
        year, since = min(issued).year, "license"
    elif provider.enumerated_on:
        year, since = provider.enumerated_on.year, "enumeration"
    else:
        return None
    return Experience(years=max(today.year - year, 0), since=since, year=year)
