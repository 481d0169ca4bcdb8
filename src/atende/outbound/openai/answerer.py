"""Answers of a chat model."""

import re
from typing import Any, Literal

import structlog

from atende.core.identity.keys.provider_keys import AiProvider
from atende.core.identity.keys.resolve_provider_key import Resolved, ResolveProviderKey
from atende.core.knowledge.model import Draft, Question
from atende.core.knowledge.ports import Answerer
from atende.core.language.text import estimate_tokens
from atende.outbound.openai import prompt, reply
from atende.outbound.openai.capabilities import Capabilities, Concession
from atende.outbound.openai.client import API, Endpoint, KeyNotKnown

log = structlog.get_logger(__name__)

TEXT, OLDER_LIMIT, NO_TEMPERATURE, ONE_MESSAGE = "text", "older limit", "no temperature", "one message"
_CONCESSIONS = (
    Concession(TEXT, ("response_format", "json_object", "json mode")),
    Concession(OLDER_LIMIT, ("max_completion_tokens",)),
    Concession(NO_TEMPERATURE, ("temperature",)),
    Concession(ONE_MESSAGE, ("system role", "role", "system message")),
)
_TRIES = 2
"""Calls for one answer, at most, if the model does not return the object that was requested."""
_MOST_MODELS = 64
_REASONING = re.compile(r"(?:o\d|gpt-5)")  # these models refuse a temperature


class OpenAIAnswerer(Answerer):
    """`timeout`: seconds for a whole call. `limit_name`: the name of the limit of tokens that is tried first.

    With `keys`, an organization's own key is used if there is one. If the endpoint refuses it, this is reported, so that the next
    attempt uses the installation's key.
    """

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        base_url: str = API,
        timeout: float = 60,
        limit_name: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens",
        keys: ResolveProviderKey | None = None,
    ) -> None:
        self._model = model
        self._keys = keys
        self._older_limit = limit_name == "max_tokens"
        self._endpoint = Endpoint(api_key, base_url, timeout)
        self._known: dict[str, Capabilities] = {}

    @property
    def provider(self) -> str:
        return "openai"

    def model(self, asked: str | None) -> str:
        return asked or self._model

    async def close(self) -> None:
        await self._endpoint.close()

    def capabilities(self, model: str) -> Capabilities:
        """What is known of this model at this endpoint."""
        if model not in self._known:
            while len(self._known) >= _MOST_MODELS:
                del self._known[next(iter(self._known))]
            learned = {OLDER_LIMIT} if self._older_limit else set()
            learned |= {NO_TEMPERATURE} if _REASONING.match(model) else set()
            self._known[model] = Capabilities(_CONCESSIONS, frozenset(learned))
        return self._known[model]

    async def answer(self, question: Question) -> Draft:
        """Without sentences only if the model says that the passages do not answer the question.

        Raises Unusable if the model refuses, is cut off, or twice returns something else than was requested.
        """
        tries = 0
        while True:
            tries += 1
            try:
                return await self._ask(question)
            except reply.NoObject as error:
                log.warning("model.unusable_answer", model=self.model(question.model), error=error.detail)
                if tries >= _TRIES:
                    raise

    async def _ask(self, question: Question) -> Draft:
        model = self.model(question.model)
        capabilities, key = self.capabilities(model), await self._key(question)
        try:
            body = await capabilities.negotiate(
                lambda conceded: self._endpoint.call(
                    lambda client: client.chat.completions.with_raw_response.create(
                        model=model, **_request(question, conceded)
                    ),
                    key=None if key is None else key.secret.text,
                )
            )
        except KeyNotKnown:
            await self._report(question, key)
            raise
        response = reply.decoded(body)
        text = reply.said(response)
        used = reply.usage(
            response,
            tokens_in=sum(estimate_tokens(one["content"]) for one in prompt.messages(question)),
            tokens_out=estimate_tokens(text.text[: reply.LONGEST]),
        )
        capabilities.counts_usage = not used.estimated
        return reply.draft(text, question, used)

    async def _key(self, question: Question) -> Resolved | None:
        if self._keys is None or question.organization_id is None:
            return None
        found = await self._keys(question.organization_id, AiProvider.OPENAI)
        return found if found is not None and found.own else None

    async def _report(self, question: Question, key: Resolved | None) -> None:
        if self._keys is not None and question.organization_id is not None and key is not None:
            await self._keys.refused(question.organization_id, AiProvider.OPENAI, key)


def _request(question: Question, conceded: frozenset[str]) -> dict[str, Any]:
    one_message = ONE_MESSAGE in conceded
    request: dict[str, Any] = {
        "messages": prompt.single_message(question) if one_message else prompt.messages(question),
        "max_tokens" if OLDER_LIMIT in conceded else "max_completion_tokens": question.max_tokens,
    }
    if TEXT not in conceded:
        request["response_format"] = {"type": "json_object"}
    if NO_TEMPERATURE not in conceded:
        request["temperature"] = question.temperature
    return request
