"""What must hold in the database once everything has come to rest. Every query returns the rows that break its rule: none.

They run as the superuser of a test's own cluster, so that row-level security hides nothing from them.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

Rows = Callable[[str], Awaitable[list[Any]]]

WATCH = (
    "CREATE SCHEMA watch",
    "CREATE TABLE watch.moved (n bigserial, message_id uuid, was text, became text, at timestamptz DEFAULT clock_timestamp())",
    """
    CREATE FUNCTION watch.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      INSERT INTO watch.moved (message_id, was, became) VALUES (NEW.id, OLD.delivery, NEW.delivery);
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER watch AFTER UPDATE ON message FOR EACH ROW WHEN (OLD.delivery <> NEW.delivery)
    EXECUTE FUNCTION watch.note()
    """,
)
"""Statements that make the database keep every move of every message, for `status_moved_backwards`."""

_TURN_OF = "CASE WHEN {0}.reference LIKE 'turn:%' THEN split_part({0}.reference, ':', 2) END"
"""The turn that a hold is for, by its reference: one hold for each time that it is answered."""

_PARENTS = (
    ("contact_address", "contact", "c.contact_id = p.id"),
    ("conversation", "contact", "c.contact_id = p.id"),
    ("conversation", "channel_account", "c.channel_account_id = p.id"),
    ("message", "conversation", "c.conversation_id = p.id"),
    ("message", "turn", "c.turn_id = p.id"),
    ("message", "answer", "c.answer_id = p.id"),
    ("turn", "conversation", "c.conversation_id = p.id"),
    ("handoff", "conversation", "c.conversation_id = p.id"),
    ("answer", "turn", "c.turn_id = p.id"),
    ("citation", "answer", "c.answer_id = p.id"),
    ("citation", "chunk", "c.chunk_id = p.id"),
    ("chunk", "document", "c.document_id = p.id"),
    ("passage", "chunk", "c.chunk_id = p.id"),
    ("model_call", "turn", "c.turn_id = p.id"),
    ("job", "conversation", "c.payload ->> 'conversation_id' = p.id::text"),
    ("job", "message", "c.payload ->> 'message_id' = p.id::text"),
    ("credit_hold", "turn", f"{_TURN_OF.format('c')} = p.id::text"),
)

_RANK = "array_position(ARRAY['pending', 'sending', 'unknown', 'sent', 'failed', 'delivered', 'read'], moved.{})"

INVARIANTS: Mapping[str, str] = MappingProxyType(
    {
        "accepted_message_missing": """
            SELECT i.source, i.account, i.external_id FROM inbox i WHERE i.state = 'received' AND NOT EXISTS (
              SELECT 1 FROM message m WHERE m.provider_message_id = i.external_id AND m.direction = 'inbound')""",
        "message_without_inbox_row": """
            SELECT m.id FROM message m WHERE m.direction = 'inbound'
              AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.external_id = m.provider_message_id)""",
        "message_twice": """
            SELECT channel_account_id, provider_message_id FROM message WHERE direction = 'inbound'
            GROUP BY 1, 2 HAVING count(*) > 1""",
        "gap_in_conversation": """
            SELECT c.id, c.last_seq, count(m.id) FROM conversation c JOIN message m ON m.conversation_id = c.id
            GROUP BY c.id HAVING count(*) <> c.last_seq OR max(m.seq) <> c.last_seq OR min(m.seq) <> 1""",
        "inbound_without_terminal_turn": """
            SELECT m.id, m.seq, c.id AS conversation FROM message m JOIN conversation c ON c.id = m.conversation_id
            WHERE m.direction = 'inbound' AND m.kind <> 'reaction' AND c.attendance = 'ai' AND NOT c.opted_out AND NOT EXISTS (
              SELECT 1 FROM turn t WHERE t.conversation_id = c.id AND t.state <> 'open'
                AND m.seq BETWEEN t.from_seq AND t.to_seq)""",
        "inbound_in_two_turns": """
            SELECT m.id FROM message m JOIN turn t ON t.conversation_id = m.conversation_id
              AND m.seq BETWEEN t.from_seq AND t.to_seq
            WHERE m.direction = 'inbound' GROUP BY m.id HAVING count(*) > 1""",
        "turn_without_its_one_reply": """
            SELECT t.id, t.state, count(m.id) FROM turn t LEFT JOIN message m ON m.turn_id = t.id AND m.sender = 'ai'
            GROUP BY t.id HAVING count(m.id) <> CASE t.state WHEN 'replied' THEN 1 WHEN 'open' THEN -1 ELSE 0 END""",
        "turn_without_its_one_end": """
            SELECT id, state, finished_at, silence FROM turn WHERE state NOT IN ('replied', 'handed_over', 'silent')
              OR finished_at IS NULL OR (state = 'silent') <> (silence IS NOT NULL)""",
        "handed_over_to_nobody": """
            SELECT t.id, t.error FROM turn t WHERE t.state = 'handed_over' AND NOT EXISTS (
              SELECT 1 FROM handoff h WHERE h.conversation_id = t.conversation_id AND h.created_at >= t.created_at)""",
        "two_running_jobs_in_a_lane": """
            SELECT order_key FROM job WHERE status = 'running' AND order_key IS NOT NULL
            GROUP BY order_key HAVING count(*) > 1""",
        "work_left_over": """
            SELECT id, kind, status, attempts, run_at, last_error FROM job WHERE status IN ('queued', 'running')""",
        "expired_lease": "SELECT id, kind FROM job WHERE status = 'running' AND lease_until < now()",
        "message_not_settled": """
            SELECT id, delivery, sending_at FROM message WHERE direction = 'outbound' AND delivery IN ('pending', 'sending')""",
        "balance_is_not_the_sum": """
            SELECT a.* FROM credit_account a JOIN (
              SELECT organization_id, coalesce(sum(amount) FILTER (WHERE credit = 'available'), 0)
                  - coalesce(sum(amount) FILTER (WHERE debit = 'available'), 0) AS available,
                coalesce(sum(amount) FILTER (WHERE credit = 'held'), 0)
                  - coalesce(sum(amount) FILTER (WHERE debit = 'held'), 0) AS held,
                coalesce(sum(amount) FILTER (WHERE credit = 'spent'), 0)
                  - coalesce(sum(amount) FILTER (WHERE debit = 'spent'), 0) AS spent
              FROM credit_entry GROUP BY organization_id) e USING (organization_id)
            WHERE (a.available, a.held, a.spent) IS DISTINCT FROM (e.available, e.held, e.spent)""",
        "ledger_does_not_follow_itself": """
            SELECT seq FROM (
              SELECT seq, available_after, sum((credit = 'available')::int * amount - (debit = 'available')::int * amount)
                OVER (PARTITION BY organization_id ORDER BY seq) AS summed FROM credit_entry) e
            WHERE available_after <> summed""",
        "open_hold": """
            SELECT h.id, h.reference, h.expires_at FROM credit_hold h WHERE h.state = 'held' AND (h.expires_at < now()
              OR h.reference LIKE 'turn:%' AND NOT EXISTS (SELECT 1 FROM turn t WHERE t.hold_id = h.id AND t.state = 'open')
              OR h.reference LIKE 'document:%' AND NOT EXISTS (
                SELECT 1 FROM document d WHERE d.hold_id = h.id AND d.status = 'processing'))""",
        "two_holds_for_one_work": """
            SELECT split_part(reference, ':', 1) AS kind, split_part(reference, ':', 2) AS work, count(*) FROM credit_hold
            WHERE state = 'held' GROUP BY 1, 2 HAVING count(*) > 1""",
        "reply_not_paid": """
            SELECT m.id, a.cost, h.state, h.captured FROM message m JOIN answer a ON a.id = m.answer_id
            JOIN turn t ON t.id = m.turn_id LEFT JOIN credit_hold h ON h.id = t.hold_id
            WHERE CASE WHEN a.cost > 0 THEN h.state IS DISTINCT FROM 'captured' OR h.captured <> a.cost
              ELSE h.state IN ('held', 'captured') END""",
        "paid_without_reply": """
            SELECT h.id, h.reference FROM credit_hold h WHERE h.state = 'captured' AND h.reference LIKE 'turn:%'
              AND NOT EXISTS (
                SELECT 1 FROM message m JOIN turn t ON t.id = m.turn_id WHERE t.hold_id = h.id AND m.sender = 'ai')""",
        "paid_twice": """
            SELECT hold_id FROM credit_entry WHERE kind = 'capture' GROUP BY hold_id HAVING count(*) > 1""",
        "refund_is_not_the_cost": """
            SELECT m.id, m.delivery, a.cost, r.amount FROM message m JOIN answer a ON a.id = m.answer_id
            LEFT JOIN (SELECT reference, sum(amount) AS amount FROM credit_entry WHERE kind = 'refund' GROUP BY reference) r
              ON r.reference = 'message:' || m.id
            WHERE coalesce(r.amount, 0) <> CASE WHEN m.delivery = 'failed' THEN a.cost ELSE 0 END""",
        "answered_without_citation": """
            SELECT a.id FROM answer a WHERE a.outcome = 'answered'
              AND NOT EXISTS (SELECT 1 FROM citation c WHERE c.answer_id = a.id)""",
        "quote_is_not_in_its_chunk": """
            SELECT q.answer_id, q.position FROM citation q LEFT JOIN chunk c ON c.id = q.chunk_id
            WHERE q.quote IS DISTINCT FROM substring(c.content FROM q.start_at + 1 FOR q.end_at - q.start_at)""",
        "dead_job_without_person": """
            SELECT j.id, j.kind, j.last_error FROM job j WHERE j.status = 'dead' AND j.kind IN ('turn', 'send.resolve')
              AND NOT EXISTS (
                SELECT 1 FROM handoff h WHERE h.conversation_id::text = j.payload ->> 'conversation_id'
                  OR h.message_id::text = j.payload ->> 'message_id')""",
        "unknown_without_person": """
            SELECT m.id FROM message m WHERE m.delivery = 'unknown' AND NOT EXISTS (
              SELECT 1 FROM handoff h WHERE h.message_id = m.id AND h.reason = 'send_unknown')""",
    }
    | {
        f"{child}_of_another_{parent}": f"""
            SELECT c.* FROM {child} c JOIN {parent} p ON {joined}
            WHERE (c.organization_id, c.tenant_id) IS DISTINCT FROM (p.organization_id, p.tenant_id)"""
        for child, parent, joined in _PARENTS
    }
)

BACKWARDS = f"""
    SELECT moved.* FROM watch.moved WHERE {_RANK.format("became")} < {_RANK.format("was")}
      AND (was, became) <> ('sending', 'pending')"""
"""A send that certainly did not happen waits again; nothing else goes back."""


async def broken(rows: Rows, *, watched: bool = False) -> dict[str, list[dict[str, Any]]]:
    """The rules that do not hold, each with the first rows that break it."""
    queries = dict(INVARIANTS) | ({"status_moved_backwards": BACKWARDS} if watched else {})
    found = {name: await rows(f"SELECT * FROM ({query}) broken LIMIT 5") for name, query in queries.items()}
    return {name: [dict(row) for row in some] for name, some in found.items() if some}
