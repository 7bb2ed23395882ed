"""The file of towns matches the gazetteer."""

from directory.geo import gazetteer
from directory.geo.points import miles_between
from directory.search.map.frame import Frame
from directory.search.map.label_placement import towns_on
from tests.factories import CHICAGO


def test_every_town_of_a_map_is_a_city_that_can_be_searched() -> None:
    towns = list(towns_on(Frame(CHICAGO, 50)))

    assert len(towns) > 100
    for town in towns:
        city = gazetteer.find_city(town.name, town.state)
        assert city is not None
        assert miles_between(city.point, town.point) < 20


def test_larger_towns_come_first() -> None:
    names = [town.name for town in towns_on(Frame(CHICAGO, 100))]

    assert names[0] == "Chicago"
    assert names.index("Milwaukee") < names.index("Evanston")
