"""Filling a database with tenants, conversations, messages and documents, in SQL, as an administrator."""

from dataclasses import dataclass

import asyncpg

from tests.bench.setting import Place

PER_CONVERSATION = 10
FIRST_ADDRESS = 5_511_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much lies in a database: of one organization, whose conversations and documents its projects share evenly."""

    messages: int
    tenants: int = 1
    documents: int = 100


# $1 organization, $2 project, $3 tenant, $4 number of tenants, $5 of conversations, $6 of documents.
_PROJECTS = """
INSERT INTO project (id, organization_id, tenant_id, billing_account_id, name, created_at)
SELECT uuidv7(), p.organization_id, 'other-' || n, p.billing_account_id, 'Other ' || n, now()
FROM project p, generate_series(2, $2::int) n WHERE p.id = $1
"""
_PLACES = """
CREATE TEMPORARY TABLE place AS
SELECT row_number() OVER (ORDER BY (id = $1) DESC, id) - 1 AS n, id AS project_id, organization_id, tenant_id, uuidv7() AS account_id
FROM project WHERE organization_id = $2
"""
_ACCOUNTS = """
INSERT INTO channel_account (id, organization_id, project_id, tenant_id, kind, external_id, address, provider_account, secrets,
  is_active, created_at)
SELECT place.account_id, place.organization_id, place.project_id, place.tenant_id, 'whatsapp', 'bench-' || place.n, 'bench',
  'bench-' || place.n, '\\x01', true, now() FROM place WHERE n > 0
"""
_OWN_ACCOUNT = "UPDATE place SET account_id = (SELECT id FROM channel_account WHERE kind = 'whatsapp' AND tenant_id = $1) WHERE n = 0"
_TALKS = """
CREATE TEMPORARY TABLE talk AS
SELECT g.n, uuidv7() AS id, uuidv7() AS contact_id, uuidv7() AS hold_id, ($2::bigint + g.n)::text AS address,
  now() - interval '30 days' * (g.n::float8 / $1) AS at,
  CASE WHEN g.n % 100 < 70 THEN 'closed' WHEN g.n % 100 < 74 THEN 'archived' WHEN g.n % 100 = 74 THEN 'pending' ELSE 'active' END AS status,
  CASE g.n % 4 WHEN 0 THEN 'waiting_human' ELSE 'ai' END AS attendance, place.*
