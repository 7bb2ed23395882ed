"""Reading on while what was read is being stored: two cores, two threads."""

import queue
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import TypeVar

Item = TypeVar("Item")

_MOST_WAITING = 1
_POLL_SECONDS = 0.1


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the items, the next one being made by another thread meanwhile.

    An error of theirs is raised here, in its turn; when the taker stops early, so do they.
    """
    done: queue.Queue[Item | BaseException | None] = queue.Queue(_MOST_WAITING)
    is_over = threading.Event()
    maker = threading.Thread(target=_make, args=(items, done, is_over), daemon=True)
    maker.start()
    try:
        while (item := done.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        is_over.set()
        maker.join()


def _make(
    items: Iterator[Item],
    done: "queue.Queue[Item | BaseException | None]",
    is_over: threading.Event,
) -> None:
    def hand_over(item: Item | BaseException | None) -> bool:
        while not is_over.is_set():
            try:
                done.put(item, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    try:
        with closing(items):  # type: ignore[type-var]
            if all(hand_over(item) for item in items):
                hand_over(None)
    except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
        hand_over(error)
