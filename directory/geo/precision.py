"""How well the position of a place is known."""

import enum


class Precision(enum.StrEnum):
    """From the building down to the state."""

    EXACT = "exact"
    COORDINATES = "coordinates"
    ZIP = "zip"
    CITY = "city"
    AREA = "area"  # the mean of a 3-digit ZIP prefix
    STATE = "state"
