"""The files of the demo: what is in them, and that the script makes them."""

import csv
import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from directory.care.procedures import MIGRAINE_INJECTION
from directory.care.specialties import CareGroup, find_care_group
from directory.geo.places import zip_position
from directory.geo.points import miles_between
from directory.providers.npi import is_npi
from seeds.demo.rows import FILES
from seeds.demo.words import read_states
from seeds.make_demo import FOLDER, make_demo

LARGEST_BYTES = 600_000


def unpacked(folder: Path, name: str) -> str:
    return gzip.decompress((folder / f"{name}.csv.gz").read_bytes()).decode()


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(unpacked(FOLDER, name).splitlines()))


def share(part: int, of: int) -> float:
    return round(part / of, 3)


def test_the_script_makes_the_files_that_are_bundled(tmp_path):
    make_demo(tmp_path)

    # Unpacked, since another build of zlib may pack the same text differently.
    assert [name for name in FILES if unpacked(tmp_path, name) != unpacked(FOLDER, name)] == []


def test_the_files_bear_no_time():
    assert all(file.read_bytes()[4:8] == bytes(4) for file in FOLDER.glob("*.gz"))


def test_files_stay_small():
    assert sum(file.stat().st_size for file in FOLDER.glob("*.gz")) < LARGEST_BYTES


def test_every_npi_is_valid_and_begins_with_2():
    npis = [row["npi"] for row in rows("providers")]

    assert len(set(npis)) == len(npis) >= 3000
    assert all(is_npi(npi) and npi.startswith("2") for npi in npis)


@pytest.mark.parametrize("name", ["taxonomies", "licenses", "locations", "volumes", "exclusions"])
def test_every_fact_belongs_to_somebody(name):
    known = {row["npi"] for row in rows("providers")}

    assert {row["npi"] for row in rows(name)} <= known


@pytest.mark.parametrize("name", ["locations", "clinics"])
def test_every_phone_number_is_reserved_for_fiction(name):
    form = re.compile(r"\([2-9]\d\d\) 555-01\d\d")

    assert all(form.fullmatch(row["phone"]) for row in rows(name))


def test_every_email_is_at_example_org():
    emails = [row[column] for row in rows("clinics") for column in ("email", "second_email")]

    assert all(re.fullmatch(r"[a-z]+@[a-z0-9-]+\.example\.org", email) for email in emails if email)


def test_every_state_has_professionals():
    people = Counter(row["state"] for row in rows("locations") if row["is_primary"] == "yes")

    assert set(people) == {state.code for state in read_states()}
    assert min(people.values()) >= 12


def test_specialties_are_spread_as_in_reality():
    main = [row["code"] for row in rows("taxonomies") if row["is_primary"] == "yes"]
    counts = Counter(map(find_care_group, main))

    assert share(counts[CareGroup.NEUROLOGY], len(main)) == pytest.approx(0.45, abs=0.03)
    assert share(counts[CareGroup.PAIN], len(main)) == pytest.approx(0.18, abs=0.03)
    assert min(counts[group] for group in CareGroup if group >= CareGroup.NEUROLOGY) >= 10


def test_evidence_is_as_rare_as_in_reality():
    people = len(rows("providers"))
    counted = [row for row in rows("volumes") if row["procedure_code"] == MIGRAINE_INJECTION]
    confirmed = [row for row in rows("clinic_providers") if row["treatment_confirmed_on"]]

    assert share(len({row["npi"] for row in counted}), people) == pytest.approx(0.12, abs=0.02)
    assert share(len({row["npi"] for row in confirmed}), people) == pytest.approx(0.06, abs=0.02)


def test_medicare_counts_are_never_below_11_and_patients_are_fewer():
    counts = [(int(row["services"]), int(row["beneficiaries"])) for row in rows("volumes")]

    assert all(services >= 11 for services, _ in counts)
    assert all(patients < services for services, patients in counts)


def test_only_confirmed_clinics_confirm_a_treatment():
    confirmed = {row["public_id"] for row in rows("clinics") if row["email_confirmed_at"]}
    saying = {row["public_id"] for row in rows("clinic_providers") if row["treatment_confirmed_on"]}

    assert saying <= confirmed


@pytest.mark.parametrize("zip_code", ["60601", "60201", "10001", "90012", "77002"])
def test_large_cities_have_many_professionals_some_to_write_to(zip_code):
    center, _ = zip_position(zip_code)
    near = {
        row["npi"]
        for row in rows("locations")
        if miles_between(center, zip_position(row["zip_code"])[0]) <= 25
    }
    confirmed = {row["npi"] for row in rows("clinic_providers") if row["treatment_confirmed_on"]}

    assert len(near) >= 15
    assert len(near & confirmed) >= 3
