"""A fake of OpenAI's chat completions and embeddings. Its answers quote the given passages."""

import base64
import struct
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import msgspec

from atende.fakes.faults import Fault
from atende.fakes.loopback_server import Reply, Request, json_reply
from atende.fakes.openai_oddities import changed, refusal
from atende.fakes.openai_rules import embed, quote_passages
from atende.fakes.provider import Clock, FakeProvider

MAX_INPUTS = 2_048
LETTERS_PER_TOKEN = 4

_TYPES = {
    400: "invalid_request_error",
    401: "invalid_request_error",
    403: "invalid_request_error",
    404: "invalid_request_error",
    429: "requests",
}
_CODES = {401: "invalid_api_key", 403: "unsupported_country_region_territory", 404: "model_not_found"}
_MODELS = ("gpt-4o", "text-embedding-3-large")
_DIMENSIONS = {"text-embedding-3-large": 3072}


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """The output of the model: `content`, or a `refusal`."""

    content: str | None = None
    refusal: str | None = None
    finish_reason: str = "stop"


Said = str | Completion | Callable[[dict[str, Any]], str]


class FakeOpenAI(FakeProvider):
    """Returns scripted outputs if there are any, otherwise the text that `answerer` makes of the request (by default, quotes).

    Faults of the mode `odd` (see openai_oddities) make it behave like other endpoints with the same API.

    It accepts `api_key` and the `keys` of customers; without `api_key`, every key that does not contain the word `invalid`.
    """

    name: ClassVar[str] = "openai"

    def __init__(
        self,
        *,
        api_key: str | None = None,
        answerer: Callable[[dict[str, Any]], str] = quote_passages,
        seed: int = 0,
        faults: Iterable[Fault] = (),
        log_file: Path | None = None,
        clock: Clock = time.time,
    ) -> None:
        super().__init__(seed=seed, faults=faults, log_file=log_file, clock=clock)
        self.api_key = api_key
        self.keys: set[str] = set()
        self.answerer = answerer
        self.default_dimension = 1536
        self._script: deque[Said] = deque()
        self._replies: deque[Reply] = deque()

    def script(self, *said: Said) -> None:
        """The next outputs of the model, in order."""
        self._script.extend(said)

    def script_replies(self, *replies: Reply) -> None:
        """The next HTTP responses, whatever the request is."""
        self._replies.extend(replies)

    async def handle(self, request: Request) -> Reply:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self._knows(key):
            return self.refusal(401, None)
        path = request.path.removeprefix("/v1")
        if request.method == "GET" and path == "/models":
            return json_reply({"object": "list", "data": [{"id": one, "object": "model"} for one in _MODELS]})
        if request.method != "POST" or path not in {"/chat/completions", "/embeddings"}:
            return self.refusal(404, "unknown_url")
        try:
            body = msgspec.json.decode(request.body, type=dict[str, Any])
        except msgspec.DecodeError:
            return self.refusal(400, "invalid_json")
        if self._replies:
            return self._replies.popleft()
        odd = [str(fault.code) for fault in self.faults.strike("form", request.path)]
        if refused := refusal(odd, body):
            return self._error(refused.status, refused.told, None)
        if {"vectors", "data"} & {name.split("_")[0] for name in odd}:
            body |= {"encoding_format": "float"}
        return changed(odd, self._chat(body) if path == "/chat/completions" else self._embeddings(body))

    def refusal(self, status: int, code: int | str | None) -> Reply:
        return self._error(status, f"The fake of OpenAI refuses this request ({status}).", code)

    def _error(self, status: int, told: str, code: int | str | None) -> Reply:
        error = {
            "message": told,
            "type": _TYPES.get(status, "server_error"),
            "param": None,
            "code": code or _CODES.get(status),
        }
        return json_reply({"error": error}, status, {"x-request-id": f"req_{uuid4().hex}"})

    def _knows(self, key: str) -> bool:
        if self.api_key is None:
            return bool(key) and "invalid" not in key
        return key in {self.api_key, *self.keys}

    def _chat(self, body: dict[str, Any]) -> Reply:
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            return self.refusal(400, "missing_required_parameter")
        scripted = self._script.popleft() if self._script else self.answerer
        said = scripted if isinstance(scripted, str | Completion) else scripted(body)
        completion = Completion(content=said) if isinstance(said, str) else said
        asked = sum(_tokens(str(message.get("content", ""))) for message in messages)
        return _stream(body, completion, asked) if body.get("stream") else _whole(body, completion, asked)

    def _embeddings(self, body: dict[str, Any]) -> Reply:
        given = body.get("input")
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, list) or not 0 < len(texts) <= MAX_INPUTS:
            return self.refusal(400, "invalid_input")
        if not all(isinstance(text, str) and text for text in texts):
            return self.refusal(400, "invalid_input")
        model = body.get("model", "")
        dimension = body.get("dimensions") or _DIMENSIONS.get(model, self.default_dimension)
        vectors = [embed(text, dimension) for text in texts]
        shown: list[Any] = vectors
        if body.get("encoding_format") == "base64":
            shown = [base64.b64encode(struct.pack(f"<{dimension}f", *vector)).decode() for vector in vectors]
        tokens = sum(map(_tokens, texts))
        return json_reply(
            {
                "object": "list",
                "model": model,
                "data": [{"object": "embedding", "index": n, "embedding": one} for n, one in enumerate(shown)],
                "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            }
        )


def _whole(body: dict[str, Any], said: Completion, asked: int) -> Reply:
    message = {"role": "assistant", "content": said.content, "refusal": said.refusal}
    choice = {"index": 0, "message": message, "finish_reason": said.finish_reason, "logprobs": None}
    return json_reply(_object(body, "chat.completion") | {"choices": [choice], "usage": _usage(said, asked)})


def _stream(body: dict[str, Any], said: Completion, asked: int) -> Reply:
    """A stream, word by word; the last chunk has the token usage if it was requested."""
    base = _object(body, "chat.completion.chunk")
    words = (said.content or "").split(" ")
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"refusal": said.refusal}] if said.refusal else []
    deltas += [{"content": word if n == 0 else f" {word}"} for n, word in enumerate(words)]
    chunks = [base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append(base | {"choices": [{"index": 0, "delta": {}, "finish_reason": said.finish_reason}]})
    if (body.get("stream_options") or {}).get("include_usage"):
        chunks.append(base | {"choices": [], "usage": _usage(said, asked)})
    lines = [b"data: " + msgspec.json.encode(chunk) + b"\n\n" for chunk in chunks]
    return Reply(content_type="text/event-stream", chunks=(*lines, b"data: [DONE]\n\n"))


def _object(body: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": body.get("model", ""),
    }


def _usage(said: Completion, asked: int) -> dict[str, int]:
    told = _tokens(said.content or said.refusal or "")
    return {"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told}


def _tokens(text: str) -> int:
    return max(1, -(-len(text) // LETTERS_PER_TOKEN))
