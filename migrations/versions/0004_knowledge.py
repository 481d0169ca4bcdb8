"""Agents, documents, chunks, the search index, answers and model calls."""

from migrations.functions import put, take_back
from migrations.row_level_security import system_may, tenant_table
from migrations.sql import run

revision = "0004"
down_revision = "0003"

_LANGUAGES = {"pt": "portuguese", "en": "english", "es": "spanish"}
_DIMENSIONS = (384, 1536)


def upgrade() -> None:
    for code, stemmer in _LANGUAGES.items():
        run(
            f"""
            CREATE TEXT SEARCH CONFIGURATION atende_{code} (COPY = pg_catalog.{stemmer});
            ALTER TEXT SEARCH CONFIGURATION atende_{code} ALTER MAPPING FOR hword, hword_part, word WITH unaccent, {stemmer}_stem;
            """
        )
    run(
        """
        CREATE TABLE agent (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          project_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          name varchar(255) NOT NULL,
          system_prompt text,
          model varchar(100),
          temperature double precision NOT NULL CHECK (temperature BETWEEN 0 AND 2),
          max_tokens integer NOT NULL CHECK (max_tokens BETWEEN 1 AND 4000),
          is_default boolean NOT NULL,
          is_active boolean NOT NULL,
          created_at timestamptz NOT NULL,
          UNIQUE (tenant_id, id),
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id)
        );
        CREATE UNIQUE INDEX agent_default ON agent (tenant_id) WHERE is_default;

        CREATE TABLE document (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          project_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          agent_id uuid,
          filename varchar(500) NOT NULL,
          file_type varchar(50) NOT NULL,
          size bigint NOT NULL,
          sha256 varchar(64) NOT NULL,
          blob_key varchar(1000) NOT NULL,
          status varchar(50) NOT NULL CHECK (status IN ('uploaded', 'processing', 'processed', 'failed', 'deleted')),
          version integer NOT NULL,
          chunk_count integer NOT NULL,
          language varchar(2) NOT NULL,
          error varchar(500),
          details jsonb NOT NULL,
          created_at timestamptz NOT NULL,
          processed_at timestamptz,
          hold_id uuid,
          UNIQUE (tenant_id, id),
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id),
          FOREIGN KEY (tenant_id, agent_id) REFERENCES agent (tenant_id, id)
        );
        CREATE INDEX document_list ON document (tenant_id, created_at);

        CREATE TABLE chunk (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          document_id uuid NOT NULL,
          version integer NOT NULL,
          index integer NOT NULL,
          content text NOT NULL,
          tokens integer NOT NULL,
          page integer,
          UNIQUE (tenant_id, id),
          UNIQUE (tenant_id, document_id, version, index),
          FOREIGN KEY (tenant_id, document_id) REFERENCES document (tenant_id, id)
        );

        CREATE TABLE passage (
          chunk_id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          document_id uuid NOT NULL,
          version integer NOT NULL,
          model text NOT NULL,
          dimension integer NOT NULL,
          embedding vector NOT NULL,
          words tsvector NOT NULL,
          FOREIGN KEY (tenant_id, chunk_id) REFERENCES chunk (tenant_id, id) ON DELETE CASCADE
        );
        CREATE INDEX passage_words ON passage USING gin (words);
        CREATE INDEX passage_document ON passage (tenant_id, document_id);

        CREATE TABLE lexeme (
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          word text COLLATE "C" NOT NULL,
          passages integer NOT NULL,
          PRIMARY KEY (tenant_id, word),
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id)
        ) WITH (fillfactor = 70);

        COMMENT ON COLUMN lexeme.passages IS 'how many passages of the tenant hold the word; the empty word counts all of them';

        CREATE TABLE answer (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          project_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          turn_id uuid,
          question text NOT NULL,
          text text NOT NULL,
          outcome varchar(50) NOT NULL CHECK (outcome IN ('answered', 'courtesy', 'unknown')),
          model varchar(100) NOT NULL,
          tokens integer NOT NULL,
          cost bigint NOT NULL CHECK (cost >= 0),
          processing_ms integer NOT NULL,
          sentences jsonb NOT NULL,
          passages jsonb NOT NULL,
          created_at timestamptz NOT NULL,
          UNIQUE (tenant_id, id),
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id)
        );
        COMMENT ON COLUMN answer.cost IS 'micro-credits';

        CREATE TABLE citation (
          answer_id uuid NOT NULL,
          organization_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          position integer NOT NULL,
          chunk_id uuid NOT NULL,
          document_id uuid NOT NULL,
          version integer NOT NULL,
          page integer,
          start_at integer NOT NULL CHECK (start_at >= 0),
          end_at integer NOT NULL CHECK (end_at > start_at),
          quote text NOT NULL CHECK (length(quote) = end_at - start_at),
          PRIMARY KEY (answer_id, position),
          FOREIGN KEY (tenant_id, answer_id) REFERENCES answer (tenant_id, id)
        );
        CREATE INDEX citation_document ON citation (tenant_id, document_id);

        CREATE TABLE model_call (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL,
          project_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          purpose varchar(50) NOT NULL,
          provider varchar(100) NOT NULL,
          model varchar(100) NOT NULL,
          state varchar(50) NOT NULL CHECK (state IN ('intent', 'done', 'failed')),
          turn_id uuid,
          answer_id uuid,
          tokens_in integer NOT NULL,
          tokens_out integer NOT NULL,
          cost bigint NOT NULL CHECK (cost >= 0),
          error varchar(500),
          started_at timestamptz NOT NULL,
          finished_at timestamptz,
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id)
        );
        CREATE INDEX model_call_turn ON model_call (tenant_id, turn_id);
        """
    )
    for dimension in _DIMENSIONS:
        run(
            f"CREATE INDEX passage_vector_{dimension} ON passage USING hnsw ((embedding::vector({dimension})) vector_cosine_ops)"
            f" WHERE dimension = {dimension}"
        )
    for name in ("agent", "document", "answer", "model_call"):
        run(tenant_table(name))
    run(tenant_table("chunk", grants="SELECT, INSERT, UPDATE, DELETE"))
    run(tenant_table("passage", grants="SELECT, INSERT, UPDATE, DELETE"))
    run(tenant_table("lexeme"))
    run(tenant_table("citation", grants="SELECT, INSERT"))
    run(system_may("passage", "SELECT"))
    run(system_may("lexeme", "SELECT"))
    put(revision, "knowledge/search_words", "knowledge/count_words")
    run(
        """
        CREATE TRIGGER passage_added AFTER INSERT ON passage REFERENCING NEW TABLE AS changed
          FOR EACH STATEMENT EXECUTE FUNCTION count_words();
        CREATE TRIGGER passage_removed AFTER DELETE ON passage REFERENCING OLD TABLE AS changed
          FOR EACH STATEMENT EXECUTE FUNCTION count_words();
        """
    )


def downgrade() -> None:
    run("DROP TABLE model_call, citation, answer, lexeme, passage, chunk, document, agent;")
    take_back(revision, "knowledge/search_words", "knowledge/count_words")
    for code in _LANGUAGES:
        run(f"DROP TEXT SEARCH CONFIGURATION atende_{code}")
