"""Shifts the clock of every Python process that has this folder in its PYTHONPATH.

Python imports a module of this name when it starts. Only the time of day is shifted, by
CLOCK_SHIFT seconds; timeouts, which use the monotonic clock, are not.
"""

import ctypes
import datetime
import gc
import os
import time

_SHIFT = float(os.environ["CLOCK_SHIFT"])
_real_time = time.time


def _time() -> float:
    return _real_time() + _SHIFT


def _now(cls: type[datetime.datetime], tz: datetime.tzinfo | None = None) -> datetime.datetime:
    return cls.fromtimestamp(_time(), tz)


# `date.today` asks `time.time`; `datetime.now` asks the operating system, and is written in C.
time.time = _time
gc.get_referents(datetime.datetime.__dict__)[0]["now"] = classmethod(_now)
ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime.datetime))
