"""State license files: the status of loaded licenses.

A row is used only if the digits of its number and its last name are those of a loaded license; a
name alone never matches, and ambiguous rows are not used. Years of birth, addresses and fines are
not among the columns that are read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import polars as pl
import sqlalchemy as sa

from directory.core.errors import DirectoryError
from directory.core.text import folded
from directory.geo.states import STATES
from directory.providers.models import License, Provider, Source
from directory.sources.loading.importer import Column, Importer, Run
from directory.sources.publishers.state_license_layouts import LAYOUTS, Layout
from directory.sources.reading import columns
from directory.sources.reading.csv_reader import Columns
from directory.sources.reading.errors import SourceFileError

_NOBODY = "no license loaded here has this number and last name"
_NO_NUMBER = "there is no license number"
_DIFFERENT = "several licenses of one number and name, with different statuses: none taken"
_SEVERAL = "several people have this number and name: nobody's"

# In shorter numbers, letters distinguish licenses: E5444, J5444.
_ENOUGH_DIGITS = 6
_TIME = r"[ T][0-9]{1,2}:[0-9]{2}.*$"
_SUFFIX = r" (?:jr|sr|ii|iii|iv)$"
_DAY_IN_NAME = re.compile(r"(?<![0-9])(20[0-9]{2})[-_]?([0-9]{2})[-_]?([0-9]{2})(?![0-9])")

_KEY = ("npi", "number")
_FACTS = ("status", "expires_on", "first_issued_on", "has_board_action")
_DAYS = {"expires": "expires_on", "issued": "first_issued_on"}
_STORED = {
    "npi": pl.Int64,
    "number": pl.String,
    "taxonomy_code": pl.String,
    "last_name": pl.String,
    "status": pl.String,
    "expires_on": pl.Date,
    "first_issued_on": pl.Date,
    "has_board_action": pl.Boolean,
    "status_checked_on": pl.Date,
    "status_gone_on": pl.Date,
}


class UnknownStateError(DirectoryError):
    """There is no layout of this state's file."""

    def __init__(self, state: str) -> None:
        known = ", ".join(LAYOUTS)
        super().__init__(f"No layout of a license file of {state!r} is known. Known: {known}.")
        self.state = state


@dataclass(frozen=True)
class LicenseImporter(Importer):
    """An importer whose errors name all missing columns and the origin of its layout."""

    origin: str = ""

    def wanted(self, columns: Columns) -> dict[str, int]:
        """Return the index of each column, or raise `SourceFileError` naming those missing."""
        try:
            return super().wanted(columns)
        except SourceFileError as error:
            missing = [each.names for each in self.columns if columns.find(*each.names) is None]
            names = "; ".join(" or ".join(map(repr, names)) for names in missing)
            found = f"a header without {names}"
            raise SourceFileError(error.file, 1, found, f"the columns of {self.origin}") from error


