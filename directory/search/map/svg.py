"""The picture behind the pins: land, water, lines and the circle, as one SVG."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from directory.search.map.frame import HEIGHT, RADIUS, WIDTH, Frame
from directory.search.map.free_space import MARK
from directory.search.map.land import DEGREES_PER_UNIT, NEAR_MILES, Box, Line, Ring, land_for

# Coordinates are whole numbers of half units: fine enough for any screen, and short to write.
_FINE = 2
_WIDTH, _HEIGHT = WIDTH * _FINE, HEIGHT * _FINE
_MARGIN = 8  # what lies further outside is not drawn
_STEP = 3  # points nearer to the one before than this are left out
_TURN = round(360 / DEGREES_PER_UNIT)

Spot = tuple[int, int]


@dataclass(frozen=True)
class Colors:
    """The colors of a theme: those of the stylesheet, which a picture cannot see."""

    land: str
    water: str
    line: str
    accent: str


THEMES = {
    "light": Colors("#fdfdfa", "#e4ede4", "#d5dcd3", "#0f5b4a"),
    "dark": Colors("#18221e", "#1e2c26", "#2c3a34", "#8cc9ae"),
}


def drawn(frame: Frame, colors: Colors) -> str:
    """Return the picture; the same for the same place, distance and colors."""
    sheet = _Sheet(frame)
    land = land_for(frame.within_miles)
    counties = sheet.strokes(land.counties)
    states = sheet.strokes(land.states)
    is_wide = frame.within_miles > NEAR_MILES
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {_WIDTH} {_HEIGHT}">'
            f'<path fill="{colors.water}" d="M0 0h{_WIDTH}v{_HEIGHT}H0z"/>'
            f'<path fill="{colors.land}" fill-rule="evenodd" d="{sheet.areas(land.shores)}"/>'
            f'<g fill="none" stroke="{colors.line}" stroke-linejoin="round">',
            f'<path stroke-width="2" d="{counties}"/>' if counties else "",
            f'<path stroke-width="{2 if is_wide else 4}" d="{states}"/>' if states else "",
            f"</g>{_circle(colors)}</svg>",
        )
    )


def _circle(colors: Colors) -> str:
    middle = f'cx="{_WIDTH // 2}" cy="{_HEIGHT // 2}"'
    return (
        f'<g fill="none" stroke="{colors.accent}" stroke-width="2">'
        f'<circle {middle} r="{RADIUS * _FINE}" stroke-dasharray="8 10"/>'
        f'<circle {middle} r="{round(MARK * _FINE)}"/></g>'
        f'<circle {middle} r="4" fill="{colors.accent}"/>'
    )


class _Sheet:
    """Puts lines of the land on the drawing, and leaves out what is not on it."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._x = frame.center.longitude / DEGREES_PER_UNIT
        self._y = frame.center.latitude / DEGREES_PER_UNIT
        self._scale = frame.units_per_degree * DEGREES_PER_UNIT * _FINE
        margin = _MARGIN / self._scale
        aside = frame.degrees_aside / DEGREES_PER_UNIT + margin * 2
        self._box = Box(
            math.floor(self._x - aside),
            math.floor(frame.south / DEGREES_PER_UNIT - margin),
            math.ceil(self._x + aside),
            math.ceil(frame.north / DEGREES_PER_UNIT + margin),
        )

    def strokes(self, lines: Iterable[Line]) -> str:
        """Return the lines as a path."""
        parts = []
        for turn, box in self._boxes():
            for line in lines:
                if not line.box.is_beside(box):
                    parts += [_stroke(run) for run in _runs(self._spots(line, turn))]
        return "".join(parts)

    def areas(self, rings: Iterable[Ring]) -> str:
        """Return what the rings enclose as a path."""
        parts = []
        for turn, box in self._boxes():
            for ring in rings:
                if not ring.box.is_beside(box):
                    around = _without_detours(self._around(ring, turn, box))
                    if len(around) > 2:
                        parts.append(f"{_stroke(around)}z")
        return "".join(parts)

    def _boxes(self) -> Iterator[tuple[int, Box]]:
        """Return the box, and a second one where it goes on beyond 180 degrees."""
        box = self._box
        yield 0, box
        for turn in (_TURN, -_TURN):
            if box.west + turn <= _TURN // 2 and box.east + turn >= -_TURN // 2:
                yield turn, Box(box.west + turn, box.south, box.east + turn, box.north)

    def _around(self, ring: Ring, turn: int, box: Box) -> Iterator[Spot]:
        for piece in ring.pieces:
            # All of it to one side: a straight line from its first point to its last is as good.
            yield from self._spots(piece, turn, is_beside=piece.box.is_beside(box))

    def _spots(self, line: Line, turn: int, *, is_beside: bool = False) -> list[Spot]:
        xs: Sequence[int] = line.xs
        ys: Sequence[int] = line.ys
        if is_beside:
            xs, ys = (xs[0], xs[-1]), (ys[0], ys[-1])
        middle, scale = self._x + turn, self._scale
        # North and south of the map it narrows no further: beside it stays beside it.
        south, north = self._frame.south, self._frame.north
        cosine = math.cos(math.radians(self._frame.center.latitude))
        right, down = _WIDTH / 2, _HEIGHT / 2
        spots = []
        for x, y in zip(xs, ys, strict=True):
            latitude = min(north, max(south, y * DEGREES_PER_UNIT))
            narrowing = math.sqrt(math.cos(math.radians(latitude)) * cosine)
            spots.append(
                (
                    round(right + (x - middle) * narrowing * scale),
                    round(down - (y - self._y) * scale),
                )
            )
        return spots


def _side(spot: Spot) -> int:
    """Return on which sides of the drawing a spot lies outside, as bits."""
    x, y = spot
    return (
        (x < -_MARGIN)
        | (x > _WIDTH + _MARGIN) << 1
        | (y < -_MARGIN) << 2
        | (y > _HEIGHT + _MARGIN) << 3
    )


def _runs(spots: list[Spot]) -> Iterator[list[Spot]]:
    """Cut a line where it leaves the drawing; of a stretch outside nothing is drawn."""
    run: list[Spot] = []
    before, side_before = spots[0], _side(spots[0])
    for spot in spots[1:]:
        side = _side(spot)
        if side & side_before:
            if run:
                yield run
            run = []
        elif run:
            run.append(spot)
        else:
            run = [before, spot]
        before, side_before = spot, side
    if run:
        yield run


def _without_detours(spots: Iterable[Spot]) -> list[Spot]:
    """Leave out what a shore does beyond one side of the drawing."""
    kept: list[Spot] = []
    beyond = 0
    last: Spot | None = None
    for spot in spots:
        side = _side(spot)
        if side & beyond:
            beyond &= side
            last = spot
            continue
        if last is not None:
            kept.append(last)
        kept.append(spot)
        beyond, last = side, None
    if last is not None:
        kept.append(last)
    return kept


def _stroke(spots: list[Spot]) -> str:
    """Return a line as a path that says of each point how far from the one before it is."""
    x, y = spots[0]
    parts = [f"M{x} {y}"]
    command = "l"
    last = len(spots) - 1
    for at in range(1, last + 1):
        next_x, next_y = spots[at]
        across, down = next_x - x, next_y - y
        if abs(across) + abs(down) < _STEP and (at < last or not (across or down)):
            continue
        parts.append(f"{command}{across} {down}")
        command = " "
        x, y = next_x, next_y
    return "".join(parts).replace(" -", "-")
