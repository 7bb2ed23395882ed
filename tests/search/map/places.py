"""Places and points for the tests of the map."""

import random

from hypothesis import strategies as st

from directory.geo import gazetteer
from directory.geo.points import Point
from directory.search.map.frame import Frame

DISTANCES = (5, 10, 25, 50, 100, 250)
ADAK = Point(51.88, -176.65)

frames = st.builds(
    Frame,
    st.builds(Point, st.floats(14, 71), st.floats(-180, 180)),
    st.sampled_from(DISTANCES),
)


def random_frames(count: int) -> list[Frame]:
    """Return maps around ZIP codes of everywhere, always the same."""
    draw = random.Random(20261125)
    rows = filter(None, map(gazetteer.find_zip_row, draw.sample(gazetteer.zip_codes(), count)))
    return [Frame(row.point, draw.choice(DISTANCES)) for row in rows]
