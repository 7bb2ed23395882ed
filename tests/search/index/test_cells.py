from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.core.clock import utc_now
from directory.providers.models import PracticeLocation, Provider
from directory.search.index import cell_writer
from directory.search.index.cell_writer import pack_all, repacking
from directory.search.index.data_versions import KEPT_FOR, current_version
from directory.search.index.listings import rebuild_listings, refresh_listings
from directory.search.index.models import DataVersion, Listing, ListingCell
from directory.search.index.packed_listing import RECORD
from tests.factories import CHICAGO, EVANSTON, make_location, make_provider
from tests.search.index.packed import professionals_in, stored_blocks, wanted_blocks


def test_a_record_is_48_bytes() -> None:
    assert RECORD.itemsize == 48


def test_blocks_are_what_packing_all_would_make_of_them(session: Session) -> None:
    people = [make_provider(session, last_name=f"Feldt-Okafor{n % 3}") for n in range(12)]
    for number, person in enumerate(people):
        make_location(session, person, at=EVANSTON if number % 2 else CHICAGO)
        if number % 4 == 0:
            make_location(session, person, at=CHICAGO, is_primary=False)
    moved = session.scalars(sa.select(PracticeLocation).limit(3)).all()
    for location in moved:
        location.latitude, location.longitude = 61.2, -149.9
    people[5].last_name = "Lindqvist"
    refresh_listings(session, [*(each.npi for each in moved), people[5].npi])

    assert stored_blocks(session) == wanted_blocks(session)
    assert len(professionals_in(stored_blocks(session))) == 12


def test_a_removed_provider_is_in_no_block(session: Session) -> None:
    stays, goes = (make_location(session, make_provider(session)) for _ in range(2))
    session.get_one(Provider, goes.npi).deactivated_on = utc_now().date()
    refresh_listings(session, [goes.npi])

    assert professionals_in(stored_blocks(session)) == {int(stays.npi)}


def test_a_second_place_is_no_longer_the_only_one(session: Session) -> None:
    provider = make_provider(session)
    make_location(session, provider, at=EVANSTON)
    make_location(session, provider, at=CHICAGO, is_primary=False)

    blocks = stored_blocks(session)

    flags = np.concatenate([np.frombuffer(block, RECORD)["flags"] for block in blocks.values()])
    assert not np.any(flags & np.uint64(1 << 10))
    assert blocks == wanted_blocks(session)


def test_rebuilding_gives_the_same_blocks(session: Session) -> None:
    for _ in range(3):
        make_location(session, make_provider(session))
    before = stored_blocks(session)

    rebuild_listings(session)

    assert stored_blocks(session) == before == wanted_blocks(session)


def test_many_records_are_packed_in_several_steps(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        make_location(session, make_provider(session), at=CHICAGO if number % 3 else EVANSTON)
    before = stored_blocks(session)
    for name in ("_ROWS_PER_FETCH", "_BLOCKS_PER_INSERT", "_RECORDS_PER_COPY"):
        monkeypatch.setattr(cell_writer, name, 2)

    pack_all(session, now=utc_now())

    assert stored_blocks(session) == before


def test_an_older_version_is_kept_for_an_hour(session: Session) -> None:
    location = make_location(session, make_provider(session))
    noon = datetime(2030, 11, 2, 12, tzinfo=UTC)

    for minutes in (0, 30, 59, 61, 200, 300):
        change_something(session, location, noon + timedelta(minutes=minutes))

    kept = session.scalars(sa.select(DataVersion.made_at).order_by(DataVersion.number)).all()
    assert kept[-1] == noon + timedelta(minutes=300)
    assert len(kept) == 2  # the one that counted an hour ago, and the one of now
    cells = session.scalar(sa.select(sa.func.count()).select_from(ListingCell))
    assert cells == len(kept) * 2
    assert current_version(session).oldest == current_version(session).number - 1
    assert timedelta(hours=1) == KEPT_FOR


def change_something(session: Session, location: PracticeLocation, now: datetime) -> None:
    with repacking(session, [location.npi], now=now, is_import=False):
        session.execute(
            sa.update(Listing)
            .where(Listing.npi == location.npi)
            .values(treatments=Listing.treatments + 1)
        )
