"""Organizations, their payers, their projects and their API keys."""

from migrations.functions import put, take_back
from migrations.row_level_security import organization_table, platform_table, system_may, tenant_table
from migrations.sql import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    run(
        """
        DO $$ BEGIN
          IF (SELECT count(*) FROM pg_extension WHERE extname IN ('vector', 'unaccent')) < 2 THEN
            RAISE EXCEPTION 'create the extensions vector and unaccent first (as a superuser): see atende migrate --sql-roles';
          END IF;
        END $$;

        CREATE TABLE replaced_function (
          revision text NOT NULL,
          name text NOT NULL,
          definition text NOT NULL,
          PRIMARY KEY (revision, name)
        );
        COMMENT ON COLUMN replaced_function.definition IS 'what stood before this revision, for the way down: see migrations/functions.py';

        CREATE TABLE organization (
          id uuid PRIMARY KEY,
          name varchar(255) NOT NULL CHECK (name <> ''),
          slug varchar(100) NOT NULL,
          created_at timestamptz NOT NULL,
          deleted_at timestamptz
        );
        CREATE UNIQUE INDEX organization_slug_live ON organization (slug) WHERE deleted_at IS NULL;

        CREATE TABLE billing_account (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL REFERENCES organization (id),
          name varchar(255) NOT NULL,
          payment_status varchar(50) NOT NULL DEFAULT 'pending'
            CHECK (payment_status IN ('pending', 'active', 'past_due', 'suspended')),
          stripe_customer_id varchar(255),
          created_at timestamptz NOT NULL,
          UNIQUE (organization_id, id)
        );

        CREATE TABLE project (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL REFERENCES organization (id),
          tenant_id text COLLATE "C" NOT NULL CHECK (tenant_id ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
          billing_account_id uuid NOT NULL,
          name varchar(255) NOT NULL CHECK (name <> ''),
          language varchar(2) NOT NULL DEFAULT 'pt' CHECK (language IN ('pt', 'en', 'es')),
          status varchar(50) NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive', 'suspended', 'deleted')),
          session_timeout_seconds integer NOT NULL DEFAULT 1800 CHECK (session_timeout_seconds BETWEEN 60 AND 604800),
          is_default boolean NOT NULL DEFAULT false,
          created_at timestamptz NOT NULL,
          FOREIGN KEY (organization_id, billing_account_id) REFERENCES billing_account (organization_id, id),
          UNIQUE (organization_id, tenant_id),
          UNIQUE (organization_id, id),
          UNIQUE (tenant_id)
        );
        CREATE UNIQUE INDEX project_default ON project (organization_id) WHERE is_default;

        CREATE TABLE api_key (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL REFERENCES organization (id),
          project_id uuid,
          name varchar(255) NOT NULL,
          prefix varchar(50) NOT NULL,
          secret_hash bytea NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
          scopes text[] NOT NULL,
          created_at timestamptz NOT NULL,
          expires_at timestamptz,
          revoked_at timestamptz,
          FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id)
        );
        CREATE INDEX api_key_organization ON api_key (organization_id);

        -- The installation itself, as the owner of work and records that belong to no customer. Before the policies are in force.
        INSERT INTO organization (id, name, slug, created_at) VALUES (%(nil)s, 'Platform', 'platform', now());
        INSERT INTO billing_account (id, organization_id, name, created_at) VALUES (%(nil)s, %(nil)s, 'Platform', now());
        INSERT INTO project (id, organization_id, tenant_id, billing_account_id, name, is_default, created_at)
          VALUES (%(nil)s, %(nil)s, 'platform', %(nil)s, 'Platform', true, now());
        """.replace("%(nil)s", "'00000000-0000-0000-0000-000000000000'")
    )
    run(platform_table("replaced_function", grants="", rule="false"))
    run("CREATE POLICY replaced_function_owner ON replaced_function TO atende_owner USING (true) WITH CHECK (true)")
    run(organization_table("organization", key="id"))
    run(organization_table("billing_account"))
    run(tenant_table("project"))
    run(organization_table("api_key"))
    run(system_may("api_key", "SELECT"))
    run(system_may("project", "SELECT"))
    put(revision, "identity/find_api_key")


def downgrade() -> None:
    take_back(revision, "identity/find_api_key")
    run("DROP TABLE api_key, project, billing_account, organization, replaced_function;")
