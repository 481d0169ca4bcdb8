"""Words are searched in a fraction of the time where there are many passages: fewer are scored, and none has to be unpacked first."""

from migrations.functions import put, take_back
from migrations.sql import run

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Rows up to this size are stored as they are; those that are there already stay packed until their document is read again."""
    run("ALTER TABLE passage SET (toast_tuple_target = 8160)")
    put(revision, "knowledge/search_words")


def downgrade() -> None:
    take_back(revision, "knowledge/search_words")
    run("ALTER TABLE passage RESET (toast_tuple_target)")
