"""A worker that has nothing to do asks when the next job is due, and nothing else."""

from migrations.functions import put, take_back

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    put(revision, "work/next_due")


def downgrade() -> None:
    take_back(revision, "work/next_due")
