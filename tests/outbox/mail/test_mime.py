"""An email has the same bytes on every attempt, and no unintended headers."""

import email
import email.policy
from dataclasses import replace
from types import SimpleNamespace

import pytest

from directory.outbox.mail.addresses import RecipientError, masked, split_sender
from directory.outbox.mail.content import Attachment, Content, ContentError
from directory.outbox.mail.mime import ComposeError, compose_email
from directory.outbox.mail.sender import mail_settings, sender_address
from tests.outbox.sample_messages import CONTENT, make_message

HEADERS = {
    "Content-Type",
    "MIME-Version",
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
}


def parsed(data: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)  # type: ignore[return-value]


def test_an_email_has_the_intended_content(session) -> None:
    message = make_message(session)
    read = parsed(compose_email(message, mail_settings()))
    assert set(read.keys()) == HEADERS
    assert read["To"] == "carol@clinic.example"
    assert read["Message-ID"] == message.message_id
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Content-Language"] == "en"
    plain, html = read.iter_parts()
    assert plain.get_content().replace("\r\n", "\n") == CONTENT.text
    assert html.get_content().strip() == CONTENT.html


def test_every_attempt_sends_the_same_bytes(session) -> None:
    message = make_message(session)
    first = compose_email(message, mail_settings())
    session.expire_all()
    assert compose_email(message, mail_settings()) == first


@pytest.mark.parametrize(
    "text", ["x" * 5000, "é" * 3000, "a\r\nb\rc\nd", "\x0b\x0c\x1c\x85\u2028x", "", ".", "\n" * 9]
)
def test_lines_are_short_ascii_and_end_in_crlf(session, text: str) -> None:
    content = Content(subject="Información " * 10, text=text, html=text, language="es")
    data = compose_email(make_message(session, content=content), mail_settings())
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert parsed(data)["Subject"].strip() == content.subject.strip()


@pytest.mark.parametrize("letter", ["\n", "\r", "\r\n", "\0", "\x0b", "\x85", "\u2028", "\u2029"])
def test_a_subject_with_a_line_break_cannot_be_made(letter: str) -> None:
    with pytest.raises(ContentError) as caught:
        Content(subject=f"Hi{letter}Bcc: thief@evil.example", text="", html="", language="en")
    assert "thief" not in str(caught.value)


@pytest.mark.parametrize(
    "subject",
    ["=?utf-8?q?Hi=0D=0ABcc:_thief@evil.example?=", "=?utf-8?b?SGkNCkJjYzogdA==?= more"],
)
def test_an_encoded_word_as_subject_is_not_sent(session, subject: str) -> None:
    content = Content(subject=subject, text="", html="", language="en")
    message = make_message(session, content=content)
    with pytest.raises(ComposeError) as caught:
        compose_email(message, mail_settings())
    assert "thief" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "carol@clinic.example\r\nBcc: thief@evil.example",
        "carol@clinic.example\n",
        "carol@clinic.example\0",
        "carol@clinic.example\u2028",
        "carol@clinic.example, thief@evil.example",
        "Carol <carol@clinic.example>",
        "carol@clinic.example> SIZE=1",
        "carol",
        "@clinic.example",
        "",
        "a" * 250 + "@x.example",
    ],
)
def test_a_recipient_is_one_plain_address(session, address: str) -> None:
    with pytest.raises(RecipientError) as caught:
        make_message(session, to=address)
    assert "clinic" not in str(caught.value)


def test_an_address_outside_ascii_is_refused_with_the_reason(session) -> None:
    message = make_message(session, to="josé@clinic.example")
    with pytest.raises(ComposeError, match="outside ASCII"):
        compose_email(message, mail_settings())


