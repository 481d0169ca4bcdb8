"""Credits: an account per organization, immutable double entries, holds, and what things cost."""

from migrations.functions import put, take_back
from migrations.row_level_security import organization_table, platform_table, system_may
from migrations.sql import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run(
        """
        CREATE TABLE credit_account (
          organization_id uuid PRIMARY KEY REFERENCES organization (id),
          available bigint NOT NULL DEFAULT 0 CHECK (available >= 0),
          held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
          spent bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
          issued bigint NOT NULL DEFAULT 0,
          CONSTRAINT credit_account_balances CHECK (available + held + spent = issued)
        ) WITH (fillfactor = 50);
        COMMENT ON COLUMN credit_account.available IS 'micro-credits: 1 credit is 1,000,000';

        CREATE TABLE credit_hold (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL REFERENCES organization (id),
          tenant_id text COLLATE "C",
          amount bigint NOT NULL CHECK (amount > 0),
          reference varchar(255) NOT NULL,
          state varchar(50) NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'captured', 'released', 'expired')),
          captured bigint NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND amount),
          refunded bigint NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND captured),
          created_at timestamptz NOT NULL,
          expires_at timestamptz NOT NULL,
          closed_at timestamptz,
          UNIQUE (organization_id, id),
          UNIQUE (organization_id, reference),
          CHECK ((state = 'held') = (closed_at IS NULL))
        );
        CREATE INDEX credit_hold_due ON credit_hold (expires_at) WHERE state = 'held';

        CREATE TABLE credit_entry (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL REFERENCES organization (id),
          tenant_id text COLLATE "C",
          kind varchar(50) NOT NULL CHECK (kind IN ('grant', 'hold', 'capture', 'release', 'expire', 'refund')),
          reference varchar(255) NOT NULL,
          debit varchar(20) NOT NULL CHECK (debit IN ('available', 'held', 'spent', 'issued')),
          credit varchar(20) NOT NULL CHECK (credit IN ('available', 'held', 'spent', 'issued')),
          amount bigint NOT NULL CHECK (amount > 0),
          available_after bigint NOT NULL CHECK (available_after >= 0),
          held_after bigint NOT NULL CHECK (held_after >= 0),
          hold_id uuid,
          note varchar(500) NOT NULL DEFAULT '',
          at timestamptz NOT NULL,
          seq bigint GENERATED ALWAYS AS IDENTITY,
          CHECK (debit <> credit),
          CONSTRAINT credit_entry_once UNIQUE (organization_id, kind, reference),
          FOREIGN KEY (organization_id, hold_id) REFERENCES credit_hold (organization_id, id)
        );
        CREATE INDEX credit_entry_list ON credit_entry (organization_id, seq);
        CREATE UNIQUE INDEX credit_entry_hold_once ON credit_entry (organization_id, hold_id, kind)
          WHERE kind IN ('hold', 'capture', 'expire');

        CREATE TABLE price (
          id uuid PRIMARY KEY,
          provider varchar(100) NOT NULL,
          model varchar(100) NOT NULL,
          operation varchar(50) NOT NULL,
          unit varchar(50) NOT NULL CHECK (unit IN ('answer', '1k_tokens', 'image', 'second', 'minute')),
          credits_per_unit bigint NOT NULL CHECK (credits_per_unit >= 0),
          cost_usd_per_unit numeric(10, 6) NOT NULL CHECK (cost_usd_per_unit >= 0),
          resolution_multipliers jsonb NOT NULL DEFAULT '{}',
          is_active boolean NOT NULL DEFAULT true,
          CONSTRAINT price_once UNIQUE (provider, model, operation)
        );
        """
    )
    run(organization_table("credit_account"))
    run(organization_table("credit_hold", grants="SELECT, INSERT, UPDATE (state, captured, refunded, closed_at)"))
    run(organization_table("credit_entry", grants="SELECT, INSERT"))
    run(platform_table("price", grants="SELECT"))
    run("CREATE POLICY price_owner ON price TO atende_owner USING (true) WITH CHECK (true)")
    run(system_may("credit_hold", "SELECT (id, organization_id, state, expires_at)"))
    put(revision, "credits/holds_due", "credits/refuse_change")
    run(
        """
        CREATE TRIGGER credit_entry_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_entry
          FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
        """
    )


def downgrade() -> None:
    run("DROP TABLE price, credit_entry, credit_hold, credit_account;")
    take_back(revision, "credits/holds_due", "credits/refuse_change")
