"""The background image of a map: land, water, borders and the circle, as SVG."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from directory.search.map.frame import HEIGHT, RADIUS, WIDTH, Frame
from directory.search.map.free_space import MARK
from directory.search.map.land import DEGREES_PER_UNIT, NEAR_MILES, Bounds, Polyline, Ring, land_for

# Coordinates are integers in half units: precise enough for any screen, and compact.
_RESOLUTION = 2
_WIDTH, _HEIGHT = WIDTH * _RESOLUTION, HEIGHT * _RESOLUTION
_MARGIN = 8  # lines further outside are not drawn
_MIN_STEP = 3  # points nearer to the preceding one are dropped
_TURN = round(360 / DEGREES_PER_UNIT)

Spot = tuple[int, int]


@dataclass(frozen=True)
class Colors:
    """The colors of a theme, the same as in the stylesheet, which an image cannot use."""

    land: str
    water: str
    line: str
    accent: str


THEMES = {
    "light": Colors("#fdfdfa", "#e4ede4", "#d5dcd3", "#0f5b4a"),
    "dark": Colors("#18221e", "#1e2c26", "#2c3a34", "#8cc9ae"),
}


def render_svg(frame: Frame, colors: Colors) -> str:
    """Return the SVG; deterministic for a frame and colors."""
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
        f'<circle {middle} r="{RADIUS * _RESOLUTION}" stroke-dasharray="8 10"/>'
        f'<circle {middle} r="{round(MARK * _RESOLUTION)}"/></g>'
        f'<circle {middle} r="4" fill="{colors.accent}"/>'
    )


class _Sheet:
    """Projects lines onto the drawing, and clips them to it."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._x = frame.center.longitude / DEGREES_PER_UNIT
        self._y = frame.center.latitude / DEGREES_PER_UNIT
        self._scale = frame.units_per_degree * DEGREES_PER_UNIT * _RESOLUTION
        margin = _MARGIN / self._scale
        aside = frame.half_width_degrees / DEGREES_PER_UNIT + margin * 2
        self._box = Bounds(
            math.floor(self._x - aside),
            math.floor(frame.south / DEGREES_PER_UNIT - margin),
            math.ceil(self._x + aside),
            math.ceil(frame.north / DEGREES_PER_UNIT + margin),
        )

    def strokes(self, lines: Iterable[Polyline]) -> str:
        """Return the lines as SVG path data."""
        parts = []
        for turn, box in self._boxes():
            for line in lines:
                if not line.box.is_outside(box):
                    parts += [_stroke(run) for run in _runs(self._spots(line, turn))]
        return "".join(parts)

    def areas(self, rings: Iterable[Ring]) -> str:
        """Return the areas of the rings as SVG path data."""
        parts = []
        for turn, box in self._boxes():
            for ring in rings:
                if not ring.box.is_outside(box):
                    around = _without_detours(self._around(ring, turn, box))
                    if len(around) > 2:
                        parts.append(f"{_stroke(around)}z")
        return "".join(parts)

    def _boxes(self) -> Iterator[tuple[int, Bounds]]:
        """Return the bounds, and a second one where they cross 180 degrees."""
        box = self._box
        yield 0, box
        for turn in (_TURN, -_TURN):
            if box.west + turn <= _TURN // 2 and box.east + turn >= -_TURN // 2:
                yield turn, Bounds(box.west + turn, box.south, box.east + turn, box.north)

    def _around(self, ring: Ring, turn: int, box: Bounds) -> Iterator[Spot]:
        for segment in ring.segments:
            # A segment outside the bounds is replaced by a line from its first to its last point.
            yield from self._spots(segment, turn, is_outside=segment.box.is_outside(box))

    def _spots(self, line: Polyline, turn: int, *, is_outside: bool = False) -> list[Spot]:
        xs: Sequence[int] = line.xs
        ys: Sequence[int] = line.ys
        if is_outside:
            xs, ys = (xs[0], xs[-1]), (ys[0], ys[-1])
        middle, scale = self._x + turn, self._scale
        # Latitudes are clamped, so that points outside do not move inside by narrowing.
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
    """Return the sides of the drawing that a position is beyond, as bits (an outcode)."""
    x, y = spot
    return (
        (x < -_MARGIN)
        | (x > _WIDTH + _MARGIN) << 1
        | (y < -_MARGIN) << 2
        | (y > _HEIGHT + _MARGIN) << 3
    )


def _runs(spots: list[Spot]) -> Iterator[list[Spot]]:
    """Yield the parts of a line that are inside the drawing."""
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
    """Drop the points of a coastline that lie beyond one side of the drawing."""
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
    """Return a line as SVG path data with relative coordinates."""
    x, y = spots[0]
    parts = [f"M{x} {y}"]
    command = "l"
    last = len(spots) - 1
    for index in range(1, last + 1):
        next_x, next_y = spots[index]
        across, down = next_x - x, next_y - y
        if abs(across) + abs(down) < _MIN_STEP and (index < last or not (across or down)):
            continue
        parts.append(f"{command}{across} {down}")
        command = " "
        x, y = next_x, next_y
    return "".join(parts).replace(" -", "-")