@pytest.mark.parametrize(
    ("mail_from", "name"),
    [
        ("Kopfschmerz-Zentrum für Köln <us@site.example>", "Kopfschmerz-Zentrum für Köln"),
        ('A "B", C <us@site.example>', 'A "B", C'),
        ('"Headache Center, North" <us@site.example>', "Headache Center, North"),
        (r'"The \"Center\" <3" <us@site.example>', 'The "Center" <3'),
        ("us@site.example (Directory)", "Directory"),
        ("us@site.example", ""),
    ],
)
def test_the_sender_may_have_any_name(session, mail_from: str, name: str) -> None:
    settings = SimpleNamespace(mail_from=mail_from)
    read = parsed(compose_email(make_message(session), settings))  # type: ignore[arg-type]
    assert set(read.keys()) == HEADERS
    [address] = read["From"].addresses
    assert (address.display_name, address.addr_spec) == (name, "us@site.example")
    assert sender_address(settings) == "us@site.example"  # type: ignore[arg-type]


@pytest.mark.parametrize("mail_from", ["", "Directory", "A, B"])
def test_a_sender_without_an_address_has_none(mail_from: str) -> None:
    assert "@" not in split_sender(mail_from)[1]


def test_operators_see_one_letter_of_an_address() -> None:
    assert masked("carol@clinic.example") == "c***@clinic.example"


CALENDAR = Attachment(
    file_name="time.ics",
    media_type="text/calendar; method=PUBLISH",
    text="BEGIN:VCALENDAR\r\nSUMMARY:Café = a time\r\nEND:VCALENDAR\r\n",
)


def test_replies_go_to_the_address_in_the_content(session) -> None:
    content = replace(CONTENT, reply_to="jo@mail.example.org")
    read = parsed(compose_email(make_message(session, content=content), mail_settings()))
    assert set(read.keys()) == HEADERS | {"Reply-To"}
    assert read["Reply-To"] == "jo@mail.example.org"


@pytest.mark.parametrize(
    "address",
    ["jo@mail.example\r\nBcc: thief@evil.example", "Jo <jo@mail.example>", "a@b.c, d@e.f", ""],
)
def test_an_address_to_reply_to_is_one_plain_address(session, address: str) -> None:
    with pytest.raises(RecipientError):
        make_message(session, content=replace(CONTENT, reply_to=address))


def test_an_address_to_reply_to_outside_ascii_is_not_sent(session) -> None:
    message = make_message(session, content=replace(CONTENT, reply_to="josé@mail.example"))
    with pytest.raises(ComposeError, match="outside ASCII"):
        compose_email(message, mail_settings())


def test_a_calendar_file_is_attached_to_the_text(session) -> None:
    message = make_message(session, content=replace(CONTENT, attachment=CALENDAR))
    data = compose_email(message, mail_settings())
    read = parsed(data)
    assert (set(read.keys()), read.get_content_type()) == (HEADERS, "multipart/mixed")
    words, file = read.iter_parts()
    assert [part.get_content_type() for part in words.iter_parts()] == ["text/plain", "text/html"]
    assert (file.get_content_type(), file.get_param("method")) == ("text/calendar", "PUBLISH")
    assert (file.get_filename(), file.get_content_disposition()) == ("time.ics", "attachment")
    assert file.get_content().replace("\r\n", "\n") == CALENDAR.text.replace("\r\n", "\n")


def test_an_email_with_a_calendar_file_has_the_same_bytes_every_time(session) -> None:
    content = replace(CONTENT, attachment=CALENDAR, reply_to="jo@mail.example.org")
    message = make_message(session, content=content)
    first = compose_email(message, mail_settings())
    session.expire_all()
    assert compose_email(message, mail_settings()) == first
    assert first.isascii()


@pytest.mark.parametrize(
    ("file_name", "media_type"),
    [
        ('x.ics"\r\nBcc: thief@evil.example', "text/calendar"),
        ("../x.ics", "text/calendar"),
        ("x.ics", "text/calendar\r\nBcc: t@evil.example"),
        ("x.ics", "application/zip"),
    ],
)
def test_an_attachment_with_an_unsafe_name_or_type_cannot_be_made(file_name, media_type) -> None:
    with pytest.raises(ContentError) as caught:
        Attachment(file_name=file_name, media_type=media_type, text="")
    assert "evil" not in str(caught.value)
