"""Time zones of clinics, formatted local times, and working days."""

import zoneinfo
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from directory.clinics.errors import ClinicError
from directory.clinics.models import Clinic
from directory.core.formats import clock_text, day_text
from directory.privacy.audit import record

_A_MONDAY = datetime(2001, 1, 1)  # noqa: DTZ001 - local time
_WEEK = timedelta(weeks=1)
_WORKING_WEEK = timedelta(days=5)


def working_days_after(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the time after this many working days, in UTC.

    A start on a weekend counts from Monday on.
    """
    weeks, rest = divmod(_position(start, zone) + timedelta(days=days), _WORKING_WEEK)
    local = _A_MONDAY + weeks * _WEEK + rest
    return local.replace(tzinfo=zone).astimezone(UTC)


def working_minutes(start: datetime, end: datetime, zone: ZoneInfo) -> int:
    """Return the working time between two moments in whole minutes."""
    return (_position(end, zone) - _position(start, zone)) // timedelta(minutes=1)


def _position(moment: datetime, zone: ZoneInfo) -> timedelta:
    """Return the working time from a fixed Monday to this time."""
    weeks, rest = divmod(moment.astimezone(zone).replace(tzinfo=None) - _A_MONDAY, _WEEK)
    return weeks * _WORKING_WEEK + min(rest, _WORKING_WEEK)


_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)

# In states with several zones, that of most people; clinics elsewhere set their own.
_BY_STATE = {
    **dict.fromkeys(
        ("CT", "DC", "DE", "FL", "GA", "MA", "MD", "ME", "NC", "NH", "NJ", "NY", "OH", "PA"),
        _EASTERN,
    ),
    **dict.fromkeys(("RI", "SC", "VA", "VT", "WV"), _EASTERN),
    "IN": "America/Indiana/Indianapolis",
    "KY": "America/Kentucky/Louisville",
    "MI": "America/Detroit",
    **dict.fromkeys(("AL", "AR", "IA", "IL", "KS", "LA", "MN", "MO", "MS"), _CENTRAL),
    **dict.fromkeys(("ND", "NE", "OK", "SD", "TN", "TX", "WI"), _CENTRAL),
    **dict.fromkeys(("CO", "MT", "NM", "UT", "WY"), _MOUNTAIN),
    "ID": "America/Boise",
    "AZ": "America/Phoenix",
    **dict.fromkeys(("CA", "NV", "OR", "WA"), _PACIFIC),
    "AK": "America/Anchorage",
    "HI": "Pacific/Honolulu",
    "PR": "America/Puerto_Rico",
    "VI": "America/St_Thomas",
    "GU": "Pacific/Guam",
    "AS": "Pacific/Pago_Pago",
    "MP": "Pacific/Saipan",
}


def clinic_zone(clinic: Clinic) -> ZoneInfo:
    """Return the clinic's time zone, also used for its working days."""
    return ZoneInfo(clinic.time_zone or _BY_STATE.get(clinic.state, _EASTERN))


def set_zone(session: Session, clinic: Clinic, name: str, *, now: datetime) -> None:
    """Set the clinic's time zone; raise `ClinicError` if it is unknown."""
    if name not in zoneinfo.available_timezones() or "/" not in name:
        raise ClinicError(f"{name!r} is not a time zone; write it like America/Chicago.")
    clinic.time_zone = name
    session.flush()
    public_id = clinic.public_id
    record(session, actor="operator", action="time zone set", subject=public_id, now=now, zone=name)


def local_text(moment: datetime, zone: ZoneInfo) -> str:
    """Return day and time in the clinic's zone, with its abbreviation."""
    local = moment.astimezone(zone)
    words: str = _(
        "%(day)s, %(time)s %(zone)s",
        day=day_text(local),
        time=clock_text(local),
        zone=local.tzname(),
    )
    return words
