"""Callbacks and jobs: plans are made once for each connection."""

from migrations.functions import put, take_back

revision = "0017"
down_revision = "0016"

_FUNCTIONS = (
    "conversation/receive_messages",
    "conversation/report_deliveries",
    "work/claim_jobs",
    "work/finish_jobs",
)


def upgrade() -> None:
    put(revision, *_FUNCTIONS)


def downgrade() -> None:
    take_back(revision, *_FUNCTIONS)
