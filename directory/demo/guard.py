"""Mail of a demo site goes to the demo mailbox and nowhere else."""

from flask import Flask

from directory.core.db.database import db
from directory.demo.load import has_demo
from directory.outbox.mail.server import MailServer


def guard_mail(app: Flask) -> None:
    """Have the worker ask, before each message, whether the people here are invented."""

    def demo_server() -> MailServer | None:
        """Return the server to use instead, or None to go on as set."""
        settings = app.config["SETTINGS"]
        if settings.is_production or settings.mail_server.is_loopback:
            return None
        is_demo = has_demo(db.session())
        db.session().rollback()
        mailbox: MailServer = settings.demo_mailbox
        return mailbox if is_demo else None

    app.extensions["mail_guard"] = demo_server
