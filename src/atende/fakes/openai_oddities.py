"""Oddities of endpoints that call themselves compatible with OpenAI: what they refuse, and in which forms they respond."""

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from atende.fakes.loopback_server import Reply

LARGEST_BATCH = 8
Body = dict[str, Any]


class Refusal(msgspec.Struct, frozen=True):
    status: int
    told: str


def _has(name: str, told: str, status: int = 400) -> Callable[[Body], Refusal | None]:
    return lambda body: Refusal(status, told) if name in body else None


def _base64(body: Body) -> Refusal | None:
    wanted = body.get("encoding_format") == "base64"
    return Refusal(400, "encoding_format: only float is supported") if wanted else None


def _large_batch(body: Body) -> Refusal | None:
    given = body.get("input")
    if isinstance(given, str) or not given or len(given) <= LARGEST_BATCH:
        return None
    return Refusal(422, f"batch size {len(given)} > maximum allowed batch size {LARGEST_BATCH}")


def _roles(body: Body) -> Refusal | None:
    roles = [message["role"] for message in body.get("messages", ())]
    return Refusal(400, "System role not supported") if "system" in roles else None


REFUSALS: dict[str, Callable[[Body], Refusal | None]] = {
    "refuses_response_format": _has("response_format", "response_format must be 'json_schema' or 'text'"),
    "refuses_max_completion_tokens": _has("max_completion_tokens", "extra field max_completion_tokens", 422),
    "refuses_temperature": _has("temperature", "Unsupported value: 'temperature' does not support this value"),
    "refuses_system_role": _roles,
    "refuses_base64": _base64,
    "refuses_dimensions": _has("dimensions", "Model does not support matryoshka representation"),
    "refuses_large_batches": _large_batch,
}
"""By name. With the oddity `mute` as well, refusals do not say what is refused."""


def _sole(response: Body) -> Body:
    message: Body = response["choices"][0]["message"]
    return message


def _usage(value: Any) -> Callable[[Body], None]:
    return lambda response: response.update(usage=value)


def _no_usage(response: Body) -> None:
    response.pop("usage", None)


def _content(change: Callable[[str], Any]) -> Callable[[Body], None]:
    def apply(response: Body) -> None:
        if "choices" in response:
            _sole(response)["content"] = change(_sole(response)["content"])

    return apply


def _choices(value: Any) -> Callable[[Body], None]:
    return lambda response: response.update(choices=value) if "choices" in response else None


def _refused(response: Body) -> None:
    if "choices" in response:
        _sole(response).update(content=None, refusal="I'm sorry, I can't help with that.")


def _truncated(response: Body) -> None:
    if "choices" in response:
        content = _sole(response)["content"]
        _sole(response)["content"] = content[: len(content) // 2]
        response["choices"][0]["finish_reason"] = "length"


def _flawed(content: str) -> str:
    """Numbers as text, a quote without its passage, a sentence that is none, and a wrong type of `resolved`."""
    reply = json.loads(content)
    for sentence in reply["sentences"]:
        for quote in sentence["quotes"]:
            quote["passage"] = str(quote["passage"])
            sentence["quotes"] = [quote, {"text": quote["text"]}]
            break
    reply["sentences"].append({"text": None, "quotes": "none"})
    return json.dumps(reply | {"resolved": "yes"}, ensure_ascii=False)


def _error(response: Body) -> None:
    response.clear()
    response["error"] = {"message": "Provider returned error", "code": 502}


def _vectors(change: Callable[[list[Body]], Sequence[Any]]) -> Callable[[Body], None]:
    return lambda response: response.update(data=change(response["data"])) if "data" in response else None


def _each(change: Callable[[Any], Any]) -> Callable[[Body], None]:
    return _vectors(lambda data: [one | {"embedding": change(one["embedding"])} for one in data])


THINKING = 'The customer asks for {"sentences": []}? No: {passage 1} says it.'

RESPONSES: dict[str, Callable[[Body], None]] = {
    "no_usage": _no_usage,
    "null_usage": _usage(None),
    "zero_usage": _usage({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}),
    "odd_usage": _usage({"prompt_tokens": "many", "completion_tokens": -1, "total_tokens": None}),
    "huge_usage": _usage({"prompt_tokens": 9_000_000, "completion_tokens": 9_000_000}),
    "content_parts": _content(lambda content: [{"type": "text", "text": part} for part in (content[:9], content[9:])]),
    "content_null": _content(lambda _: None),
    "no_choices": _choices([]),
    "null_choices": _choices(None),
    "refusal": _refused,
    "thinks": _content(lambda content: f"<think>{THINKING}</think>\n{content}"),
    "thinks_unopened": _content(lambda content: f"{THINKING}\n</think>\n{content}"),
    "thinks_for_ever": _content(lambda _: f"<think>{THINKING}"),
    "two_objects": _content(lambda content: f'{{"sentences": [], "plan": "none yet"}}\n{content}'),
    "words_round_fences": _content(lambda content: f"Here {{as you asked}}:\n```json\n{content}\n```\nDone {{}}."),
    "truncated": _truncated,
    "flawed_fields": _content(_flawed),
    "plain_text": _content(lambda _: "The warranty covers two years."),
    "error_in_200": _error,
    "vectors_nested": _each(lambda vector: [vector]),
    "vectors_null": _each(lambda _: None),
    "vectors_nan": _each(lambda vector: [math.nan, *vector[1:]]),
    "vectors_zero": _each(lambda vector: [0.0] * len(vector)),
    "vectors_short": _each(lambda vector: vector[:-1]),
    "vectors_text": _each(lambda vector: [str(value) for value in vector]),
    "vectors_missing": _vectors(lambda data: data[1:]),
    "vectors_too_many": _vectors(lambda data: [*data, data[0]]),
    "vectors_shuffled": _vectors(lambda data: data[::-1]),
    "vectors_without_index": _vectors(
        lambda data: [{key: value for key, value in one.items() if key != "index"} for one in data]
    ),
    "vectors_of_one_index": _vectors(lambda data: [one | {"index": 0} for one in data]),
    "data_null": lambda response: response.update(data=None) if "data" in response else None,
}
"""By name. Each changes the decoded response; those that do not fit it leave it as it is."""


def refusal(names: Sequence[str], body: Body) -> Refusal | None:
    found = next((told for name in names if name in REFUSALS and (told := REFUSALS[name](body))), None)
    if found is not None and "mute" in names:
        return Refusal(400, "Bad request")
    return found


def changed(names: Sequence[str], reply: Reply) -> Reply:
    """JSON with NaN where an oddity put it, as Python's own encoder writes it."""
    changes = [RESPONSES[name] for name in names if name in RESPONSES]
    if not changes or reply.status != 200 or reply.chunks:
        return reply
    response = json.loads(reply.body)
    for change in changes:
        change(response)
    return msgspec.structs.replace(reply, body=json.dumps(response, ensure_ascii=False).encode())
