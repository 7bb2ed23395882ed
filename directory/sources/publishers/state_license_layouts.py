"""The layouts of state license files: to add a state, add an entry here.

Words are compared folded: lower case, without punctuation. A status word that is not listed
gives no status. "active" is only what the state itself calls good standing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from directory.providers.models import LicenseStatus

ACTIVE, INACTIVE = LicenseStatus.ACTIVE, LicenseStatus.INACTIVE
EXPIRED, REVOKED = LicenseStatus.EXPIRED, LicenseStatus.REVOKED
RESTRICTED = LicenseStatus.RESTRICTED

Names = tuple[str, ...]  # all names of a column

# Words with the same meaning in every state. A suspended license does not allow practice, and one
# surrendered or ended is no longer in force; only "revoked" is revoked.
USUAL: dict[str, LicenseStatus | None] = {
    "active": ACTIVE,
    "inactive": INACTIVE,
    "retired": INACTIVE,
    "deceased": INACTIVE,
    "canceled": INACTIVE,
    "cancelled": INACTIVE,
    "surrendered": INACTIVE,
    "suspended": INACTIVE,
    "expired": EXPIRED,
    "lapsed": EXPIRED,
    "revoked": REVOKED,
    "restricted": RESTRICTED,
    "probation": RESTRICTED,
}


@dataclass(frozen=True)
class Layout:
    """The columns of one state's file, and what the words in them mean."""

    title: str
    source: str  # the origin of the columns and words
    is_tried: bool  # tested with real rows
    number: Names
    status: tuple[Names, ...]  # columns that together hold the status
    days: tuple[str, ...]  # formats of days; a time of day after one is ignored
    last_name: Names = ()  # either this one,
    full_name: Names = ()  # or the whole name, with the last name at its end
    prefix: Names = ()  # a column whose letters go before the number
    expires: Names = ()
    issued: Names = ()
    action: Names = ()  # whether the board has acted
    statuses: Mapping[str, LicenseStatus | None] = field(default_factory=lambda: USUAL)
    actions: Mapping[str, bool] = field(default_factory=dict)  # as written, in lower case
    other_action: bool | None = None  # what any other text means; nothing given means nothing
    delimiters: str = ",\t"
    pattern: str = "*licens*"  # the file within a zip


LAYOUTS: dict[str, Layout] = {
    "WA": Layout(
        title="Washington, Health Care Provider Credential Data",
        source="data.wa.gov, qxh8-f4bd; tried on real rows",
        is_tried=True,
        pattern="*credential*",
        number=("CredentialNumber",),
        last_name=("LastName",),
        status=(("Status",),),
        expires=("ExpirationDate",),
        issued=("FirstIssueDate",),
        action=("ActionTaken",),
        days=("%Y%m%d", "%m/%d/%Y"),
        statuses=USUAL
        | {
            "superseded": INACTIVE,  # a temporary permit, by the license itself
            "closed": INACTIVE,
            # A multi-state license has replaced this one.
            "expired wa active msl": None,
        },
        actions={"no": False, "yes": True},
    ),
    "CA": Layout(
        title="California, licensee lists of the Department of Consumer Affairs",
        source="the department's public information lists; tried on real rows",
        is_tried=True,
        number=("license_number",),
        last_name=("org_or_last_name",),
        status=(("license_status",),),
        expires=("expiration_date",),
        issued=("original_issue_date", "original_isuue_date"),
        days=("%m-%d-%Y", "%Y-%m-%d"),
        statuses=USUAL
        | {
            "current": ACTIVE,
            "currentinactive": INACTIVE,
            "current inactive": INACTIVE,
            "delinquent": EXPIRED,  # not renewed in time; no practice until it is
        },
    ),
    "MA": Layout(
        title="Massachusetts, export of the Health Professions Licensing boards",
        source="the boards' export; tried on real rows",
        is_tried=True,
        number=("license_number",),
        full_name=("licensee_name",),
        status=(("status",),),
        expires=("expiration_date",),
        issued=("issue_date",),
        action=("compliance_actions",),
        days=("%B %d, %Y",),
        statuses=USUAL
        | {
            "current": ACTIVE,
            "void": INACTIVE,
            "expired covid 19": EXPIRED,
            "conditional expired": EXPIRED,
        },
        actions={"[]": False},
        other_action=True,
    ),
    "CO": Layout(
        title="Colorado, Professional and Occupational Licenses (DORA)",
        source="data.colorado.gov, 7s5z-vewr; written from its published columns",
        is_tried=False,
        prefix=("licenseType",),
        number=("licenseNumber",),
        last_name=("lastName",),
        status=(("licenseStatusDescription",),),
        expires=("licenseExpirationDate",),
        issued=("licenseFirstIssueDate",),
        action=("programAction",),
        days=("%m/%d/%Y", "%Y-%m-%d"),
        statuses=USUAL | {"active with conditions": RESTRICTED},
        actions={"": False},  # a row for every case; nothing where there was none
        other_action=True,
    ),
    "TX": Layout(
        title="Texas Medical Board, All Licenses",
        source="data.texas.gov, tm3v-pfq9; written from its published columns",
        is_tried=False,
        number=("License Number",),
        last_name=("Last Name",),
        # The one says whether it is registered, the other what the board has done to it.
        status=(
            ("Registration Status",),
            ("License Status",),
        ),
        expires=("License Expiration Date",),
        action=("Disciplinary Status",),
        days=("%m/%d/%Y", "%Y-%m-%d"),
        statuses=USUAL
        | {
            "active none": ACTIVE,
            "inactive none": INACTIVE,
            "retired none": INACTIVE,
            "expired none": EXPIRED,
            "delinquent none": EXPIRED,
            "active suspended": INACTIVE,
            "active revoked": REVOKED,
            "active perm license restricted": RESTRICTED,
        },
        # Other words are of closed matters, or not plain.
        actions={
            "none": False,
            "revoked": True,
            "revoked by board": True,
            "suspended by board": True,
            "temporarily suspended": True,
            "cancelled by board": True,
            "under board order": True,
        },
    ),
    "FL": Layout(
        title="Florida, Department of Health, MQA licensure data",
        source="the MQA data download, pipe-delimited; written from its published columns",
        is_tried=False,
        delimiters="|",
        pattern="lic*.txt",
        prefix=("Rank Code", "RankCode"),
        number=("License Number", "LicenseNumber"),
        last_name=("Last Name", "LastName"),
        status=(
            ("License Status Description", "LicenseStatusDescription"),
            ("License Active Status Description", "LicenseActiveStatusDescription"),
        ),
        expires=("Expire Date", "ExpireDate"),
        issued=("Original Date", "OriginalDate"),
        action=("Board Action Indicator", "BoardActionIndicator"),
        days=("%m/%d/%Y", "%Y-%m-%d"),
        statuses=USUAL
        | {
            "clear active": ACTIVE,
            "clear inactive": INACTIVE,
            "clear delinquent": EXPIRED,
            "null and void": EXPIRED,  # not renewed for so long that it has ended
            "probation active": RESTRICTED,
            "obligations active": RESTRICTED,
            "suspension active": INACTIVE,
            "voluntary relinquishment": INACTIVE,
        },
        actions={"n": False, "y": True},
    ),
}
