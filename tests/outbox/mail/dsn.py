"""Delivery reports as mail servers write them, with invented addresses."""

RETURNED = """\
From: "Directory" <no-reply@directory.test>
To: carol@clinic.example
Subject: New inquiry
Message-ID: {message_id}
"""

STANDARD = """\
Return-Path: <>
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: no-reply@directory.test
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="B0/relay.example"

This is a MIME-encapsulated message.

--B0/relay.example
Content-Type: text/plain; charset=us-ascii

<carol@clinic.example>: host mx.clinic.example said: 550 5.1.1 no such user

--B0/relay.example
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
{envelope}
Final-Recipient: rfc822; carol@clinic.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <carol@clinic.example>: carol
    is unknown, see https://relay.example/why?m=carol

--B0/relay.example
Content-Type: {kind}

{returned}
--B0/relay.example--
"""

EXIM = """\
Return-path: <>
X-Failed-Recipients: carol@clinic.example
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@relay.example>
To: no-reply@directory.test
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  carol@clinic.example
    host mx.clinic.example: 550 5.1.1 carol unknown

------ This is a copy of the message's headers. ------

{returned}
"""

QMAIL = """\
Return-Path: <>
From: MAILER-DAEMON@relay.example
To: no-reply@directory.test
Subject: failure notice

Hi. This is the qmail-send program at relay.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<carol@clinic.example>:
Sorry, no mailbox here by that name.

--- Below this line is a copy of the message.

{returned}
"""

OUT_OF_OFFICE = """\
From: Carol <carol@clinic.example>
To: no-reply@directory.test
Subject: Out of office: New inquiry
Auto-Submitted: auto-replied
In-Reply-To: {message_id}

I am away until Monday.
"""


def standard(
    message_id: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    kind: str = "text/rfc822-headers",
    envelope_id: str | None = None,
) -> bytes:
    """Return a multipart/report; with an envelope id no headers come back."""
    envelope = f"Original-Envelope-Id: {envelope_id}\n" if envelope_id else ""
    returned = "" if envelope_id else RETURNED.format(message_id=message_id)
    text = STANDARD.format(
        action=action, status=status, kind=kind, envelope=envelope, returned=returned
    )
    return text.encode()


def in_own_words(form: str, message_id: str) -> bytes:
    """Return a plain-text report, or mail that is no report."""
    return form.format(
        returned=RETURNED.format(message_id=message_id), message_id=message_id
    ).encode()
