"""Finds places: offline, and street addresses with an online geocoder of geopy if one is set."""

import functools
import logging
from typing import Any
from urllib.parse import parse_qsl

from flask import current_app
from geopy.exc import GeocoderNotFound, GeopyError
from geopy.geocoders import SERVICE_TO_GEOCODER, get_geocoder_for_service
from geopy.geocoders.base import Geocoder

from directory.core.errors import SettingsError
from directory.core.text import squeezed
from directory.geo.places import Place, Resolution, resolve
from directory.geo.points import Point, PointError, Precision, miles_between

# South, west, north, east of: the states and the Caribbean islands, the last of the
# Aleutians, Guam and the Marianas, American Samoa.
_US_BOUNDS = (
    (17.5, -180.0, 71.6, -64.5),
    (51.0, 172.0, 54.0, 180.0),
    (13.0, 144.0, 21.0, 147.0),
    (-15.0, -172.0, -10.9, -168.0),
)
# A street further than this from its own ZIP code or city is another street of that name.
_WRONG_PLACE_MILES = 100.0


class PlaceFinder:
    """Resolves typed places: offline, and street addresses online if a geocoder is set."""

    def __init__(
        self, online: Geocoder | None = None, *, timeout: float = 3.0, cache_size: int = 1024
    ) -> None:
        self._online = online
        self._timeout = timeout
        # Errors are not cached, so a failed request is retried.
        self._find_street = functools.lru_cache(maxsize=cache_size)(self._geocode)

    def find_places(self, text: str) -> Resolution:
        """Return what the text means; for a street not found online, its ZIP code or city."""
        offline = resolve(text)
        if self._online is None or not offline.needs_street_geocoder:
            return offline
        typed = squeezed(text)
        try:
            point = self._find_street(typed)
        except GeopyError:
            # Not logged: the error may contain the address, and the offline result is used instead.
            return offline
        if point is None or _is_wrong_place(point, offline.place):
            return offline
        return Resolution(_street_place(typed, point, offline.place))

    def _geocode(self, typed: str) -> Point | None:
        assert self._online is not None
        location = self._online.geocode(typed, exactly_one=True, timeout=self._timeout)
        if location is None:
            return None
        try:
            point = Point(location.latitude, location.longitude)
        except PointError:
            return None
        return point if _is_in_us(point) else None


def place_finder() -> PlaceFinder:
    """Return the place finder of the running application."""
    finder: PlaceFinder = current_app.extensions["places"]
    return finder


def online_geocoder(spec: str, user_agent: str) -> Geocoder | None:
    """Return the geocoder that the setting GEOCODER describes, or None when it is empty.

    `nominatim?domain=nominatim.example.org&scheme=https`: one of geopy's services, and what
    its class takes as keywords.
    """
    if not spec.strip():
        return None
    name, _, query = spec.strip().partition("?")
    options: dict[str, Any] = {"user_agent": user_agent, **dict(parse_qsl(query))}
    try:
        if "timeout" in options:
            options["timeout"] = float(options["timeout"])
        geocoder: Geocoder = get_geocoder_for_service(name)(**options)
    except GeocoderNotFound as error:
        services = ", ".join(sorted(SERVICE_TO_GEOCODER))
        raise SettingsError(
            f"GEOCODER names an unknown service; the services are {services}."
        ) from error
    except (TypeError, ValueError, GeopyError) as error:
        # The options may hold an API key, so they are not in the message.
        raise SettingsError(
            f"GEOCODER does not fit the service {name}; docs/places.md says how to write it."
        ) from error
    # geopy logs the addresses it looks up, which are the patients'.
    logging.getLogger("geopy").setLevel(logging.WARNING)
    return geocoder


def _street_place(typed: str, point: Point, nearby: Place | None) -> Place:
    state = nearby.state if nearby else None
    zip_code = nearby.zip_code if nearby else None
    return Place(typed, point, Precision.EXACT, typed, state, zip_code)


def _is_wrong_place(point: Point, nearby: Place | None) -> bool:
    return nearby is not None and miles_between(point, nearby.point) > _WRONG_PLACE_MILES


def _is_in_us(point: Point) -> bool:
    return any(
        south <= point.latitude <= north and west <= point.longitude <= east
        for south, west, north, east in _US_BOUNDS
    )
