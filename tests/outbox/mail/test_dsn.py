"""Delivery reports of all servers are read, and hostile ones do no harm."""

import base64
import contextlib
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.outbox.mail.dsn import LARGEST, Fate, NotAReportError, read_report
from tests.outbox.mail.dsn import EXIM, OUT_OF_OFFICE, QMAIL, in_own_words, standard

ID = "<abc-DEF_123@directory.test>"


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_standard_report_names_the_message_and_why(kind: str) -> None:
    report = read_report(standard(ID, kind=kind))
    assert (report.fate, report.message_ids) == (Fate.FAILED, (ID,))
    assert report.reason.startswith("5.1.1 550 5.1.1 <carol@clinic.example>: carol is unknown")


@pytest.mark.parametrize(
    ("action", "status", "fate"),
    [
        ("failed", "5.2.2", Fate.FAILED),
        ("Failed", "5.0.0 (unknown)", Fate.FAILED),
        ("failed", "4.4.7", Fate.FAILED),  # given up after days of trying
        ("delayed", "4.4.1", Fate.DELAYED),
        ("delayed", "5.4.1", Fate.DELAYED),
        ("", "4.2.2", Fate.DELAYED),
        ("", "5.2.2", Fate.FAILED),
        ("delivered", "2.0.0", Fate.OTHER),
        ("relayed", "2.0.0", Fate.OTHER),
        ("", "", Fate.OTHER),
    ],
)
def test_the_fate_follows_from_action_and_status(action: str, status: str, fate: Fate) -> None:
    assert read_report(standard(ID, action=action, status=status)).fate is fate


def test_line_breaks_may_be_crlf() -> None:
    report = read_report(standard(ID).replace(b"\n", b"\r\n"))
    assert (report.fate, report.message_ids) == (Fate.FAILED, (ID,))


def test_parts_may_be_encoded() -> None:
    head, mark, returned = standard(ID).partition(b"Content-Type: text/rfc822-headers\n\n")
    body, end, rest = returned.partition(b"\n--B0")
    for name, encoded in (
        (b"base64", base64.encodebytes(body)),
        (b"quoted-printable", quopri.encodestring(body)),
    ):
        fields = mark.strip() + b"\nContent-Transfer-Encoding: " + name + b"\n\n"
        assert read_report(head + fields + encoded + end + rest).message_ids == (ID,)


def test_the_envelope_id_is_enough() -> None:
    report = read_report(standard("", envelope_id="abc-DEF_123"))
    assert (report.fate, report.envelope_id, report.message_ids) == (
        Fate.FAILED,
        "abc-DEF_123",
        (),
    )


@pytest.mark.parametrize("form", [EXIM, QMAIL])
def test_a_plain_text_report_is_read(form: str) -> None:
    report = read_report(in_own_words(form, ID))
    assert (report.fate, report.message_ids) == (Fate.FAILED, (ID,))


def test_a_plain_text_warning_is_a_delay() -> None:
    text = in_own_words(EXIM, ID).replace(b"Mail delivery failed", b"Warning: message delayed")
    assert read_report(text).fate is Fate.DELAYED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"Subject: hello\n\nHow are you?\n",
        in_own_words(OUT_OF_OFFICE, ID),
        # Somebody who quotes our headers is no mail server.
        in_own_words(EXIM, ID)
        .replace(b"Mailer-Daemon", b"carol")
        .replace(b"<>", b"<carol@x>")
        .replace(b"Mail Delivery System", b"Carol"),
    ],
)
def test_input_that_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(NotAReportError):
        read_report(data)


def _parts(count: int) -> bytes:
    head = b"Content-Type: multipart/report; boundary=b\n\n"
    return head + b"--b\nContent-Type: message/delivery-status\n\n\n" * count


@pytest.mark.parametrize(
    "data",
    [
        b"\n" * LARGEST,
        b"\n \t" * LARGEST,
        b"a:" * LARGEST,
        b"Content-Type: multipart/report; boundary=" + b"b" * LARGEST,
        b"From: <>\n\n" + b"Message-ID: <" * LARGEST,
        b"From: <>\n\n" + b"> " * LARGEST,
        b"From: <>\n\n" + (b" " * 500 + b"\n") * 5000,
        _parts(10_000),
        b"Content-Type: multipart/report; boundary=b\n\n--b\n"
        b"Content-Type: message/delivery-status\n\n" + b"a: b\n\n" * LARGEST,
    ],
)
def test_parsing_a_hostile_report_terminates(data: bytes) -> None:
    with contextlib.suppress(NotAReportError):
        assert read_report(data).fate is Fate.OTHER


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_report_is_read_or_refused(data: st.DataObject) -> None:
    sound = data.draw(st.sampled_from([standard(ID), in_own_words(EXIM, ID)]))
    cut = data.draw(st.integers(0, len(sound)))
    junk = data.draw(st.binary(max_size=40))
    with contextlib.suppress(NotAReportError):
        read_report(sound[:cut] + junk + sound[cut + len(junk) :])
