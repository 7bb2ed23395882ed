"""The demo mailbox takes in real mail and shows it."""

import smtplib
import socket
import threading
import time
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from directory.demo.mailbox import HOST, MailboxPortError, find_message, list_messages, run_mailbox

LINK = "http://127.0.0.1:8000/clinic/inquiries/abc?language=en"


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def running_mailbox(folder):
    port, stop = free_port(), threading.Event()
    thread = threading.Thread(target=run_mailbox, args=(folder, port, stop))
    thread.start()
    try:
        wait_for(port)
        yield port
    finally:
        stop.set()
        thread.join(timeout=10)
    assert not thread.is_alive()


def wait_for(port):
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the mailbox did not start")


def make_message(**headers):
    message = EmailMessage()
    message["From"] = "Directory <no-reply@example.org>"
    message["To"] = headers.get("to", "inbox@lakeshore.example.org")
    message["Subject"] = headers.get("subject", "Someone wrote to you")
    message["Message-ID"] = "<one@example.org>"
    message.set_content(f"Good morning José,\n\nread it here:\n{LINK}.\n\n\nThank you")
    message.add_alternative("<p>Good morning</p>", subtype="html")
    return message


def send(port, *messages):
    with smtplib.SMTP(HOST, port, timeout=10) as client:
        for message in messages:
            client.send_message(message)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A mailbox that has taken in one message."""
    folder = tmp_path_factory.mktemp("instance") / "mailbox"
    with running_mailbox(folder) as port:
        send(port, make_message())
    return folder


def test_lists_what_came_in(folder):
    [summary] = list_messages(folder)

    assert summary.to == "inbox@lakeshore.example.org"
    assert summary.subject == "Someone wrote to you"
    assert summary.received_at.tzinfo is not None


def test_shows_paragraphs_with_links(folder):
    view = find_message(folder, list_messages(folder)[0].id)

    assert view.paragraphs == [
        [("text", "Good morning José,")],
        [("text", "read it here:\n"), ("link", LINK), ("text", ".")],
        [("text", "Thank you")],
    ]


def test_shows_headers_and_the_html_part(folder):
    view = find_message(folder, list_messages(folder)[0].id)

    assert ("Message-ID", "<one@example.org>") in view.headers
    assert view.html.strip() == "<p>Good morning</p>"


def test_leaves_no_half_written_file(folder):
    assert [file.suffix for file in folder.iterdir()] == [".eml"]


def test_lists_the_latest_first(tmp_path):
    with running_mailbox(tmp_path) as port:
        send(port, make_message(subject="first"), make_message(subject="second"))

    assert [summary.subject for summary in list_messages(tmp_path)] == ["second", "first"]


def test_keeps_the_latest_500(tmp_path):
    for number in range(510):
        (tmp_path / f"20260101T{number:012d}-00000000.eml").write_bytes(b"Subject: old\n\n")
    with running_mailbox(tmp_path) as port:
        send(port, make_message(subject="new"))

    assert len(list_messages(tmp_path)) == 500
    assert list_messages(tmp_path)[0].subject == "new"


def test_shows_text_in_a_character_set_nobody_knows(tmp_path):
    name = "20260101T000000000000-00000000"
    text = b"Content-Type: text/plain; charset=klingon\n\nGood morning"
    (tmp_path / f"{name}.eml").write_bytes(text)

    assert find_message(tmp_path, name).paragraphs == [[("text", "Good morning")]]


@pytest.mark.parametrize(
    "wrong",
    [
        "../keys",
        "..",
        "",
        "/etc/passwd",
        "%2e%2e%2fkeys",
        "20260101T000000000000-00000000/../../keys",
        "20260101T000000000000-00000000\n",
        "20260101T000000000000-0000000\x00",
        "20260101T000000000000-00000000",
    ],
)
def test_finds_nothing_by_a_wrong_id(folder, wrong):
    (folder.parent / "keys.eml").write_bytes(b"Subject: secret\n\n")

    assert find_message(folder, wrong) is None


def test_an_empty_mailbox_is_an_empty_list(tmp_path):
    assert list_messages(tmp_path / "missing") == []


def test_names_the_setting_when_the_port_is_taken(tmp_path):
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        with pytest.raises(MailboxPortError, match="MAILBOX_PORT"):
            run_mailbox(tmp_path, other.getsockname()[1], threading.Event())
