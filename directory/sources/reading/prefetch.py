"""Prefetches items in a second thread, so that reading and storing use two cores."""

import queue
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import TypeVar

Item = TypeVar("Item")

_QUEUE_SIZE = 1
_POLL_SECONDS = 0.1


def prefetch(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the items while another thread produces the next one.

    An error in producing an item is raised here in order; closing this generator stops the thread.
    """
    done: queue.Queue[Item | BaseException | None] = queue.Queue(_QUEUE_SIZE)
    is_stopped = threading.Event()
    producer = threading.Thread(target=_produce, args=(items, done, is_stopped), daemon=True)
    producer.start()
    try:
        while (item := done.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        is_stopped.set()
        producer.join()


def _produce(
    items: Iterator[Item],
    done: "queue.Queue[Item | BaseException | None]",
    is_stopped: threading.Event,
) -> None:
    def hand_over(item: Item | BaseException | None) -> bool:
        while not is_stopped.is_set():
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
