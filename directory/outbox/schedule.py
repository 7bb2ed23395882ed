"""When a message is tried again: soon at first, then every four hours, for five days.

The wait follows from the age of the message, so that attempts which never reached the
server with the message use nothing up.
"""

from datetime import timedelta
from itertools import accumulate

GIVE_UP_AFTER = timedelta(days=5)
# Nothing is wrong with the message: it waits for the server, and others go first meanwhile.
WAIT_FOR_SERVER = timedelta(seconds=15)

_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120))
_LAST_WAIT = timedelta(hours=4)
_JITTER = 0.2


def is_over(age: timedelta) -> bool:
    """Tell whether a message of this age has been tried long enough."""
    return age >= GIVE_UP_AFTER


def next_wait(age: timedelta, *, jitter: float) -> timedelta:
    """Return the wait after a failed attempt; jitter from 0 to 1 makes it up to 20 % off.

    The last attempt is made when the five days end.
    """
    # The planned moments lie so far apart that jitter never mistakes one for another.
    passed = sum(moment * (1 - _JITTER) <= age for moment in accumulate(_WAITS))
    planned = _WAITS[passed] if passed < len(_WAITS) else _LAST_WAIT
    wait = planned * (1 - _JITTER + 2 * _JITTER * jitter)
    return min(wait, max(GIVE_UP_AFTER - age, _WAITS[0]))
