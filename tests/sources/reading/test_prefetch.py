"""Prefetching in another thread."""

import pytest

from directory.sources.reading.prefetch import prefetch


def test_items_come_in_order():
    assert list(prefetch(iter(range(100)))) == list(range(100))


def test_an_error_is_raised_in_order():
    def items():
        yield 1
        raise ValueError("line 2")

    taken = []
    with pytest.raises(ValueError, match="line 2"):
        for item in prefetch(items()):
            taken.append(item)

    assert taken == [1]


def test_closing_early_stops_the_other_thread():
    is_closed = []

    def items():
        try:
            yield from range(10**9)
        finally:
            is_closed.append(True)

    taker = prefetch(items())
    assert next(taker) == 0
    taker.close()

    assert is_closed == [True]
