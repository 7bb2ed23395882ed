"""Where other slices hear what became of a message."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.core.hooks import Hook
from directory.outbox.models import OutboxMessage

# Called once a message is handed off, has failed or has bounced, in the transaction that says so.
message_settled: Hook[[Session, OutboxMessage, datetime]] = Hook("message_settled")

# Called by the worker once an hour, in a transaction of its own: what is due to be deleted.
housekeeping: Hook[[Session, datetime]] = Hook("housekeeping")

# The same once a minute: what waits for a moment. It has to be cheap when nothing is due.
every_minute: Hook[[Session, datetime]] = Hook("every_minute")
