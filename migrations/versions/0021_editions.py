"""Documents are read in editions, of which one is searched; embedding goes on where it stopped."""

from migrations.functions import put, take_back
from migrations.sql import run

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run(
        """
        ALTER TABLE document ADD COLUMN edition integer NOT NULL DEFAULT 0, ADD COLUMN live_edition integer,
          ADD COLUMN live_key varchar(1000), ADD COLUMN cut integer NOT NULL DEFAULT 0,
          ADD COLUMN embedded integer NOT NULL DEFAULT 0, ADD COLUMN spent bigint NOT NULL DEFAULT 0 CHECK (spent >= 0);
        ALTER TABLE document NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER document_changed;
        UPDATE document SET edition = version, cut = chunk_count, embedded = chunk_count,
          live_edition = CASE WHEN processed_at IS NOT NULL THEN version END,
          live_key = CASE WHEN processed_at IS NOT NULL THEN blob_key END;
        ALTER TABLE document FORCE ROW LEVEL SECURITY, ENABLE TRIGGER document_changed;
        COMMENT ON COLUMN document.spent IS 'micro-credits';

        ALTER TABLE chunk ADD COLUMN edition integer NOT NULL DEFAULT 1;
        ALTER TABLE chunk NO FORCE ROW LEVEL SECURITY;
        UPDATE chunk SET edition = version;
        ALTER TABLE chunk FORCE ROW LEVEL SECURITY;
        ALTER TABLE chunk DROP CONSTRAINT chunk_tenant_id_document_id_version_index_key;
        ALTER TABLE chunk ADD UNIQUE (tenant_id, document_id, edition, index);
        ALTER TABLE passage RENAME COLUMN version TO edition;
        CREATE INDEX document_stored ON document (organization_id) INCLUDE (size) WHERE status <> 'deleted';
        """
    )
    put(revision, "knowledge/stored_documents")


def downgrade() -> None:
    take_back(revision, "knowledge/stored_documents")
    run(
        """
        DROP INDEX document_stored;
        ALTER TABLE passage RENAME COLUMN edition TO version;
        ALTER TABLE chunk DROP CONSTRAINT chunk_tenant_id_document_id_edition_index_key;
        ALTER TABLE chunk ADD UNIQUE (tenant_id, document_id, version, index);
        ALTER TABLE chunk DROP COLUMN edition;
        ALTER TABLE document DROP COLUMN edition, DROP COLUMN live_edition, DROP COLUMN live_key, DROP COLUMN cut,
          DROP COLUMN embedded, DROP COLUMN spent;
        """
    )
