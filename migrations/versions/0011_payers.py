"""Payers that are suspended, and the projects that rest with them."""

from migrations.functions import put, take_back
from migrations.row_level_security import system_may
from migrations.sql import run

revision = "0011"
down_revision = "0010"

_FUNCTIONS = ("tenancy/find_payer", "tenancy/suspend_paid_projects")


def upgrade() -> None:
    run(
        """
        CREATE INDEX project_payer ON project (billing_account_id);
        GRANT UPDATE (status, updated_at) ON project TO atende_system;
        """
    )
    run(system_may("billing_account", "SELECT"))
    put(revision, *_FUNCTIONS)


def downgrade() -> None:
    take_back(revision, *_FUNCTIONS)
    run(
        """
        DROP POLICY billing_account_system ON billing_account; REVOKE SELECT ON billing_account FROM atende_system;
        REVOKE UPDATE (status, updated_at) ON project FROM atende_system;
        DROP INDEX project_payer;
        """
    )
