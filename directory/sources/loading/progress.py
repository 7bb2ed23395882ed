"""Shows the progress of an import."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import click
from click._termui_impl import ProgressBar

_LINE_SECONDS = 30

# Called with the label and length of a phase; yields a function to call as it advances.
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@contextmanager
def no_progress(_label: str, _length: int) -> Iterator[Callable[[int], None]]:
    """Show nothing."""
    yield lambda _advance: None


class Meter:
    """A progress bar with rows per second and the remaining time, on terminals."""

    def __init__(self) -> None:
        self._rows = 0
        self._began = time.monotonic()

    def count(self, rows: int) -> None:
        """Set the total number of rows read."""
        self._rows = rows

    @contextmanager
    def bar(self, label: str, length: int) -> Iterator[Callable[[int], None]]:
        """Show a phase; without a terminal, print a line every half minute."""
        self._rows, self._began = 0, time.monotonic()
        if not sys.stderr.isatty():
            with self._lines(label, length) as advance:
                yield advance
            return
        shown: ProgressBar[int] = click.progressbar(
            length=length,
            label=label,
            file=sys.stderr,
            show_eta=True,
            item_show_func=lambda _item: self._rate(),
        )
        with shown as bar:
            yield bar.update

    @contextmanager
    def _lines(self, label: str, length: int) -> Iterator[Callable[[int], None]]:
        done, printed_at = 0, time.monotonic()

        def advance(count: int) -> None:
            nonlocal done, printed_at
            done += count
            now = time.monotonic()
            if now - printed_at >= _LINE_SECONDS and done:
                left = (now - self._began) * (length - done) / done
                share = f"{label}: {done / max(length, 1):.0%}"
                click.echo(f"{share}, {self._rate()}, {left:,.0f} s left", err=True)
                printed_at = now

        yield advance

    def _rate(self) -> str:
        return f"{self._rows / max(time.monotonic() - self._began, 0.001):,.0f} rows/s"
