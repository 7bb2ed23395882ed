"""Reading from replicas: which requests may, which server answers, and what when it fails.

By default everything is read from the primary. Pages that are public and only read may be read
from a replica: chosen once a request, and another one, or the primary at last, when it fails.
Whoever has just written carries a cookie for as long as a replica may be behind, and reads what
they wrote from the primary.
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
from directory.core.db.replica_lag import Watch
from directory.core.db.replica_pool import Replica, State
from directory.core.errors import DirectoryError

View = Callable[..., Any]

_READING = {"GET", "HEAD"}
_ATTEMPTS = 2  # at replicas; then the primary
# Between two looks at the primary, and until a silent one is given up.
_COOKIE_MARGIN_SECONDS = 2


class StaleReplicaError(DirectoryError):
    """The replica does not know yet what the request is about; another server answers it."""


# The third: a view has swallowed the first and asked again.
_FAILURES = (DBAPIError, PoolTimeoutError, PendingRollbackError, StaleReplicaError)


def init_replicas(
    app: Flask, urls: Sequence[URL], *, max_lag: int, blueprints: Collection[str]
) -> None:
    """Have what these blueprints, registered before, only show be read from the replicas."""
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
    """Have another server answer if this one is a replica and lacks what the request is about."""
    if is_stale and READING_FROM in session.info:
        raise StaleReplicaError


@dataclass(frozen=True)
class WroteCookie:
    """What whoever has written carries: that, and nothing about them."""

    seconds: int
    is_https: bool

    @property
    def name(self) -> str:
        """The name of the cookie; browsers take the prefix as a promise that it is ours."""
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
    """Return the view, answered from a replica where it may."""

    @wraps(view)
    def routed(**values: Any) -> Any:
        if request.method not in _READING or cookie.name in request.cookies:
            return view(**values)
        return routing.read(partial(view, **values))

    return routed


class Routing:
    """The replicas of an application, and who reads from which."""

    def __init__(self, primary: sa.Engine, urls: Sequence[URL], *, max_lag: int) -> None:
        self.replicas = [Replica(number, url) for number, url in enumerate(urls, start=1)]
        self._watch = Watch(primary, self.replicas, max_lag=max_lag)
        self._turns = itertools.count()

    def close(self) -> None:
        """Ask nobody any longer, and close what is open."""
        self._watch.stop()
        for replica in self.replicas:
            replica.engine.dispose()

    def read(self, view: Callable[[], Any]) -> Any:
        """Return what the view answers, from the first server that does not fail."""
        self._watch.ensure_running()
        session = db.session()
        session.rollback()
        noted_before = set(g)
        tried: list[Replica] = []
        while (replica := self._next(tried)) and len(tried) < _ATTEMPTS:
            tried.append(replica)
            session.info[READING_FROM] = replica.engine
            try:
                answer = view()
                session.rollback()  # Were it to fail after the request, nobody could step in.
            except _FAILURES as error:
                if session.info.pop(READING_FROM, None) is None:
                    raise  # The view has written since, so the error is the primary's.
                if _is_lost(error):
                    replica.found(State.LOST)  # until the watch has asked it again
            else:
                return answer
            _forget(session, noted_before)
        return view()

    def _next(self, tried: Collection[Replica]) -> Replica | None:
        """Return the next one that is well, in turns."""
        well = [each for each in self.replicas if each.state is State.WELL and each not in tried]
        return well[next(self._turns) % len(well)] if well else None


def _is_lost(error: Exception) -> bool:
    """Tell a server that is gone from one that ended a statement, to follow the primary."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    # What the server itself reports has a code; 57P are those of its own end.
    code = getattr(error.orig, "sqlstate", None)
    return code is None or code.startswith("57P")


def _forget(session: Session, noted_before: Collection[str]) -> None:
    """Forget what a server has answered that did not answer everything."""
    session.invalidate()  # Not `close`: that would say goodbye to a server that may be gone.
    for name in set(g) - set(noted_before):
        g.pop(name)
