"""Channels, contacts, conversations, messages, turns, the human queue and the inbox."""

from migrations.walls import platform_table, run, system_function, system_may, tenant_table

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run(
        """
        CREATE TABLE channel_account (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          project_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          kind varchar(50) NOT NULL CHECK (kind IN ('whatsapp', 'twilio_whatsapp', 'sms')),
          external_id varchar(255) NOT NULL,
          address varchar(50) NOT NULL,
          provider_account varchar(255) NOT NULL,
          secrets bytea NOT NULL,
          agent_id uuid,
          is_active boolean NOT NULL,
          created_at timestamptz NOT NULL,
          UNIQUE (tenant_id, id),
          CONSTRAINT channel_account_number UNIQUE (kind, external_id),
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id),
          FOREIGN KEY (tenant_id, agent_id) REFERENCES agent (tenant_id, id)
        );
        COMMENT ON COLUMN channel_account.secrets IS 'AES-256-GCM, bound to this row';
        CREATE INDEX channel_account_provider ON channel_account (provider_account);

        CREATE TABLE contact (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          name varchar(255),
          opted_out boolean NOT NULL DEFAULT false,
          created_at timestamptz NOT NULL,
          UNIQUE (tenant_id, id),
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id)
        );
        CREATE TABLE contact_address (
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          kind varchar(50) NOT NULL,
          address varchar(255) NOT NULL,
          contact_id uuid NOT NULL,
          PRIMARY KEY (tenant_id, kind, address),
          FOREIGN KEY (tenant_id, contact_id) REFERENCES contact (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
        );

        CREATE TABLE conversation (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          project_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          channel_account_id uuid NOT NULL,
          contact_id uuid NOT NULL,
          contact_address varchar(255) NOT NULL,
          contact_name varchar(255),
          agent_id uuid,
          language varchar(2),
          status varchar(50) NOT NULL CHECK (status IN ('pending', 'active', 'closed', 'archived', 'blocked')),
          attendance varchar(50) NOT NULL CHECK (attendance IN ('ai', 'waiting_human', 'human')),
          opted_out boolean NOT NULL,
          last_seq integer NOT NULL,
          answered_seq integer NOT NULL CHECK (answered_seq <= last_seq),
          created_at timestamptz NOT NULL,
          started_at timestamptz,
          last_message_at timestamptz,
          last_customer_at timestamptz,
          closed_at timestamptz,
          close_reason varchar(50),
          closure jsonb NOT NULL,
          UNIQUE (tenant_id, id),
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id),
          FOREIGN KEY (tenant_id, channel_account_id) REFERENCES channel_account (tenant_id, id),
          FOREIGN KEY (tenant_id, contact_id) REFERENCES contact (tenant_id, id),
          FOREIGN KEY (tenant_id, agent_id) REFERENCES agent (tenant_id, id),
          CHECK ((status IN ('closed', 'archived')) = (closed_at IS NOT NULL))
        ) WITH (fillfactor = 80);
        CREATE UNIQUE INDEX conversation_open ON conversation (tenant_id, channel_account_id, contact_id)
          WHERE status IN ('pending', 'active', 'blocked');
        CREATE INDEX conversation_list ON conversation (tenant_id, last_message_at);
        CREATE INDEX conversation_waiting ON conversation (tenant_id, last_message_at) WHERE attendance = 'waiting_human';

        CREATE TABLE turn (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          conversation_id uuid NOT NULL,
          from_seq integer NOT NULL,
          to_seq integer NOT NULL CHECK (to_seq >= from_seq),
          state varchar(50) NOT NULL CHECK (state IN ('open', 'replied', 'handed_over', 'silent')),
          silence varchar(50),
          hold_id uuid,
          discards integer NOT NULL,
          error varchar(500),
          created_at timestamptz NOT NULL,
          finished_at timestamptz,
          UNIQUE (tenant_id, id),
          CONSTRAINT turn_once UNIQUE (tenant_id, conversation_id, to_seq),
          FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversation (tenant_id, id),
          CONSTRAINT turn_ends_once CHECK ((state = 'open') = (finished_at IS NULL)),
          CONSTRAINT turn_silence_has_reason CHECK ((state = 'silent') = (silence IS NOT NULL))
        );
        CREATE UNIQUE INDEX turn_one_open ON turn (tenant_id, conversation_id) WHERE state = 'open';

        CREATE TABLE message (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          conversation_id uuid NOT NULL,
          channel_account_id uuid NOT NULL,
          seq integer NOT NULL,
          direction varchar(20) NOT NULL CHECK (direction IN ('inbound', 'outbound')),
          sender varchar(20) NOT NULL CHECK (sender IN ('contact', 'ai', 'human', 'system')),
          kind varchar(50) NOT NULL,
          text text NOT NULL,
          delivery varchar(20) NOT NULL CHECK (
            delivery IN ('received', 'pending', 'sending', 'unknown', 'sent', 'delivered', 'read', 'failed')),
          provider_message_id varchar(255),
          provider_at timestamptz,
          turn_id uuid,
          answer_id uuid,
          attempts integer NOT NULL,
          sending_at timestamptz,
          sent_at timestamptz,
          error varchar(500),
          created_at timestamptz NOT NULL,
          CONSTRAINT message_order UNIQUE (tenant_id, conversation_id, seq),
          FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversation (tenant_id, id),
          FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id),
          FOREIGN KEY (tenant_id, answer_id) REFERENCES answer (tenant_id, id)
        ) WITH (fillfactor = 85);
        CREATE UNIQUE INDEX message_provider_id ON message (tenant_id, channel_account_id, provider_message_id)
          WHERE provider_message_id IS NOT NULL;
        CREATE UNIQUE INDEX message_one_reply ON message (tenant_id, turn_id) WHERE turn_id IS NOT NULL AND sender = 'ai';

        CREATE TABLE handoff (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          conversation_id uuid NOT NULL,
          message_id uuid,
          reason varchar(50) NOT NULL,
          note varchar(500) NOT NULL,
          created_at timestamptz NOT NULL,
          settled_at timestamptz,
          settled_by varchar(255),
          FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversation (tenant_id, id)
        );
        CREATE INDEX handoff_open ON handoff (tenant_id, conversation_id) WHERE settled_at IS NULL;

        CREATE TABLE inbox (
          source varchar(50) NOT NULL,
          account varchar(255) NOT NULL,
          external_id varchar(255) NOT NULL,
          state varchar(20) NOT NULL CHECK (state IN ('received', 'quarantined')),
          reason varchar(500),
          body bytea,
          received_at timestamptz NOT NULL DEFAULT now(),
          CONSTRAINT inbox_once UNIQUE (source, account, external_id),
          CHECK (state = 'quarantined' OR body IS NULL)
        );
        COMMENT ON COLUMN inbox.body IS 'kept for quarantined items only, for the operator';
        CREATE TYPE arriving AS (
          n int, id uuid, external_id text, address text, body text, kind text, name text, at timestamptz, opt text,
          account_id uuid, organization_id uuid, project_id uuid, tenant_id text, channel text, agent_id uuid, contact_id uuid,
          conversation_id uuid
        );
        CREATE INDEX inbox_quarantined ON inbox (received_at) WHERE state = 'quarantined';
        """
    )
    for name in ("channel_account", "contact", "contact_address", "conversation", "turn", "message", "handoff"):
        run(tenant_table(name))
    run(platform_table("inbox", grants="INSERT", rule="false", check="true"))
    run(system_may("channel_account", "SELECT"))
    run(system_may("inbox", "SELECT, INSERT"))
    for name in ("contact", "contact_address", "conversation", "message"):
        run(system_may(name, "SELECT, INSERT, UPDATE"))
    run(_find_channel_accounts())
    run(_receive_messages())
    run(_report_deliveries())
    run(
        system_function(
            "quarantined_items(p_limit int)",
            returns="TABLE (source text, account text, external_id text, reason text, body bytea, received_at timestamptz)",
            volatility="STABLE",
            body="SELECT source, account, external_id, reason, body, received_at FROM inbox WHERE state = 'quarantined'"
            " ORDER BY received_at DESC LIMIT p_limit",
        )
    )


