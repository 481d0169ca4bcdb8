"""The job table: the only source of truth for work."""

from migrations.functions import put, take_back
from migrations.row_level_security import system_may, tenant_table
from migrations.sql import run

revision = "0002"
down_revision = "0001"

_FUNCTIONS = (
    "work/claim_jobs",
    "work/extend_leases",
    "work/finish_jobs",
    "work/retry_job",
    "work/sweep_jobs",
    "work/job_health",
)


def upgrade() -> None:
    run(
        """
        CREATE TABLE job (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          kind text NOT NULL,
          payload jsonb NOT NULL,
          order_key text,
          dedupe_key text,
          status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'dead', 'discarded')),
          run_at timestamptz NOT NULL DEFAULT now(),
          created_at timestamptz NOT NULL DEFAULT now(),
          time_limit interval,
          deadline timestamptz,
          attempts int NOT NULL DEFAULT 0,
          max_attempts int NOT NULL DEFAULT 5,
          lease_token bigint NOT NULL DEFAULT 0,
          lease_until timestamptz,
          worker text,
          alone boolean NOT NULL DEFAULT false,
          notified_at timestamptz,
          last_error text,
          finished_at timestamptz,
          replay_of bigint,
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id)
        ) WITH (fillfactor = 70);
        COMMENT ON COLUMN job.time_limit IS 'from the first claim on: what waits while no worker runs is not late';
        COMMENT ON COLUMN job.run_at IS 'infinity: its project is not active';
        COMMENT ON COLUMN job.payload IS 'ids only, never content';
        COMMENT ON COLUMN job.alone IS 'its worker runs nothing else meanwhile: it was lost twice, and may be what kills workers';
        CREATE UNIQUE INDEX job_one_running ON job (order_key) WHERE status = 'running';
        CREATE UNIQUE INDEX job_dedupe ON job (dedupe_key) WHERE status = 'queued' AND dedupe_key IS NOT NULL;
        CREATE INDEX job_ready ON job (run_at) WHERE status = 'queued';
        CREATE INDEX job_order ON job (order_key, id) WHERE status IN ('queued', 'running') AND order_key IS NOT NULL;
        CREATE INDEX job_paused ON job (tenant_id) WHERE status = 'queued' AND run_at = 'infinity';
        CREATE INDEX job_alone ON job (worker) WHERE status = 'running' AND alone;
        CREATE INDEX job_dead ON job (organization_id, tenant_id, finished_at) WHERE status = 'dead';
        """
    )
    run(tenant_table("job"))
    run(system_may("job", "SELECT, INSERT, UPDATE"))
    put(revision, *_FUNCTIONS)


def downgrade() -> None:
    take_back(revision, *_FUNCTIONS)
    run("DROP TABLE job;")
