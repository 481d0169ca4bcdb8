"""Of which embedding the index of each tenant is, and the index of another one that is built or kept beside it."""

from migrations.functions import put, take_back
from migrations.row_level_security import system_may, tenant_table
from migrations.sql import run

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Of tenants that have documents, the index is of the embedding that most of their passages have."""
    run(
        """
        CREATE TABLE search_index (
          organization_id uuid NOT NULL,
          project_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL PRIMARY KEY,
          model text NOT NULL,
          dimension integer NOT NULL,
          changed_at timestamptz NOT NULL,
          beside varchar(50) NOT NULL CHECK (beside IN ('none', 'building', 'ready', 'kept', 'removing')),
          beside_model text CHECK ((beside_model IS NULL) = (beside = 'none')),
          beside_dimension integer CHECK ((beside_dimension IS NULL) = (beside = 'none')),
          after varchar(50) NOT NULL,
          gate double precision NOT NULL,
          keep_days integer NOT NULL,
          trials jsonb NOT NULL,
          total integer NOT NULL,
          done integer NOT NULL,
          spent bigint NOT NULL CHECK (spent >= 0),
          comparison jsonb NOT NULL,
          error varchar(500),
          kept_until timestamptz,
          hold_id uuid,
          CHECK ((beside_model, beside_dimension) IS DISTINCT FROM (model, dimension)),
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id)
        );
        COMMENT ON COLUMN search_index.spent IS 'micro-credits';
        ALTER TABLE passage_vector NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE project NO FORCE ROW LEVEL SECURITY;
        INSERT INTO search_index (organization_id, project_id, tenant_id, model, dimension, changed_at, beside, after, gate, keep_days,
          trials, total, done, spent, comparison)
        SELECT DISTINCT ON (v.tenant_id) p.organization_id, p.id, v.tenant_id, v.model, v.dimension, now(), 'none', 'switch_if_good',
          0.6, 7, '[]', 0, 0, 0, '{}'
        FROM (SELECT tenant_id, model, dimension, count(*) AS vectors FROM passage_vector GROUP BY 1, 2, 3) v
        JOIN project p ON p.tenant_id = v.tenant_id
        ORDER BY v.tenant_id, v.vectors DESC;
        ALTER TABLE project FORCE ROW LEVEL SECURITY;
        ALTER TABLE passage_vector FORCE ROW LEVEL SECURITY;
        """
    )
    run(tenant_table("search_index"))
    run(system_may("search_index", "SELECT, DELETE"))
    put(revision, "tenancy/purge_project")


def downgrade() -> None:
    take_back(revision, "tenancy/purge_project")
    run("DROP TABLE search_index")
