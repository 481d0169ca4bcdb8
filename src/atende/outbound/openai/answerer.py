"""Answers of a chat model."""

import re
from typing import Any, Literal

import structlog

from atende.core.identity.keys.provider_keys import AiProvider
from atende.core.identity.keys.resolve_provider_key import Resolved, ResolveProviderKey
from atende.core.knowledge.model import Draft, Question
from atende.core.knowledge.ports import Answerer, OnSentence
from atende.core.language.text import estimate_tokens
from atende.outbound.openai import prompt, reply
from atende.outbound.openai.capabilities import Capabilities, Concession
from atende.outbound.openai.client import API, Endpoint, KeyNotKnown, Refused

log = structlog.get_logger(__name__)

TEXT, OLDER_LIMIT, NO_TEMPERATURE, ONE_MESSAGE = "text", "older limit", "no temperature", "one message"
NO_STREAMED_USAGE = "no streamed usage"
_CONCESSIONS = (
    Concession(TEXT, ("response_format", "json_object", "json mode")),
    Concession(OLDER_LIMIT, ("max_completion_tokens",)),
    Concession(NO_TEMPERATURE, ("temperature",)),
    Concession(ONE_MESSAGE, ("system role", "role", "system message")),
)
_USAGE = Concession(NO_STREAMED_USAGE, ("stream_options", "include_usage"))
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
        self._streamed: dict[str, frozenset[str]] = {}
        self._unstreamed: set[str] = set()

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
                oldest = next(iter(self._known))
                del self._known[oldest]
                self._streamed.pop(oldest, None)
                self._unstreamed.discard(oldest)
            learned = {OLDER_LIMIT} if self._older_limit else set()
            learned |= {NO_TEMPERATURE} if _REASONING.match(model) else set()
            self._known[model] = Capabilities(_CONCESSIONS, frozenset(learned))
        return self._known[model]

    async def answer(self, question: Question, *, on_sentence: OnSentence | None = None) -> Draft:
        """Without sentences only if the model says that the passages do not answer the question. With `on_sentence`, the answer is
        streamed if the endpoint does that.

        Raises Unusable if the model refuses, is cut off, or twice returns something else than was requested.
        """
        reader = None if on_sentence is None else reply.SentenceReader(question, on_sentence)
        tries = 0
        while True:
            tries += 1
            try:
                return await self._ask(question, reader)
            except reply.NoObject as error:
                log.warning("model.unusable_answer", model=self.model(question.model), error=error.detail)
                if tries >= _TRIES or (reader is not None and reader.told):
                    raise

    async def _ask(self, question: Question, reader: reply.SentenceReader | None) -> Draft:
        model, key = self.model(question.model), await self._key(question)
        capabilities = self.capabilities(model)
        try:
            streamed = reader is not None and model not in self._unstreamed
            response = await self._stream(question, reader, key) if reader is not None and streamed else None
            if response is None:
                response = await capabilities.negotiate(lambda conceded: self._whole(model, question, conceded, key))
                if streamed:
                    log.info("model.does_not_stream", model=model)
                    self._unstreamed.add(model)
        except KeyNotKnown:
            await self._report(question, key)
            raise
        text = reply.said(response)
        used = reply.usage(
            response,
            tokens_in=sum(estimate_tokens(one["content"]) for one in prompt.messages(question)),
            tokens_out=estimate_tokens(text.text[: reply.LONGEST]),
        )
        capabilities.counts_usage = not used.estimated
        return reply.draft(text, question, used)

    async def _whole(
        self, model: str, question: Question, conceded: frozenset[str], key: Resolved | None
    ) -> dict[str, Any]:
        body = await self._endpoint.call(
            lambda client: client.chat.completions.with_raw_response.create(
                model=model, **_request(question, conceded)
            ),
            key=_secret(key),
        )
        return reply.decoded(body)

    async def _stream(
        self, question: Question, reader: reply.SentenceReader, key: Resolved | None
    ) -> dict[str, Any] | None:
        """None if the endpoint refuses this request."""
        model = self.model(question.model)
        known = self.capabilities(model)
        capabilities = Capabilities((*_CONCESSIONS, _USAGE), known.learned | self._streamed.get(model, frozenset()))

        async def send(conceded: frozenset[str]) -> dict[str, Any]:
            request = _request(question, conceded)
            request |= {} if NO_STREAMED_USAGE in conceded else {"stream_options": {"include_usage": True}}
            return await self._endpoint.read(
                lambda client: client.chat.completions.with_streaming_response.create(
                    model=model, stream=True, **request
                ),
                reader.take,
                key=_secret(key),
            )

        try:
            response = await capabilities.negotiate(send, blindly=False)
        except Refused:
            return None
        self._streamed[model] = capabilities.learned
        return response

    async def _key(self, question: Question) -> Resolved | None:
        if self._keys is None or question.organization_id is None:
            return None
        found = await self._keys(question.organization_id, AiProvider.OPENAI)
        return found if found is not None and found.own else None

    async def _report(self, question: Question, key: Resolved | None) -> None:
        if self._keys is not None and question.organization_id is not None and key is not None:
            await self._keys.refused(question.organization_id, AiProvider.OPENAI, key)


def _secret(key: Resolved | None) -> str | None:
    return None if key is None else key.secret.text


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