def _find_channel_accounts() -> str:
    return system_function(
        "find_channel_accounts(p_kinds text[], p_names text[])",
        returns="SETOF channel_account",
        volatility="STABLE",
        body="""
        SELECT * FROM channel_account WHERE is_active AND kind = ANY (p_kinds)
          AND (external_id = ANY (p_names) OR provider_account = ANY (p_names))
        """,
    )


def _receive_messages() -> str:
    """Inbox row, contact, open conversation, message and turn job of every item, in one statement of the caller.

    The tenant of each item is that of its channel account, never the caller's word. All rows are taken in one order
    (account, address), so that two batches cannot wait for each other in a circle.
    """
    return system_function(
        "receive_messages(p_accounts uuid[], p_ids uuid[], p_external text[], p_addresses text[], p_texts text[], p_kinds text[],"
        " p_names text[], p_at timestamptz[], p_opts text[], p_window interval, p_cap interval, p_limit interval, p_attempts int)",
        returns="SETOF int",
        language="plpgsql",
        body="""
        #variable_conflict use_column
        DECLARE v arriving[]; v_new boolean;
        BEGIN
          WITH item AS (
            SELECT i.n::int AS n, i.id, i.external_id, i.address, i.body, i.kind, i.name, i.at, i.opt, i.account_id,
                   a.organization_id, a.project_id, a.tenant_id, a.kind AS channel, a.agent_id, a.external_id AS account
            FROM unnest(p_accounts, p_ids, p_external, p_addresses, p_texts, p_kinds, p_names, p_at, p_opts) WITH ORDINALITY
              AS i (account_id, id, external_id, address, body, kind, name, at, opt, n)
            JOIN channel_account a ON a.id = i.account_id
          ), fresh AS (
            INSERT INTO inbox (source, account, external_id, state)
            SELECT channel, account, external_id, 'received' FROM item ORDER BY channel, account, external_id, n
            ON CONFLICT DO NOTHING RETURNING source, account, external_id
          ), kept AS (
            SELECT DISTINCT ON (item.channel, item.account, item.external_id) item.*
            FROM item JOIN fresh ON fresh.source = item.channel AND fresh.account = item.account
              AND fresh.external_id = item.external_id
            ORDER BY item.channel, item.account, item.external_id, item.n
          )
          SELECT array_agg(ROW(n, id, external_id, kept.address, body, kept.kind, name, at, opt, account_id, kept.organization_id,
              project_id, kept.tenant_id, channel, agent_id, c.contact_id, NULL)::arriving) INTO v
            FROM kept LEFT JOIN contact_address c
              ON c.tenant_id = kept.tenant_id AND c.kind = kept.channel AND c.address = kept.address;
          IF v IS NULL THEN RETURN; END IF;

          IF EXISTS (SELECT 1 FROM unnest(v) a WHERE a.contact_id IS NULL) THEN
            WITH made AS (
              INSERT INTO contact_address (organization_id, tenant_id, kind, address, contact_id)
              SELECT organization_id, tenant_id, channel, address, id FROM (
                SELECT DISTINCT ON (tenant_id, channel, address) organization_id, tenant_id, channel, address, id
                FROM unnest(v) a WHERE a.contact_id IS NULL ORDER BY tenant_id, channel, address, n) one
              ON CONFLICT DO NOTHING RETURNING organization_id, tenant_id, contact_id)
            INSERT INTO contact (id, organization_id, tenant_id, name, created_at)
            SELECT made.contact_id, made.organization_id, made.tenant_id, a.name, now()
            FROM made JOIN unnest(v) a ON a.id = made.contact_id;

            SELECT array_agg(ROW(n, id, external_id, a.address, body, a.kind, name, at, opt, account_id, a.organization_id,
                project_id, a.tenant_id, channel, agent_id, c.contact_id, NULL)::arriving) INTO v
              FROM unnest(v) a
              JOIN contact_address c ON c.tenant_id = a.tenant_id AND c.kind = a.channel AND c.address = a.address;
          END IF;

          IF EXISTS (SELECT 1 FROM unnest(v) a WHERE a.opt IS NOT NULL) THEN
            UPDATE contact SET opted_out = (last.opt = 'out') FROM (
              SELECT DISTINCT ON (tenant_id, contact_id) tenant_id, contact_id, opt FROM unnest(v) a WHERE opt IS NOT NULL
              ORDER BY tenant_id, contact_id, at DESC, n DESC
            ) last WHERE contact.tenant_id = last.tenant_id AND contact.id = last.contact_id;
          END IF;

          LOOP
            WITH open AS MATERIALIZED (
              SELECT k.tenant_id, k.account_id, k.contact_id, c.id
              FROM (SELECT DISTINCT account_id, contact_id, tenant_id FROM unnest(v) a ORDER BY account_id, contact_id) k
              CROSS JOIN LATERAL (
                SELECT c.id FROM conversation c WHERE c.tenant_id = k.tenant_id AND c.channel_account_id = k.account_id
                  AND c.contact_id = k.contact_id AND c.status IN ('pending', 'active', 'blocked') FOR UPDATE) c)
            SELECT array_agg(ROW(n, a.id, external_id, address, body, kind, name, at, opt, a.account_id, organization_id, project_id,
                a.tenant_id, channel, agent_id, a.contact_id, open.id)::arriving) INTO v
              FROM unnest(v) a
              LEFT JOIN open ON open.tenant_id = a.tenant_id AND open.account_id = a.account_id
                AND open.contact_id = a.contact_id;
            EXIT WHEN NOT EXISTS (SELECT 1 FROM unnest(v) a WHERE a.conversation_id IS NULL);

            INSERT INTO conversation (id, organization_id, project_id, tenant_id, channel_account_id, contact_id, contact_address,
                contact_name, agent_id, language, status, attendance, opted_out, last_seq, answered_seq, created_at, started_at, closure)
            SELECT one.id, one.organization_id, one.project_id, one.tenant_id, one.account_id, one.contact_id, one.address,
                coalesce(one.name, contact.name), one.agent_id, NULL, 'active', 'ai', contact.opted_out, 0, 0, now(), now(), '{}'
            FROM (SELECT DISTINCT ON (account_id, contact_id) a.* FROM unnest(v) a WHERE a.conversation_id IS NULL
                  AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.tenant_id = a.tenant_id
                    AND c.channel_account_id = a.account_id AND c.contact_id = a.contact_id
                    AND c.status IN ('pending', 'active', 'blocked'))
                  ORDER BY account_id, contact_id, n) one
            JOIN contact ON contact.tenant_id = one.tenant_id AND contact.id = one.contact_id
            ORDER BY one.account_id, one.contact_id
            ON CONFLICT DO NOTHING;
          END LOOP;

          WITH counted AS (
            SELECT conversation_id, count(*) AS added, max(name) AS name,
                   (array_agg(opt ORDER BY at DESC, n DESC) FILTER (WHERE opt IS NOT NULL))[1] AS opt
            FROM unnest(v) a GROUP BY conversation_id
          ), grown AS (
            UPDATE conversation c SET last_seq = c.last_seq + counted.added, last_message_at = now(), last_customer_at = now(),
              status = CASE WHEN c.status = 'pending' THEN 'active' ELSE c.status END,
              opted_out = CASE counted.opt WHEN 'out' THEN true WHEN 'in' THEN false ELSE c.opted_out END,
              contact_name = coalesce(counted.name, c.contact_name)
            FROM counted WHERE c.id = counted.conversation_id
            RETURNING c.id, c.last_seq - counted.added AS base, c.status, c.attendance, c.opted_out
          ), written AS (
            INSERT INTO message (id, organization_id, tenant_id, conversation_id, channel_account_id, seq, direction, sender, kind,
              text, delivery, provider_message_id, provider_at, attempts, created_at)
            SELECT a.id, a.organization_id, a.tenant_id, a.conversation_id, a.account_id,
              grown.base + row_number() OVER (PARTITION BY a.conversation_id ORDER BY a.at, a.n),
              'inbound', 'contact', a.kind, a.body, 'received', a.external_id, a.at, 0, now()
            FROM unnest(v) a JOIN grown ON grown.id = a.conversation_id
            RETURNING conversation_id
          ), waiting AS (
            INSERT INTO job (organization_id, tenant_id, kind, payload, order_key, dedupe_key, run_at, time_limit, max_attempts)
            SELECT one.organization_id, one.tenant_id, 'turn', jsonb_build_object('conversation_id', one.conversation_id),
              'conv:' || one.conversation_id, 'turn:' || one.conversation_id, now() + p_window, p_limit, p_attempts
            FROM (SELECT DISTINCT organization_id, tenant_id, conversation_id FROM unnest(v) a WHERE kind <> 'reaction') one
            JOIN grown ON grown.id = one.conversation_id
              AND grown.status = 'active' AND grown.attendance = 'ai' AND NOT grown.opted_out
            ORDER BY one.conversation_id
            ON CONFLICT (dedupe_key) WHERE status = 'queued' AND dedupe_key IS NOT NULL
            DO UPDATE SET run_at = least(now() + p_window, job.created_at + p_cap)
            RETURNING xmax = 0 AS new)
          SELECT bool_or(new) INTO v_new FROM waiting;

          IF v_new THEN PERFORM pg_notify('atende_jobs', ''); END IF;
          RETURN QUERY SELECT n FROM unnest(v) a;
        END
        """,
    )


