"""Answers with their citations, and the model calls that they took, in PostgreSQL."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from atende.core.kernel import NotFound, TenantScope
from atende.core.knowledge.model import Answer, ModelCall
from atende.core.knowledge.ports import Answers, ModelCalls
from atende.outbound.postgres.base import to_values
from atende.outbound.postgres.records import WITHIN, as_json, changes, entity, read, scope_of
from atende.outbound.postgres.unit import Unit

ADD_ANSWER = "INSERT INTO answer SELECT a.* FROM given, json_populate_record(NULL::answer, given -> 'answer') a"
ADD_CITATIONS = (
    "INSERT INTO citation SELECT c.* FROM given, json_populate_recordset(NULL::citation, given -> 'citations') c"
)
_SETTLED = ("state", "answer_id", "tokens_in", "tokens_out", "estimated", "cost", "error", "finished_at")
SAVE_CALLS = (
    "INSERT INTO model_call SELECT m.* FROM given, json_populate_recordset(NULL::model_call, given -> 'calls') m"
    f" ON CONFLICT (id) DO UPDATE SET {changes(_SETTLED, 'excluded')}"
)
_ADD = f"WITH given AS (SELECT $1::json AS given), citations AS ({ADD_CITATIONS}) {ADD_ANSWER}"
_SAVE_CALLS = f"WITH given AS (SELECT $1::json AS given) {SAVE_CALLS}"
_GET = f"SELECT to_json(a)::text FROM answer a WHERE {WITHIN} AND id = $3"


class PostgresAnswers(Answers):
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, answer: Answer) -> None:
        given = {"answer": to_values(answer), "citations": citations_of(answer)}
        await self._unit.connection.execute(_ADD, as_json(given))

    async def get(self, scope: TenantScope, answer_id: UUID) -> Answer:
        found = await self._unit.connection.fetchval(_GET, *scope_of(scope), answer_id)
        if found is None:
            raise NotFound("no such answer")
        return entity(read(found), Answer)


def citations_of(answer: Answer) -> list[dict[str, Any]]:
    """The rows of an answer's citations, numbered over all of its sentences."""
    scope = answer.owner.scope
    return [
        {
            "organization_id": scope.organization_id,
            "tenant_id": scope.tenant_id,
            "answer_id": answer.id,
            "position": position,
            "chunk_id": citation.chunk_id,
            "document_id": citation.document_id,
            "version": citation.version,
            "page": citation.page,
            "start_at": citation.start,
            "end_at": citation.end,
            "quote": citation.quote,
        }
        for position, citation in enumerate(c for sentence in answer.sentences for c in sentence.citations)
    ]


class PostgresModelCalls(ModelCalls):
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def save(self, calls: Sequence[ModelCall]) -> None:
        if calls:
            given = {"calls": [to_values(call) for call in calls]}
            await self._unit.connection.execute(_SAVE_CALLS, as_json(given))
