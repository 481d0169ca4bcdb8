"""`atende ask`: a question to the documents, with the quotes that prove the answer."""

import json
from typing import Any

from atende.core.credits.ports import Ledgers
from atende.core.kernel import NotFound, Transaction, in_credits
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.compose_answer import Ask
from atende.core.knowledge.model import Answer
from atende.core.language.detect import guess_language
from atende.main.commands.first_tenant import NO_TENANT, project_of, remembered_tenant
from atende.main.commands.installation import installation, number
from atende.main.settings import Settings


async def ask(settings: Settings, question: str, *, as_json: bool, api_key: str | None) -> None:
    """The answer with its checked citations, what it cost, and the balance."""
    if api_key is None and remembered_tenant(settings) is None:
        raise NotFound(NO_TENANT)  # before anything is made
    async with installation(settings) as container:
        project = await project_of(container, settings, api_key)
        owner = project.owner
        async with container() as scope:
            language = guess_language(question, project.language)
            asked = Ask(owner=owner, text=question, language=language, min_score=settings.turn_min_score)
            answer = await (await scope.get(AskDocuments))(asked)
            ledgers, transaction = await scope.get(Ledgers), await scope.get(Transaction)
            async with transaction(owner.scope):
                balance = await ledgers.balance(owner.organization_id)
    shown = _as_api(answer) | {"balance": number(in_credits(balance.available))}
    print(json.dumps(shown, ensure_ascii=False) if as_json else _as_text(shown))


def _as_api(answer: Answer) -> dict[str, Any]:
    """In the words of the HTTP API."""
    quoted = [citation for sentence in answer.sentences for citation in sentence.citations]
    return {
        "queryId": str(answer.id),
        "question": answer.question,
        "answer": answer.text,
        "outcome": answer.outcome.value,
        "citations": [
            {
                "documentId": str(citation.document_id),
                "documentName": citation.document_name,
                "page": citation.page,
                "start": citation.start,
                "end": citation.end,
                "quote": citation.quote,
            }
            for citation in quoted
        ],
        "model": answer.model,
        "processingTimeMs": answer.processing_ms,
        "cost": number(in_credits(answer.cost)),
    }


def _as_text(shown: dict[str, Any]) -> str:
    lines = ["", f"  {shown['answer']}", ""]
    for citation in shown["citations"]:
        page = f", page {citation['page']}" if citation["page"] else ""
        quote = " ".join(citation["quote"].split())
        lines.append(f'  {citation["documentName"]}{page}: "{quote}"')
    paid = f"cost in credits {shown['cost']}, balance {shown['balance']}, {shown['processingTimeMs']} ms"
    return "\n".join([*lines, *([""] if shown["citations"] else []), f"  {paid}", ""])
