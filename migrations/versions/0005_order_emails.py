"""Order the emails that wait: codes first, and what a page has said already last."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AWAITED, ASKING, REPEATING = 1, 2, 3
KINDS = {AWAITED: ("patient-code", "clinic-code"), REPEATING: ("patient-sent",)}


def upgrade() -> None:
    # Whoever still runs the version before writes no urgency.
    urgency = sa.Column("urgency", sa.SmallInteger(), nullable=False, server_default=str(ASKING))
    op.add_column("outbox_message", urgency)
    message = sa.table("outbox_message", sa.column("kind"), sa.column("urgency"))
    for number, kinds in KINDS.items():
        op.execute(sa.update(message).where(message.c.kind.in_(kinds)).values(urgency=number))
    op.drop_index(op.f("ix_outbox_message_state_next_attempt_at"), "outbox_message")
    op.create_index(
        op.f("ix_outbox_message_state_urgency_next_attempt_at"),
        "outbox_message",
        ["state", "urgency", "next_attempt_at"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_outbox_message_state_urgency_next_attempt_at"), "outbox_message")
    op.create_index(
        op.f("ix_outbox_message_state_next_attempt_at"),
        "outbox_message",
        ["state", "next_attempt_at"],
    )
    op.drop_column("outbox_message", "urgency")
