"""Projects that rest: what is waiting for them is set aside, and goes on when they wake."""

from migrations.functions import put, take_back
from migrations.sql import run

revision = "0010"
down_revision = "0009"

_FUNCTIONS = (
    "tenancy/pin_project",
    "tenancy/project_switched",
    "tenancy/organization_switched",
)


def upgrade() -> None:
    run(
        """
        CREATE INDEX organization_is_deleted ON organization (id) WHERE deleted_at IS NOT NULL;
        ALTER TABLE project ADD CONSTRAINT project_platform_works
          CHECK (id <> '00000000-0000-0000-0000-000000000000' OR status = 'active');
        """
    )
    put(revision, *_FUNCTIONS)
    run(
        """
        CREATE TRIGGER project_switched AFTER UPDATE OF status ON project FOR EACH ROW
          WHEN ((OLD.status = 'active') <> (NEW.status = 'active')) EXECUTE FUNCTION project_switched();
        CREATE TRIGGER organization_switched AFTER UPDATE OF deleted_at ON organization FOR EACH ROW
          WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION organization_switched();
        """
    )


def downgrade() -> None:
    run("DROP TRIGGER organization_switched ON organization; DROP TRIGGER project_switched ON project;")
    take_back(revision, *_FUNCTIONS)
    run(
        """
        ALTER TABLE project DROP CONSTRAINT project_platform_works;
        DROP INDEX organization_is_deleted;
        """
    )
