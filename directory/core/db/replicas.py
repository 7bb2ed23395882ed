"""Reading from replicas: which requests may, which server responds, and failover.

By default everything is read from the primary. Public read-only pages may be served from a
replica, chosen once per request; when it fails, another replica or finally the primary is used.
Clients that have just written carry a cookie for as long as a replica may be behind, and read
their own writes from the primary.
"""

import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

import sqlalchemy as sa
from flask import Flask, g, request
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from directory.core.db.database import READING_FROM, WROTE, db
from directory.core.db.replica_lag import ReplicaMonitor
from directory.core.db.replica_pool import Replica, State
from directory.core.errors import DirectoryError

View = Callable[..., Any]

_READING = {"GET", "HEAD"}
_ATTEMPTS = 2  # at replicas; then the primary
# The time between two polls of the primary, and until a silent one is given up.
_COOKIE_MARGIN_SECONDS = 2


class StaleReplicaError(DirectoryError):
    """The replica does not have the requested data yet; another server has to respond."""


# PendingRollbackError: a view swallowed the first error and ran another query.
_FAILURES = (DBAPIError, PoolTimeoutError, PendingRollbackError, StaleReplicaError)


def init_replicas(
    app: Flask, urls: Sequence[URL], *, max_lag: int, blueprints: Collection[str]
) -> None:
    """Serve the read requests of these blueprints, registered before, from the replicas."""
    if not urls:
        return
    with app.app_context():
        routing = Routing(db.engine, urls, max_lag=max_lag)
    app.extensions["replicas"] = routing
    cookie = WroteCookie(
        seconds=max_lag + _COOKIE_MARGIN_SECONDS, is_https=app.config["SESSION_COOKIE_SECURE"]
    )
    for endpoint, view in app.view_functions.items():
        if endpoint.partition(".")[0] in blueprints:
            app.view_functions[endpoint] = _reading(view, routing, cookie)
    app.after_request(cookie.remember)


def refuse_if_stale(session: Session, *, is_stale: bool) -> None:
    """Raise `StaleReplicaError` if this is a replica without the requested data."""
    if is_stale and READING_FROM in session.info:
        raise StaleReplicaError


@dataclass(frozen=True)
class WroteCookie:
    """A cookie that says only that the client has written."""

    seconds: int
    is_https: bool

    @property
    def name(self) -> str:
        """The name of the cookie; the prefix makes browsers tie it to our host."""
        return "__Host-wrote" if self.is_https else "wrote"

    def remember(self, response: Response) -> Response:
        """Set it after a request that has written; for `after_request`."""
        if db.session.registry.has() and db.session().info.get(WROTE):
            response.set_cookie(
                self.name,
                "1",
                max_age=self.seconds,
                secure=self.is_https,
                httponly=True,
                samesite="Lax",
            )
        return response


def _reading(view: View, routing: "Routing", cookie: WroteCookie) -> View:
    """Return the view, read from a replica where allowed."""

    @wraps(view)
    def routed(**values: Any) -> Any:
        if request.method not in _READING or cookie.name in request.cookies:
            return view(**values)
        return routing.read(partial(view, **values))

    return routed


class Routing:
    """The replicas of an application, and the choice between them."""

    def __init__(self, primary: sa.Engine, urls: Sequence[URL], *, max_lag: int) -> None:
        self.replicas = [Replica(number, url) for number, url in enumerate(urls, start=1)]
        self._monitor = ReplicaMonitor(primary, self.replicas, max_lag=max_lag)
        self._turns = itertools.count()

    def close(self) -> None:
        """Stop the monitor and close all connections."""
        self._monitor.stop()
        for replica in self.replicas:
            replica.engine.dispose()

    def read(self, view: Callable[[], Any]) -> Any:
        """Return the view's response from the first server that does not fail."""
        self._monitor.ensure_running()
        session = db.session()
        session.rollback()
        noted_before = set(g)
        tried: list[Replica] = []
        while (replica := self._next(tried)) and len(tried) < _ATTEMPTS:
            tried.append(replica)
            session.info[READING_FROM] = replica.engine
            try:
                answer = view()
                session.rollback()  # A failure after the request could not be handled.
            except _FAILURES as error:
                if session.info.pop(READING_FROM, None) is None:
                    raise  # The view has written since, so the error is the primary's.
                if _is_lost(error):
                    replica.found(State.LOST)  # until the monitor has polled it again
            else:
                return answer
            _forget(session, noted_before)
        return view()

    def _next(self, tried: Collection[Replica]) -> Replica | None:
        """Return the next healthy replica, round-robin."""
        well = [each for each in self.replicas if each.state is State.WELL and each not in tried]
        return well[next(self._turns) % len(well)] if well else None


def _is_lost(error: Exception) -> bool:
    """Return True if the server is gone, not if it canceled a statement for replication."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    # Errors from the server have a code; those of class 57P mean that it shuts down.
    code = getattr(error.orig, "sqlstate", None)
    return code is None or code.startswith("57P")


def _forget(session: Session, noted_before: Collection[str]) -> None:
    """Discard the results of a server that failed partway through."""
    session.invalidate()  # Not `close`: that would send messages to a server that may be gone.
    for name in set(g) - set(noted_before):
        g.pop(name)
