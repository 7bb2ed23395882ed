"""The pages of the demo mailbox."""

import pytest

from directory.core.database import db
from directory.demo.views import mailbox_folder
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


def test_there_is_no_mailbox_in_production(database_url, tmp_path):
    base_url = "https://directory.example.org"
    app = make_app(database_url, tmp_path, DIRECTORY_ENV="production", PUBLIC_BASE_URL=base_url)

    assert app.test_client().get("/demo/mailbox").status_code == 404

    with app.app_context():
        db.engine.dispose()
