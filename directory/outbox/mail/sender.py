"""The mail settings that the outbox reads: sender address and mail server."""

from typing import Protocol, cast

from flask import Flask, current_app

from directory.outbox.mail.addresses import domain_of, split_sender
from directory.outbox.mail.server import MailServer


class MailSettings(Protocol):
    """What the outbox needs of `Settings`, which it may not import."""

    @property
    def mail_from(self) -> str: ...

    @property
    def mail_server(self) -> MailServer: ...


def mail_settings() -> MailSettings:
    """Return the mail settings of the running application."""
    return cast(MailSettings, current_app.config["SETTINGS"])


def sender_address(settings: MailSettings) -> str:
    """Return the bare address of MAIL_FROM."""
    return split_sender(settings.mail_from)[1]


def sender_domain(settings: MailSettings) -> str:
    """Return the domain we send for: it ends our Message-IDs and greets the server."""
    return domain_of(sender_address(settings))


def mail_server_for(app: Flask) -> MailServer:
    """Return the server to send messages through.

    A function at ``app.extensions["mail_guard"]`` may name another one: mail of a demo
    site goes to the demo mailbox, whatever SMTP_URL says.
    """
    guard = app.extensions.get("mail_guard")
    replacement = cast("MailServer | None", guard() if guard else None)
    server: MailServer = app.config["SETTINGS"].mail_server
    return replacement or server
