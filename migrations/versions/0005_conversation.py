"""Channels, contacts, conversations, messages, turns, the human queue and the inbox."""

from migrations.functions import put, take_back
from migrations.row_level_security import platform_table, system_may, tenant_table
from migrations.sql import run

revision = "0005"
down_revision = "0004"

_FUNCTIONS = (
    "conversation/find_channel_accounts",
    "conversation/receive_messages",
    "conversation/report_deliveries",
    "conversation/quarantined_items",
)


def upgrade() -> None:
    run(
        """
        CREATE TABLE channel_account (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          project_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          kind varchar(50) NOT NULL,
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
        -- An item on its way through receive_messages: what the channel said (content) and whose it is.
        CREATE TYPE arriving AS (
          place int, n int, id uuid, content jsonb, address text, name text, at timestamptz, opt text,
          account_id uuid, organization_id uuid, project_id uuid, tenant_id text, channel text, agent_id uuid
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
    put(revision, *_FUNCTIONS)


def downgrade() -> None:
    take_back(revision, *_FUNCTIONS)
    run(
        """
        DROP TABLE inbox, handoff, message, turn, conversation, contact_address, contact, channel_account;
        DROP TYPE arriving;
        """
    )
