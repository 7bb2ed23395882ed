"""The pages of the demo mailbox."""

import pytest

from directory.core.db.database import db
from directory.demo.sample_emails import samples
from directory.demo.views import mailbox_folder
from directory.inquiries.emails import ClinicNews, PatientNews
from directory.outbox.models import OutboxMessage
from tests.conftest import make_app

NAME = "20260101T000000000000-00000000"
TEXT = b"To: inbox@example.org\nSubject: A <b>word</b>\n\nRead http://127.0.0.1/here <script>"


@pytest.fixture
def client(app):
    """A browser, and a message in the mailbox."""
    mailbox_folder().mkdir(parents=True)
    (mailbox_folder() / f"{NAME}.eml").write_bytes(TEXT)
    return app.test_client()


@pytest.mark.parametrize("path", ["/demo/mailbox", f"/demo/mailbox/{NAME}"])
def test_pages_show_mail_and_are_not_stored(client, path):
    page = client.get(path)

    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "A &lt;b&gt;word&lt;/b&gt;" in page.text


def test_a_message_has_links(client):
    page = client.get(f"/demo/mailbox/{NAME}")

    assert 'href="http://127.0.0.1/here"' in page.text
    assert "<script>" not in page.text.partition("Read ")[2][:80]


@pytest.mark.parametrize("wrong", ["..", "%2e%2e%2fkeys.env", "keys.env", NAME[:-1]])
def test_a_wrong_id_is_not_found(client, wrong):
    assert client.get(f"/demo/mailbox/{wrong}").status_code == 404


def test_every_email_is_listed_in_both_languages(client):
    page = client.get("/demo/emails").text
    names = {"patient-code", "patient-sent", "clinic-proof", "clinic-code", "clinic-second"}
    names |= {f"patient-{news}" for news in PatientNews} | {f"clinic-{news}" for news in ClinicNews}
    names |= {"clinic-reminder", "clinic-proof-second"}
    names |= {*(f"clinic-inquiry-level-{level}" for level in (0, 1, 2))}

    assert names == set(samples())
    for name in names:
        assert f'href="/demo/emails/{name}/en"' in page
        assert f'href="/demo/emails/{name}/es"' in page


@pytest.mark.parametrize("name", ["patient-scheduled", "clinic-inquiry-level-2"])
@pytest.mark.parametrize("code", ["en", "es"])
def test_an_email_is_shown_as_text_and_apart_as_a_page(client, name, code):
    text = client.get(f"/demo/emails/{name}/{code}")
    page = client.get(f"/demo/emails/{name}/{code}/page")

    assert (text.status_code, page.status_code) == (200, 200)
    assert "H7KM-2QXR" in text.text
    assert f'<html lang="{code}">' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "sandbox" in policy
    assert "unsafe-inline" not in text.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["nothing/en", "patient-code/fr", "nothing/en/page"])
def test_an_email_that_is_not_sent_is_not_found(client, path):
    assert client.get(f"/demo/emails/{path}").status_code == 404


def test_looking_at_emails_stores_nothing(client):
    client.get("/demo/emails/clinic-inquiry-level-2/en")

    assert db.session().query(OutboxMessage).count() == 0


@pytest.mark.parametrize("path", ["mailbox", "emails", "emails/patient-code/en/page"])
def test_there_is_no_mailbox_in_production(database_url, tmp_path, path):
    settings = {
        "DIRECTORY_ENV": "production",
        "PUBLIC_BASE_URL": "https://directory.example.org",
        "KEYS_URL": f"sqlite:///{tmp_path}/keys.db",
    }
    app = make_app(database_url, tmp_path, **settings)

    assert app.test_client().get(f"/demo/{path}").status_code == 404

    with app.app_context():
        db.engine.dispose()
