"""Retries come soon at first, then every four hours, for five days."""

from datetime import timedelta

import pytest

from directory.outbox.schedule import GIVE_UP_AFTER, is_over, next_wait

MINUTES = (1, 5, 15, 30, 60, 120, 240, 240, 240)


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("delay", [timedelta(0), timedelta(seconds=15)])
def test_waits_follow_the_schedule_with_any_jitter(jitter: float, delay: timedelta) -> None:
    age = timedelta(0)
    for minutes in MINUTES:
        wait = next_wait(age, jitter=jitter)
        assert wait == timedelta(minutes=minutes) * (0.8 + 0.4 * jitter)
        age += wait + delay  # a slow server makes every attempt late


def test_the_last_attempt_is_made_when_five_days_are_over() -> None:
    age = timedelta(0)
    waits = 0
    while not is_over(age):
        age += next_wait(age, jitter=0.9)
        waits += 1
    assert age == GIVE_UP_AFTER
    assert 30 <= waits <= 40
