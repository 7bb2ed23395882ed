"""Fixtures of the outbox tests: a certificate, and mail redirected to a fault server."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.outbox.hooks import message_settled
from directory.outbox.mail.server import TLS
from directory.outbox.models import MessageState, OutboxMessage
from tests.mail_server import Certificate, FaultServer, make_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A self-signed certificate for 127.0.0.1."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def mail_goes_to(app: Flask) -> Callable[..., None]:
    """Redirect the mail of the application to a server."""

    def redirect(server: FaultServer, tls: TLS = TLS.NONE) -> None:
        address = server.address(tls)
        app.extensions["mail_guard"] = lambda: address

    return redirect


@pytest.fixture
def heard(app: Flask) -> list[tuple[str, MessageState]]:
    """The public ids and states that a listener received."""
    told: list[tuple[str, MessageState]] = []

    def listen(session: Session, message: OutboxMessage, now: datetime) -> None:
        told.append((message.public_id, message.state))

    message_settled.register(app, listen)
    return told
