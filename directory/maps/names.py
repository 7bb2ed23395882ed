"""The names that are written on a map: none over another, and none under a pin."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from directory.maps.frame import HEIGHT, WIDTH, Frame
from directory.maps.pins import RADIUS, Pin
from directory.maps.room import MARK, Box, Spot
from directory.maps.towns import Town, towns_on

TEXT_SIZE = 11
_MOST = 8  # beside the name of the place searched
_TRIED = 40  # more towns than this would not find room either
_WIDTH_OF_LETTER = 6.2  # on average, in the widest of the usual fonts
_ROOM = 4.0  # between two names, and between a name and the edge
_CLEAR = RADIUS + 2  # of a pin


@dataclass(frozen=True, slots=True)
class Name:
    """A name, and the middle of its foot."""

    text: str
    x: float
    y: float

    @property
    def box(self) -> Box:
        """The room that it takes."""
        half = len(self.text) * _WIDTH_OF_LETTER / 2
        return Box(self.x - half, self.y - TEXT_SIZE, self.x + half, self.y + 2)


def name_of_middle(text: str) -> Name:
    """Return the name of the place searched, under the mark for it."""
    return Name(text, WIDTH / 2, HEIGHT / 2 + MARK + TEXT_SIZE)


def names_for(frame: Frame, middle: Name | None, pins: Sequence[Pin]) -> list[Name]:
    """Return the name of the middle and those of the largest towns that find room."""
    found = [middle] if middle else []
    boxes = [name.box for name in found]
    for town in itertools.islice(towns_on(frame), _TRIED):
        if any(name.text == town.name for name in found):
            continue
        spots = _spots(frame, town)
        name = next((name for name in spots if _has_room(name.box, boxes, pins)), None)
        if name is not None:
            found.append(name)
            boxes.append(name.box)
            if len(found) > _MOST:
                break
    return found


def _spots(frame: Frame, town: Town) -> Iterator[Name]:
    """Yield where a town's name may stand: on its place, under it, over it, beside it."""
    x, y = frame.place(town.point)
    x, y = round(x), round(y + TEXT_SIZE / 3)
    aside = round(len(town.name) * _WIDTH_OF_LETTER / 2 + _CLEAR)
    for across, down in ((0, 0), (0, 18), (0, -18), (aside, 0), (-aside, 0)):
        yield Name(town.name, x + across, y + down)


def _has_room(box: Box, others: Sequence[Box], pins: Sequence[Pin]) -> bool:
    wider = box.wider(_ROOM)
    if wider.left < 0 or wider.top < 0 or wider.right > WIDTH or wider.bottom > HEIGHT:
        return False
    mark: Spot = (WIDTH / 2, HEIGHT / 2)
    if wider.distance(mark) < MARK or any(wider.touches(other) for other in others):
        return False
    return not any(box.is_within(_CLEAR, pin.x, pin.y) for pin in pins)