FROM (SELECT n, n % (SELECT count(*) FROM place) AS at FROM generate_series(1, $1::int) n) g (n, of)
JOIN (SELECT n AS place, project_id, organization_id, tenant_id, account_id FROM place) place ON place.place = g.of
"""
_ROWS = (
    """
    INSERT INTO contact (id, organization_id, tenant_id, name, created_at)
    SELECT contact_id, organization_id, tenant_id, 'Cliente ' || n, at FROM talk
    """,
    """
    INSERT INTO contact_address (organization_id, tenant_id, kind, address, contact_id)
    SELECT organization_id, tenant_id, 'whatsapp', address, contact_id FROM talk
    """,
    """
    INSERT INTO conversation (id, organization_id, project_id, tenant_id, channel_account_id, contact_id, contact_address, contact_name,
      language, status, attendance, opted_out, last_seq, answered_seq, created_at, started_at, last_message_at, last_customer_at,
      closed_at, close_reason, closure)
    SELECT id, organization_id, project_id, tenant_id, account_id, contact_id, address, 'Cliente ' || n, 'pt', status, attendance,
      false, 10, 10, at, at, at + interval '10 minutes', at + interval '9 minutes',
      CASE WHEN status IN ('closed', 'archived') THEN at + interval '11 minutes' END, 'manual', '{}' FROM talk
    """,
    """
    INSERT INTO message (id, organization_id, tenant_id, conversation_id, channel_account_id, seq, direction, sender, kind, text,
      delivery, provider_message_id, attempts, created_at)
    SELECT uuidv7(), organization_id, tenant_id, id, account_id, seq, CASE WHEN seq % 2 = 1 THEN 'inbound' ELSE 'outbound' END,
      CASE WHEN seq % 2 = 1 THEN 'contact' ELSE 'ai' END, 'text', repeat('Bom dia! Como faço para trocar? ', 5),
      CASE WHEN seq % 2 = 1 THEN 'received' ELSE 'delivered' END, 'wamid.' || n || '.' || seq, 1, at + interval '1 minute' * seq
    FROM talk, generate_series(1, 10) seq
    """,
    """
    INSERT INTO inbox (source, account, external_id, state)
    SELECT 'whatsapp', account_id::text, 'wamid.' || n || '.' || seq, 'received' FROM talk, generate_series(1, 9, 2) seq
    """,
    """
    INSERT INTO answer (id, organization_id, project_id, tenant_id, question, text, outcome, model, tokens, cost, processing_ms,
      sentences, passages, created_at)
    SELECT uuidv7(), organization_id, project_id, tenant_id, '?', '', 'unknown', 'atende/extractive', 1, 1, 1, '[]', '[]', at FROM talk
    """,
    """
    INSERT INTO credit_hold (id, organization_id, tenant_id, amount, reference, state, captured, created_at, expires_at, closed_at)
    SELECT hold_id, organization_id, tenant_id, 1000, n::text, 'captured', 1000, at, at, at FROM talk
    """,
    """
    INSERT INTO credit_entry (id, organization_id, tenant_id, kind, reference, debit, credit, amount, available_after, held_after,
      hold_id, at)
    SELECT uuidv7(), organization_id, tenant_id, kind, n::text, CASE kind WHEN 'hold' THEN 'available' ELSE 'held' END,
      CASE kind WHEN 'hold' THEN 'held' ELSE 'spent' END, 1000, 1, 1, hold_id, at
    FROM talk, unnest(ARRAY['hold', 'capture']) kind ORDER BY at
    """,
    """
    INSERT INTO audit_log (id, organization_id, tenant_id, actor_kind, action, resource_type, resource_id, created_at)
    SELECT uuidv7(), organization_id, tenant_id, 'system', CASE WHEN n % 4 = 0 THEN 'project.update' ELSE 'conversation.takeover' END,
      'conversation', id::text, at FROM talk
    """,
    """
    INSERT INTO job (organization_id, tenant_id, kind, payload, status, created_at, finished_at)
    SELECT organization_id, tenant_id, 'turn', jsonb_build_object('conversation_id', id),
      CASE WHEN n % 4 = 0 THEN 'dead' ELSE 'done' END, at, at + interval '1 minute' FROM talk
    """,
)
_DOCUMENTS = """
INSERT INTO document (id, organization_id, project_id, tenant_id, filename, file_type, size, sha256, blob_key, status, version,
  chunk_count, language, details, created_at)
SELECT uuidv7(), place.organization_id, place.project_id, place.tenant_id, g.n || '.txt', 'txt', 1000, md5(g.n::text), g.n::text,
  CASE WHEN g.n % 4 = 0 THEN 'failed' ELSE 'processed' END, 1, 1, 'pt', '{}', now() - interval '1 minute' * g.n
FROM (SELECT n, n % (SELECT count(*) FROM place) FROM generate_series(1, $1::int) n) g (n, of) JOIN place ON place.n = g.of
"""
_FILLED = (
    "contact",
    "contact_address",
    "conversation",
    "message",
    "answer",
    "credit_hold",
    "credit_entry",
    "audit_log",
    "job",
    "document",
)
_COUNTED = {
    "conversation": "conversation_used",
    "message": "message_used",
    "answer": "answer_used",
    "credit_entry": "credit_entry_used",
    "document": "document_added",
}
"""Triggers that stay on while rows are added; checking references would take most of the time."""


async def fill(where: Place, size: Size) -> None:
    """Adds rows until the place holds about `size`, and lets the database learn what it holds."""
    owner, talks = where.tenant.owner, size.messages // PER_CONVERSATION
    admin = await asyncpg.connect(where.urls.admin)
    try:
        await admin.execute(_PROJECTS, owner.project_id, size.tenants)
        await admin.execute(_PLACES, owner.project_id, owner.organization_id)
        await admin.execute(_ACCOUNTS)
        await admin.execute(_OWN_ACCOUNT, owner.tenant_id)
        await admin.execute(_TALKS, talks, FIRST_ADDRESS)
        for table in _FILLED:
            await admin.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for table, trigger in _COUNTED.items():
            await admin.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
        for rows in _ROWS:
            await admin.execute(rows)
        await admin.execute(_DOCUMENTS, size.documents)
        for table in _FILLED:
            await admin.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        while await admin.fetchval("SELECT roll_up_usage(100000)"):
            pass
        await admin.execute("VACUUM ANALYZE")
    finally:
        await admin.close()
