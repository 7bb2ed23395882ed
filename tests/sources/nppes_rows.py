"""Invented rows in the layouts of the NPPES main file, V1 and V2."""

import csv
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

from directory.providers.npi import check_digit

V2_NAME = "npidata_pfile_20050523-20260907.csv"
ZIP_NAME = "NPPES_Data_Dissemination_September_2026_V2.zip"

_SHORT = {
    "npi": "NPI",
    "entity": "Entity Type Code",
    "organization": "Provider Organization Name (Legal Business Name)",
    "last": "Provider Last Name (Legal Name)",
    "first": "Provider First Name",
    "middle": "Provider Middle Name",
    "suffix": "Provider Name Suffix Text",
    "credential": "Provider Credential Text",
    "line1": "Provider First Line Business Practice Location Address",
    "line2": "Provider Second Line Business Practice Location Address",
    "city": "Provider Business Practice Location Address City Name",
    "state": "Provider Business Practice Location Address State Name",
    "zip": "Provider Business Practice Location Address Postal Code",
    "country": "Provider Business Practice Location Address Country Code (If outside U.S.)",
    "phone": "Provider Business Practice Location Address Telephone Number",
    "enumerated": "Provider Enumeration Date",
    "updated": "Last Update Date",
    "deactivated": "NPI Deactivation Date",
    "reactivated": "NPI Reactivation Date",
    "mailing": "Provider First Line Business Mailing Address",
    "fax": "Provider Business Practice Location Address Fax Number",
}
_COMPLETE = {
    "entity": "1",
    "last": "HARTWELL",
    "first": "IRIS",
    "credential": "M.D.",
    "line1": "100 MAIN ST",
    "city": "AUSTIN",
    "state": "TX",
    "zip": "787011234",
    "country": "US",
    "phone": "5125550142",
    "enumerated": "06/01/2006",
    "updated": "03/02/2020",
    "sex": "F",
    "taxonomies": [("2084N0400X", "A1234", "TX", "Y")],
    "mailing": "PO BOX 9",
    "fax": "5125550143",
}


def npi(number: int) -> str:
    """Return an NPI with a valid check digit."""
    nine = f"1{number:08d}"
    return nine + check_digit(nine)


def header(version: int = 2) -> list[str]:
    """Return as many columns as the published file has, the used ones by their names."""
    sex = "Provider Sex Code" if version == 2 else "Provider Gender Code"
    names = ["NPI", "Entity Type Code", "Replacement NPI", *list(_SHORT.values())[2:], sex]
    for slot in range(1, 16):
        names += [
            f"Healthcare Provider Taxonomy Code_{slot}",
            f"Provider License Number_{slot}",
            f"Provider License Number State Code_{slot}",
            f"Healthcare Provider Primary Taxonomy Switch_{slot}",
        ]
    width = 330 if version == 2 else 329
    names += [f"Other Provider Identifier_{each}" for each in range(width - len(names))]
    return names


def row(number: int, version: int = 2, **values: object) -> list[str]:
    """Return a complete row with these values changed."""
    return _filled({**_COMPLETE, "npi": npi(number), **values}, version)


def stub(number: int, deactivated: str) -> list[str]:
    """Return a row with only the NPI and its deactivation date."""
    return _filled({"npi": npi(number), "deactivated": deactivated}, 2)


def organization(number: int, name: str, **values: object) -> list[str]:
    """Return the row of an organization."""
    nobody = dict.fromkeys(("last", "first", "credential", "sex"), "")
    return row(number, **{**nobody, "entity": "2", "organization": name, **values})


def _filled(values: dict[str, object], version: int) -> list[str]:
    by_name = {_SHORT[key]: value for key, value in values.items() if key in _SHORT}
    by_name["Provider Sex Code"] = by_name["Provider Gender Code"] = values.get("sex", "")
    taxonomies: object = values.get("taxonomies", [])
    assert isinstance(taxonomies, list)
    for slot, (code, license_number, state, switch) in enumerate(taxonomies, 1):
        by_name[f"Healthcare Provider Taxonomy Code_{slot}"] = code
        by_name[f"Provider License Number_{slot}"] = license_number
        by_name[f"Provider License Number State Code_{slot}"] = state
        by_name[f"Healthcare Provider Primary Taxonomy Switch_{slot}"] = switch
    return [str(by_name.get(name, "")) for name in header(version)]


def as_csv(rows: Iterable[list[str]], names: list[str] | None = None) -> bytes:
    """Return the file as it is published: every field quoted."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        [names or header(), *rows]
    )
    return text.getvalue().encode()


def write(folder: Path, rows: Iterable[list[str]], name: str = V2_NAME) -> Path:
    """Write a file of these rows."""
    file = folder / name
    file.write_bytes(as_csv(rows))
    return file


def zipped(folder: Path, rows: Iterable[list[str]], name: str = ZIP_NAME) -> Path:
    """Write the rows into a zip as it is published, with the other members."""
    file = folder / name
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("npidata_pfile_20050523-20260907_fileheader.csv", as_csv([]))
        archive.writestr(V2_NAME, as_csv(rows))
        archive.writestr("pl_pfile_20050523-20260907.csv", b'"NPI"\n')
        archive.writestr("readme.pdf", b"%PDF")
    return file
