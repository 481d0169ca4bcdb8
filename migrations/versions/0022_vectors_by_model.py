"""Vectors have a table of their own, with a row for each embedding: a second index can be built beside the one that is searched."""

from migrations.functions import put, take_back
from migrations.row_level_security import system_may, tenant_table
from migrations.sql import run

revision = "0022"
down_revision = "0021"

_DIMENSIONS = (256, 384, 512, 768, 1024, 1536)
"""Those of the usual models. A vector of another size is found too, by comparing all of them."""
_FORMER = (384, 1536)


def upgrade() -> None:
    run(
        """
        CREATE TABLE passage_vector (
          chunk_id uuid NOT NULL,
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          document_id uuid NOT NULL,
          edition integer NOT NULL,
          model text NOT NULL,
          dimension integer NOT NULL,
          embedding vector,
          PRIMARY KEY (chunk_id, model, dimension),
          FOREIGN KEY (tenant_id, chunk_id) REFERENCES chunk (tenant_id, id) ON DELETE CASCADE
        );
        COMMENT ON COLUMN passage_vector.embedding IS 'NULL if another store has it';
        ALTER TABLE passage NO FORCE ROW LEVEL SECURITY;
        INSERT INTO passage_vector (chunk_id, organization_id, tenant_id, document_id, edition, model, dimension, embedding)
          SELECT chunk_id, organization_id, tenant_id, document_id, edition, model, dimension, embedding FROM passage;
        ALTER TABLE passage FORCE ROW LEVEL SECURITY;
        ALTER TABLE passage DROP COLUMN model, DROP COLUMN dimension, DROP COLUMN embedding;
        CREATE INDEX passage_vector_document ON passage_vector (tenant_id, document_id);
        """
    )
    for dimension in _DIMENSIONS:
        _index("passage_vector", dimension)
    run(tenant_table("passage_vector", grants="SELECT, INSERT, UPDATE, DELETE"))
    run(system_may("passage_vector", "SELECT, DELETE"))
    put(revision, "tenancy/purge_project")


def downgrade() -> None:
    """Of several embeddings of a passage one is kept; a passage without any has to be read again."""
    take_back(revision, "tenancy/purge_project")
    run(
        """
        ALTER TABLE passage ADD COLUMN model text, ADD COLUMN dimension integer, ADD COLUMN embedding vector;
        ALTER TABLE passage NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE passage_vector NO FORCE ROW LEVEL SECURITY;
        UPDATE passage p SET model = v.model, dimension = v.dimension, embedding = v.embedding
          FROM passage_vector v WHERE v.tenant_id = p.tenant_id AND v.chunk_id = p.chunk_id;
        DELETE FROM passage WHERE model IS NULL;
        ALTER TABLE passage FORCE ROW LEVEL SECURITY;
        ALTER TABLE passage ALTER COLUMN model SET NOT NULL, ALTER COLUMN dimension SET NOT NULL;
        DROP TABLE passage_vector;
        """
    )
    for dimension in _FORMER:
        _index("passage", dimension)


def _index(table: str, dimension: int) -> None:
    name = f"passage_vector_{dimension}"
    run(
        f"CREATE INDEX {name} ON {table} USING hnsw ((embedding::vector({dimension})) vector_cosine_ops)"
        f" WHERE dimension = {dimension}"
    )
