"""A step of a turn, and one of the ledger, lock and read in one call."""

from migrations.functions import put, take_back

revision = "0016"
down_revision = "0015"

_FUNCTIONS = ("conversation/open_turn", "conversation/resume_turn", "conversation/note_sent", "credits/lock_ledger")


def upgrade() -> None:
    put(revision, *_FUNCTIONS)


def downgrade() -> None:
    take_back(revision, *_FUNCTIONS)
