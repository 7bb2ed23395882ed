"""What patients and clinics write stays where it belongs, with everything that goes wrong.

Every text of every inquiry bears a mark. Afterwards no mark is in the logs of any process, in an
address or header, on an error page, in an email, or in the bytes of any file of the database.

`MARKS=1000 pytest tests/drills/test_marks.py` sends more of them.
"""

import email
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.drills.chaos import CLIENTS, MailLedger, wait_until_handed_off
from tests.drills.marked import Asked, go_the_whole_way, provoke_errors
from tests.drills.processes import running_site
from tests.inquiries.patient import everything, open_clinic
from tests.mail_server import Accepted

MARKS = int(os.environ.get("MARKS", "20"))
MARK = "marked"
DRAIN_SECONDS = 60


def test_no_mark_is_anywhere_but_on_the_pages_of_those_it_is_for(app, database_url, tmp_path):
    mail, clinics = MailLedger(), [a_clinic() for _ in range(MARKS)]
    broken = a_clinic(email="not an address")

    with mail.server, running_site(database_url, tmp_path, mail.server.url, workers=2) as site:
        with ThreadPoolExecutor(CLIENTS) as pool:
            ways = [
                pool.submit(go_the_whole_way, site.port, clinic, number, mail)
                for number, clinic in enumerate(clinics)
            ]
            pages = [page for way in ways for page in way.result()]
        pages += provoke_errors(site.port, broken, MARKS, mail)
        wait_until_handed_off(seconds=DRAIN_SECONDS)
        raw = {file.name: file.read_bytes().lower() for file in tmp_path.glob("*.*")}

    statuses = Counter(page.status for page in pages)
    print(f"\n{MARKS} inquiries, {len(mail.message_ids)} emails, pages: {dict(statuses)}")
    assert {303, 400, 413, 422, 500, 503} <= set(statuses)
    assert {"keys.db", "keys.db-wal", "site.log"} <= set(raw)
    assert "unexpected error" in raw["site.log"].decode()
    assert [page.url for page in pages if MARK in page.outside.lower()] == []
    assert [name for name, content in raw.items() if MARK.encode() in content] == []
    assert MARK not in str(everything()).lower()
    assert [each.message_id for each in mail.server.accepted if MARK in words_of(each)] == []


def a_clinic(**facts: str) -> Asked:
    clinic = open_clinic(**facts)
    return Asked(clinic.public_id, clinic.email or "")


def words_of(taken: Accepted) -> str:
    """Return all that an email says, in small letters, but for whom it goes to."""
    parsed = email.message_from_bytes(taken.data)
    headers = [value for name, value in parsed.items() if name != "To"]
    parts = [part.get_payload(decode=True) or b"" for part in parsed.walk()]
    return "\n".join([*headers, *(part.decode() for part in parts)]).lower()
