"""Whether the tokens of a model call were counted by us, because the provider did not report them."""

from migrations.sql import run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run("ALTER TABLE model_call ADD COLUMN estimated boolean NOT NULL DEFAULT false;")


def downgrade() -> None:
    run("ALTER TABLE model_call DROP COLUMN estimated;")
