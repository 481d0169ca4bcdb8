"""The job table: the only source of truth for work."""

from migrations.walls import TENANT_LOCK, rests, run, system_function, system_may, tenant_table

revision = "0002"
down_revision = "0001"

_ROUNDS = 20
"""How often one claim looks further when all that it found rests."""

_CLAIMED = (
    "TABLE (id bigint, organization_id uuid, tenant_id text, kind text, payload jsonb, lease_token bigint, attempts int,"
    " max_attempts int, created_at timestamptz, expired boolean)"
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
        COMMENT ON COLUMN job.run_at IS 'infinity: its project rests';
        COMMENT ON COLUMN job.payload IS 'ids only, never content';
        COMMENT ON COLUMN job.alone IS 'its worker runs nothing else meanwhile: it was lost twice, and may be what kills workers';
        CREATE UNIQUE INDEX job_one_running ON job (order_key) WHERE status = 'running';
        CREATE UNIQUE INDEX job_dedupe ON job (dedupe_key) WHERE status = 'queued' AND dedupe_key IS NOT NULL;
        CREATE INDEX job_ready ON job (run_at) WHERE status = 'queued';
        CREATE INDEX job_order ON job (order_key, id) WHERE status IN ('queued', 'running') AND order_key IS NOT NULL;
        CREATE INDEX job_resting ON job (tenant_id) WHERE status = 'queued' AND run_at = 'infinity';
        CREATE INDEX job_alone ON job (worker) WHERE status = 'running' AND alone;
        CREATE INDEX job_dead ON job (organization_id, tenant_id, finished_at) WHERE status = 'dead';
        """
    )
    run(tenant_table("job"))
    run(system_may("job", "SELECT, INSERT, UPDATE"))
    run(
        system_function(
            "claim_jobs(p_worker text, p_limit int, p_lease interval, p_only bigint[])",
            returns=_CLAIMED,
            language="plpgsql",
            body=f"""
            #variable_conflict use_column
            DECLARE v_ids bigint[]; v_more bigint[]; v_lost bigint; v_since timestamptz; v_alone boolean := false;
              v_rest bigint[]; v_also bigint[]; v_tenants text[];
            BEGIN
              IF EXISTS (SELECT 1 FROM job j WHERE j.worker = p_worker AND j.status = 'running' AND j.alone AND j.lease_until >= now())
                THEN RETURN; END IF;
              FOR v_round IN 1..{_ROUNDS} LOOP
                IF p_only IS NULL THEN
                  SELECT array_agg(c.id) FILTER (WHERE NOT c.rests AND c.attempts < 2),
                      min(c.id) FILTER (WHERE NOT c.rests AND c.attempts >= 2),
                      min(c.lease_until) FILTER (WHERE NOT c.rests AND c.attempts >= 2),
                      array_agg(c.id) FILTER (WHERE c.rests) INTO v_ids, v_lost, v_since, v_rest FROM (
                    SELECT k.*, {rests("k.organization_id", "k.tenant_id")} AS rests FROM (
                      SELECT j.id, j.attempts, j.lease_until, j.organization_id, j.tenant_id FROM job j
                      WHERE j.status = 'running' AND j.lease_until < now() LIMIT p_limit FOR UPDATE SKIP LOCKED) k) c;
                  SELECT array_agg(c.id) FILTER (WHERE NOT c.rests), array_agg(c.id) FILTER (WHERE c.rests) INTO v_more, v_also FROM (
                    SELECT k.id, {rests("k.organization_id", "k.tenant_id")} AS rests FROM (
                      SELECT j.id, j.organization_id, j.tenant_id FROM job j
                      WHERE j.status = 'queued' AND j.run_at <= now() AND (j.order_key IS NULL OR j.id = (
                        SELECT o.id FROM job o WHERE o.order_key = j.order_key AND o.status IN ('queued', 'running')
                        ORDER BY o.id LIMIT 1))
                      ORDER BY j.run_at LIMIT p_limit - coalesce(cardinality(v_ids), 0) FOR UPDATE SKIP LOCKED) k) c;
                  v_rest := v_rest || v_also;
                ELSE
                  SELECT array_agg(c.id) FILTER (WHERE NOT c.rests AND (c.status = 'queued' OR c.attempts < 2)),
                      min(c.id) FILTER (WHERE NOT c.rests AND c.status = 'running' AND c.attempts >= 2),
                      min(c.lease_until) FILTER (WHERE NOT c.rests AND c.status = 'running' AND c.attempts >= 2),
                      array_agg(c.id) FILTER (WHERE c.rests) INTO v_ids, v_lost, v_since, v_rest FROM (
                    SELECT k.*, {rests("k.organization_id", "k.tenant_id")} AS rests FROM (
                      SELECT j.id, j.status, j.attempts, j.lease_until, j.organization_id, j.tenant_id FROM job j
                      WHERE j.id = ANY (p_only)
                        AND ((j.status = 'queued' AND j.run_at <= now() AND (j.order_key IS NULL OR j.id = (
                            SELECT o.id FROM job o WHERE o.order_key = j.order_key AND o.status IN ('queued', 'running')
                            ORDER BY o.id LIMIT 1)))
                          OR (j.status = 'running' AND j.lease_until < now()))
                      LIMIT p_limit FOR UPDATE SKIP LOCKED) k) c;
                END IF;
                EXIT WHEN v_rest IS NULL;
                -- Jobs of a project that rests are set aside until it wakes, so that they are looked at once and not at every claim.
                -- Under its lock, and looked at again with it: it may wake in this very moment, and would not see what we set aside.
                SELECT array_agg(t.tenant_id) INTO v_tenants FROM (
                  SELECT DISTINCT j.tenant_id FROM job j WHERE j.id = ANY (v_rest)) t
                WHERE pg_try_advisory_xact_lock_shared({TENANT_LOCK % "t.tenant_id"});
                UPDATE job SET status = 'queued', run_at = 'infinity', deadline = NULL, lease_until = NULL, notified_at = NULL,
                  dedupe_key = CASE WHEN job.status = 'queued' THEN job.dedupe_key END
                WHERE job.id = ANY (v_rest) AND job.tenant_id = ANY (v_tenants) AND {rests("job.organization_id", "job.tenant_id")};
                EXIT WHEN NOT FOUND;
              END LOOP;
              -- A job that was lost twice may be what kills its workers. It is given to one that runs nothing else, which gets nothing
              -- else until it ends; who is busy takes nothing new once it has waited for a whole lease, so that somebody gets free.
              IF v_lost IS NOT NULL THEN
                IF NOT EXISTS (SELECT 1 FROM job j WHERE j.worker = p_worker AND j.status = 'running' AND j.lease_until >= now()) THEN
                  v_ids := ARRAY[v_lost]; v_more := NULL; v_alone := true;
                ELSIF v_since < now() - p_lease THEN
                  RETURN;
                END IF;
              END IF;
              IF v_ids IS NULL AND v_more IS NULL THEN RETURN; END IF;
              RETURN QUERY UPDATE job SET
                  status = 'running', attempts = job.attempts + 1, lease_token = job.lease_token + 1,
                  lease_until = clock_timestamp() + p_lease, worker = p_worker, notified_at = NULL,
                  deadline = coalesce(job.deadline, now() + job.time_limit), alone = v_alone
                WHERE job.id = ANY (v_ids || v_more)
                RETURNING job.id, job.organization_id, job.tenant_id, job.kind, job.payload, job.lease_token, job.attempts,
                  job.max_attempts, job.created_at, coalesce(job.deadline < now(), false);
            END
            """,
        )
    )
    run(
        system_function(
            "extend_leases(p_ids bigint[], p_tokens bigint[], p_lease interval)",
            returns="SETOF bigint",
            body="""
            WITH ours AS (
              SELECT j.id FROM job j JOIN unnest(p_ids, p_tokens) AS held (id, token) ON j.id = held.id
              WHERE j.lease_token = held.token AND j.status = 'running' ORDER BY j.id FOR UPDATE OF j SKIP LOCKED)
            UPDATE job SET lease_until = clock_timestamp() + p_lease FROM ours WHERE job.id = ours.id RETURNING job.id
            """,
        )
    )
    run(
        system_function(
            "finish_jobs(p_ids bigint[], p_tokens bigint[])",
            returns="SETOF bigint",
            body="""
            UPDATE job SET status = 'done', finished_at = now(), lease_until = NULL
            FROM unnest(p_ids, p_tokens) AS held (id, token)
            WHERE job.id = held.id AND job.lease_token = held.token AND job.status = 'running' RETURNING job.id
            """,
        )
    )
    run(
        system_function(
            "retry_job(p_id bigint, p_token bigint, p_delay interval, p_error text, p_counts boolean)",
            returns="boolean",
            body="""
            WITH put_back AS (
              UPDATE job SET status = 'queued', run_at = now() + p_delay, dedupe_key = NULL, lease_until = NULL,
                last_error = coalesce(p_error, last_error), attempts = attempts - CASE WHEN p_counts THEN 0 ELSE 1 END,
                deadline = CASE WHEN p_counts OR attempts > 1 THEN deadline END
              WHERE id = p_id AND lease_token = p_token AND status = 'running' RETURNING id)
            SELECT count(*) = 1 FROM (SELECT id, pg_notify('atende_jobs', '') FROM put_back) AS woken
            """,
        )
    )
    run(
        system_function(
            "sweep_jobs(p_limit int)",
            returns="SETOF bigint",
            body="""
            WITH expired AS (
              SELECT j.id FROM job j WHERE j.status = 'running' AND j.lease_until < now() LIMIT p_limit FOR UPDATE SKIP LOCKED
            ), ready AS (
              SELECT j.id FROM job j WHERE j.status = 'queued' AND j.run_at <= now()
                AND (j.notified_at IS NULL OR j.notified_at < now() - interval '5 s')
                AND (j.order_key IS NULL OR j.id = (
                  SELECT o.id FROM job o WHERE o.order_key = j.order_key AND o.status IN ('queued', 'running')
                  ORDER BY o.id LIMIT 1))
              ORDER BY j.run_at LIMIT p_limit - (SELECT count(*) FROM expired) FOR UPDATE SKIP LOCKED
            ), due AS (SELECT id FROM expired UNION ALL SELECT id FROM ready)
            UPDATE job SET notified_at = now() FROM due WHERE job.id = due.id RETURNING job.id
            """,
        )
    )
    # Jobs are taken from the front of job_ready: a plan made while the table was small must not read and sort all that is due.
    for function in ("claim_jobs", "sweep_jobs"):
        for costly in ("sort", "bitmapscan", "seqscan"):
            run(f"ALTER FUNCTION {function} SET enable_{costly} = off")
    run(
        system_function(
            "job_health()",
            returns="TABLE (next_due_seconds float8, oldest_ready_seconds float8, expired_lease_seconds float8, dead bigint)",
            volatility="STABLE",
            body="""
            SELECT
              (SELECT extract(epoch FROM min(run_at) - clock_timestamp()) FROM job WHERE status = 'queued' AND run_at < 'infinity'),
              (SELECT greatest(extract(epoch FROM clock_timestamp() - min(run_at)), 0) FROM job
                WHERE status = 'queued' AND run_at < 'infinity'),
              (SELECT greatest(extract(epoch FROM clock_timestamp() - min(lease_until)), 0) FROM job WHERE status = 'running'),
              (SELECT count(*) FROM job WHERE status = 'dead')
            """,
        )
    )


def downgrade() -> None:
    run(
        """
        DROP FUNCTION job_health; DROP FUNCTION sweep_jobs; DROP FUNCTION retry_job; DROP FUNCTION finish_jobs;
        DROP FUNCTION extend_leases; DROP FUNCTION claim_jobs; DROP TABLE job;
        """
    )
