"""What the reader of a document noted, its MIME type, and where a chunk stands in the text."""

from migrations.sql import run

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run(
        """
        ALTER TABLE document ADD COLUMN notes jsonb NOT NULL DEFAULT '[]', ADD COLUMN mime_type text NOT NULL DEFAULT '';
        ALTER TABLE chunk ADD COLUMN start_at integer NOT NULL DEFAULT 0, ADD COLUMN end_at integer NOT NULL DEFAULT 0,
          ADD COLUMN carried integer NOT NULL DEFAULT 0;
        """
    )


def downgrade() -> None:
    run(
        """
        ALTER TABLE chunk DROP COLUMN start_at, DROP COLUMN end_at, DROP COLUMN carried;
        ALTER TABLE document DROP COLUMN notes, DROP COLUMN mime_type;
        """
    )