def _report_deliveries() -> str:
    """Moves messages forward as their channel reports; a message that turns out to have failed gets a job that makes it good."""
    return system_function(
        "report_deliveries(p_accounts uuid[], p_external text[], p_messages uuid[], p_deliveries text[], p_ranks int[],"
        " p_at timestamptz[], p_errors text[])",
        returns="SETOF int",
        language="plpgsql",
        body="""
        #variable_conflict use_column
        DECLARE r record; v_moved uuid;
        BEGIN
          FOR r IN SELECT * FROM unnest(p_accounts, p_external, p_messages, p_deliveries, p_ranks, p_at, p_errors) WITH ORDINALITY
              AS i (account_id, external_id, message_id, delivery, rank, at, error, n) ORDER BY account_id, external_id, rank
          LOOP
            UPDATE message m SET delivery = r.delivery, error = r.error,
              provider_message_id = coalesce(m.provider_message_id, r.external_id),
              sent_at = CASE WHEN r.delivery = 'failed' THEN m.sent_at ELSE coalesce(m.sent_at, r.at, now()) END
            WHERE m.channel_account_id = r.account_id AND m.direction = 'outbound'
              AND m.tenant_id = (SELECT a.tenant_id FROM channel_account a WHERE a.id = r.account_id)
              AND (m.id = r.message_id OR m.provider_message_id = r.external_id)
              AND r.rank > CASE m.delivery WHEN 'sending' THEN 1 WHEN 'unknown' THEN 1 WHEN 'sent' THEN 2 WHEN 'failed' THEN 3
                                           WHEN 'delivered' THEN 4 WHEN 'read' THEN 5 ELSE 0 END
            RETURNING m.id INTO v_moved;
            CONTINUE WHEN NOT FOUND;
            RETURN NEXT r.n::int;
            IF r.delivery = 'failed' THEN
              INSERT INTO job (organization_id, tenant_id, kind, payload, max_attempts)
              SELECT m.organization_id, m.tenant_id, 'send.failed', jsonb_build_object('message_id', m.id), 4
              FROM message m WHERE m.id = v_moved;
              PERFORM pg_notify('atende_jobs', '');
            END IF;
          END LOOP;
        END
        """,
    )


def downgrade() -> None:
    run(
        """
        DROP FUNCTION quarantined_items; DROP FUNCTION report_deliveries; DROP FUNCTION receive_messages;
        DROP FUNCTION find_channel_accounts;
        DROP TABLE inbox, handoff, message, turn, conversation, contact_address, contact, channel_account;
        DROP TYPE arriving;
        """
    )
