"""Vectors may be in another store, and an answer says when that store was away."""

from migrations.sql import run

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run(
        """
        ALTER TABLE passage ALTER COLUMN embedding DROP NOT NULL;
        ALTER TABLE answer ADD COLUMN degraded boolean NOT NULL DEFAULT false;
        """
    )


def downgrade() -> None:
    """Passages whose vectors are elsewhere go: their documents have to be read again."""
    run(
        """
        ALTER TABLE answer DROP COLUMN degraded;
        DELETE FROM passage WHERE embedding IS NULL;
        ALTER TABLE passage ALTER COLUMN embedding SET NOT NULL;
        """
    )
