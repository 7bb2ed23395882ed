"""The retry schedule: soon at first, then every four hours, for five days.

The wait depends on the age of the message, so attempts that fail before MAIL use up nothing.
"""

from datetime import timedelta
from itertools import accumulate

GIVE_UP_AFTER = timedelta(days=5)
# The server failed, not the message: others are tried first in the meantime.
WAIT_FOR_SERVER = timedelta(seconds=15)

_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120))
_LAST_WAIT = timedelta(hours=4)
_JITTER = 0.2


def is_over(age: timedelta) -> bool:
    """Return True if a message of this age is given up."""
    return age >= GIVE_UP_AFTER


def next_wait(age: timedelta, *, jitter: float) -> timedelta:
    """Return the wait after a failed attempt; jitter from 0 to 1 makes it up to 20 % off.

    The last attempt is made when the five days end.
    """
    # The planned waits are far enough apart that jitter cannot confuse two of them.
    passed = sum(moment * (1 - _JITTER) <= age for moment in accumulate(_WAITS))
    planned = _WAITS[passed] if passed < len(_WAITS) else _LAST_WAIT
    wait = planned * (1 - _JITTER + 2 * _JITTER * jitter)
    return min(wait, max(GIVE_UP_AFTER - age, _WAITS[0]))