class LicensesLoad:
    """Loads the file of one state."""

    def __init__(self, run: Run, *, state: str, layout: Layout) -> None:
        self._run = run
        self._state = state
        self._layout = layout
        self._stored = _stored(run, state)
        self._people = _people(self._stored)
        self._pairs: list[pl.DataFrame] = []

    def take(self, frame: pl.DataFrame) -> None:
        """Keep the rows of one block that match a loaded license."""
        run = self._run
        frame = frame.with_columns(_number(self._layout).alias("text"))
        frame = frame.with_columns(_digits("text"))
        frame = run.without(frame, pl.col("digits") == "", _NO_NUMBER, is_bad=False)
        frame = self._with_days(frame)
        is_here = pl.col("digits").is_in(self._people["digits"].implode())
        frame = run.without(frame, ~is_here, _NOBODY, is_bad=False)
        pairs = self._paired(frame)
        is_matched = pl.col("line").is_in(pairs["line"].implode())
        run.without(frame, ~is_matched, _NOBODY, is_bad=False)
        self._pairs.append(pairs)

    def finish(self) -> None:
        """Update the statuses of the licenses."""
        run = self._run
        if run.is_outdated:
            run.tally.notes["a newer release is loaded: nothing to do"] += 1
            return
        pairs = pl.concat(self._pairs)
        rows = self._stored.join(_read(run, pairs), on=_KEY, how="inner", suffix="_new")
        checked = pl.max_horizontal("status_checked_on", "status_gone_on").fill_null(date.min)
        run.tally.counts["older"] += rows.filter(checked > run.released_on).height
        rows = rows.filter(checked <= run.released_on)
        self._count(rows)
        run.store.stage(
            License,
            rows.select(
                *self._key(),
                *(_text(name, f"{name}_new") for name in _FACTS),
                pl.lit(run.released_on.isoformat()).alias("status_checked_on"),
                pl.lit(None, pl.String).alias("status_gone_on"),
            ),
        )
        if run.is_full:
            self._stage_gone(pairs)
        run.store.update(License)

    def _stage_gone(self, pairs: pl.DataFrame) -> None:
        """Mark the status of licenses missing from this file as unknown from its release on."""
        run = self._run
        gone = self._stored.filter(
            pl.col("status_checked_on") <= run.released_on, pl.col("status_gone_on").is_null()
        ).join(pairs, on=_KEY, how="anti")
        run.tally.counts["gone"] += gone.height
        run.store.stage(
            License,
            gone.select(
                *self._key(),
                *(_text(name, name) for name in (*_FACTS, "status_checked_on")),
                pl.lit(run.released_on.isoformat()).alias("status_gone_on"),
            ),
        )

    def _key(self) -> list[pl.Expr]:
        return [*map(pl.col, _KEY), pl.col("taxonomy_code"), pl.lit(self._state).alias("state")]

    def _count(self, rows: pl.DataFrame) -> None:
        counts = self._run.tally.counts
        known = rows.filter(pl.col("status_checked_on").is_not_null())
        is_same = pl.all_horizontal(
            pl.col("status_gone_on").is_null(),
            *(pl.col(name).eq_missing(pl.col(f"{name}_new")) for name in _FACTS),
        )
        unchanged = known.filter(is_same).height
        counts["new"] += rows.height - known.height
        counts["changed"] += known.height - unchanged
        counts["unchanged"] += unchanged

    def _with_days(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Parse the days, and set aside rows with an invalid one."""
        for key, column in _DAYS.items():
            names = getattr(self._layout, key)
            if not names:
                frame = frame.with_columns(pl.lit(None, pl.Date).alias(column))
                continue
            text = pl.col(key).str.strip_chars().str.replace(_TIME, "")
            days = [text.str.to_date(form, strict=False) for form in self._layout.days]
            frame = frame.with_columns(pl.coalesce(days).alias(column))
            shapes = " or ".join(_shape(form) for form in self._layout.days)
            reason = f"the {names[0]} '{{}}' is not a day written {shapes}"
            wrong = pl.format(reason, text.str.head(20))
            frame = self._run.without(frame, (text != "") & pl.col(column).is_null(), wrong)
        return frame

    def _paired(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return each row joined with each license of the same digits and last name."""
        layout = self._layout
        status = pl.concat_str(
            *(pl.col(f"status_{place}").str.strip_chars() for place in range(len(layout.status))),
            separator=" ",
        ).str.strip_chars()
        frame = frame.with_columns(
            status.alias("status_text"),
            columns.mapped(frame["name"], folded).fill_null("").alias("name"),
            _action(layout).alias("has_board_action"),
            *_parts("text", "_file"),
        )
        word = columns.mapped(frame["status_text"], folded).fill_null("")
        meanings = {word: str(status) for word, status in layout.statuses.items() if status}
        frame = frame.with_columns(
            word.replace_strict(meanings, default=None, return_dtype=pl.String).alias("status"),
            word.is_in([*layout.statuses, ""]).alias("is_known"),
        )
        pairs = frame.drop("number").join(self._people, on="digits", how="inner")
        if layout.full_name:
            whole = pl.format(" {}", pl.col("name").str.replace(_SUFFIX, ""))
            is_named = whole.str.ends_with(pl.format(" {}", "last"))
        else:
            is_named = _joined("name") == _joined("last")
        letters, others = pl.col("letters"), pl.col("letters_file")
        is_long = pl.col("digits").str.len_bytes() >= _ENOUGH_DIGITS
        may_be = (letters == "") | (others == "") | (letters == others) | is_long
        return pairs.filter(is_named & may_be).select(
            *(*_KEY, *_FACTS, "status_text", "is_known", "line"),
            (pl.col("whole") == pl.col("whole_file")).alias("is_exact"),
        )


def _read(run: Run, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the values of each license for which the file is unambiguous.

    A row with exactly the same number takes precedence over rows with the same digits.
    """
    pairs = pairs.filter(pl.col("is_exact") | ~pl.col("is_exact").any().over(_KEY))
    is_one = pl.col("status").n_unique().over(_KEY) == 1
    _note(run, _DIFFERENT, pairs.filter(~is_one).select(_KEY).n_unique() if pairs.height else 0)
    pairs = pairs.filter(is_one)
    exact_npi = pl.when("is_exact").then("npi")
    of_one = pl.col("npi").n_unique().over("line") == 1
    of_one_exactly = exact_npi.drop_nulls().n_unique().over("line") == 1
    is_own = of_one | (pl.col("is_exact") & of_one_exactly)
    _note(run, _SEVERAL, pairs.filter(~is_own)["line"].n_unique())
    pairs = pairs.filter(is_own)
    unknown = pairs.filter(~pl.col("is_known")).unique("line")["status_text"].str.head(40)
    for text, count in unknown.value_counts().iter_rows():
        _note(run, f"status word {text!r} is not known to the layout", count)
    action = pl.col("has_board_action")
    return pairs.group_by(_KEY, maintain_order=True).agg(
        pl.col("status").first(),
        *(
            pl.when(pl.col(day).n_unique() == 1).then(pl.col(day).first()).alias(day)
            for day in _DAYS.values()
        ),
        pl.when(action.any())
        .then(pl.lit(value=True))
        .when((~action).sum() == pl.len())
        .then(pl.lit(value=False))
        .alias("has_board_action"),
    )


def _note(run: Run, text: str, count: int) -> None:
    if count:
        run.tally.notes[text] += count


def _stored(run: Run, state: str) -> pl.DataFrame:
    """Return the loaded licenses of this state with their stored status."""
    own = {name: getattr(License, name) for name in _STORED if name != "last_name"}
    own |= {
        "npi": sa.type_coerce(License.npi, sa.BigInteger),
        "status": sa.type_coerce(License.status, sa.String),
        "last_name": Provider.last_name,
    }
    statement = (
        sa.select(*(own[name].label(name) for name in _STORED))
        .join(Provider, Provider.npi == License.npi)
        .where(License.state == state, License.gone_on.is_(None), Provider.last_name.is_not(None))
    )
    rows = [tuple(row) for row in run.session.execute(statement)]
    return pl.DataFrame(rows, schema=_STORED, orient="row")


def _people(stored: pl.DataFrame) -> pl.DataFrame:
    """Return each license once, with the values that rows are compared with."""
    last = columns.mapped(stored["last_name"], folded).fill_null("")
    people = stored.select(*_KEY, last.alias("last")).unique(_KEY)
    people = people.with_columns(_digits("number"), *_parts("number", ""))
    return people.filter((pl.col("digits") != "") & (pl.col("last") != ""))


def _number(layout: Layout) -> pl.Expr:
    """Return the number, with the letters of the prefix unless they are included."""
    number = pl.col("number").str.strip_chars()
    if not layout.prefix:
        return number
    letters = pl.col("prefix").str.replace_all("[^A-Za-z]", "")
    is_there = number.str.to_uppercase().str.starts_with(letters.str.to_uppercase())
    return pl.when(is_there).then(number).otherwise(pl.concat_str(letters, number))


def _digits(column: str) -> pl.Expr:
    digits = pl.col(column).str.replace_all("[^0-9]", "").str.strip_chars_start("0")
    return digits.alias("digits")


def _parts(column: str, suffix: str) -> list[pl.Expr]:
    """Return a number's letters, and the number without punctuation and leading zeros."""
    text = pl.col(column).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    return [
        text.str.replace_all("[0-9]", "").alias(f"letters{suffix}"),
        text.str.replace(r"^([A-Z]*)0+", "${1}").alias(f"whole{suffix}"),
    ]


def _joined(column: str) -> pl.Expr:
    """Return a folded name without blanks: O'Neil, O NEIL and ONEIL are one name."""
    return pl.col(column).str.replace_all(" ", "", literal=True)


def _action(layout: Layout) -> pl.Expr:
    if not layout.action:
        return pl.lit(None, pl.Boolean)
    text = pl.col("action").str.strip_chars().str.to_lowercase()
    other = pl.when(text != "").then(pl.lit(layout.other_action, pl.Boolean))
    return (
        pl.when(text.is_in([word for word, acted in layout.actions.items() if acted]))
        .then(pl.lit(value=True))
        .when(text.is_in([word for word, acted in layout.actions.items() if not acted]))
        .then(pl.lit(value=False))
        .otherwise(other)
    )


def _text(name: str, column: str) -> pl.Expr:
    """Return a fact as stored in the database."""
    value = pl.col(column)
    return (columns.iso(value) if name.endswith("_on") else value).alias(name)


def _shape(form: str) -> str:
    """Return an example of the format of days, for messages."""
    return datetime(2026, 1, 31).strftime(form)  # noqa: DTZ001 - a day has no zone


def release_in_license_name(name: str) -> date | None:
    """Return the day in a file's name, if there is one.

    >>> release_in_license_name("licenses_WA_2026-09-01.csv")
    datetime.date(2026, 9, 1)
    """
    match = _DAY_IN_NAME.search(name)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def license_importer(state: str, layouts: Mapping[str, Layout] = LAYOUTS) -> Importer:
    """Return the importer of a state's license file, or raise `UnknownStateError`."""
    layout = layouts.get(state)
    if layout is None:
        raise UnknownStateError(state)
    columns = {
        "number": layout.number,
        "prefix": layout.prefix,
        "name": layout.last_name or layout.full_name,
        "expires": layout.expires,
        "issued": layout.issued,
        "action": layout.action,
        **{f"status_{place}": names for place, names in enumerate(layout.status)},
    }
    tried = "" if layout.is_tried else " (never tried on real rows)"
    return LicenseImporter(
        name="licenses",
        source=Source.STATE,
        title=f"licenses of {STATES.get(state, state)}",
        pattern=layout.pattern,
        columns=tuple(Column(key, names) for key, names in columns.items() if names),
        begin=partial(LicensesLoad, state=state, layout=layout),
        find_release=release_in_license_name,
        # File names differ between states: only --full marks a full release.
        is_full=lambda _name: False,
        find_part=lambda _name: state,
        delimiters=layout.delimiters,
        origin=f"{layout.title}{tried}: {layout.source}",
    )
