"""Reading a chat completion, as OpenAI documents it and as compatible endpoints return it."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from atende.core.kernel import Unavailable, Unusable
from atende.core.knowledge.model import Draft, DraftQuote, DraftSentence, Question, Usage

LONGEST = 200_000
"""Characters of a text that are read at most."""
_MOST_TOKENS = 10_000_000

_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_THOUGHT_ENDS = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT_BEGINS = re.compile(r"<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_DECODER = json.JSONDecoder()
_SENTENCES = re.compile(r'"sentences"\s*:\s*\[')
_NEXT = re.compile(r"[\s,]*(?=\{)")


class NoObject(Unusable):
    """The model did not return the JSON object that was requested. It may do so if it is asked again."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the model wrote. `cut_off`: it reached the limit of tokens."""

    text: str
    cut_off: bool


class Stream:
    """Puts the parts of a streamed completion together. `on_text` is given each part of its text."""

    def __init__(self, on_text: Callable[[str], None]) -> None:
        self._on_text = on_text
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._finished: str | None = None
        self._usage: Any = None
        self._begun = False

    def take(self, line: str) -> None:
        """One line of the events; other fields than `data` mean nothing here. Raises Unavailable for an error among them."""
        name, _, data = line.partition(":")
        if name != "data" or data.strip() in {"", "[DONE]"}:
            return
        part = decoded(data.encode())
        self._usage = part.get("usage") or self._usage
        choices = part.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return
        self._begun = True
        self._finished = choice.get("finish_reason") or self._finished
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            if isinstance(delta.get("refusal"), str):
                self._refusal.append(delta["refusal"])
            if text := _joined(delta.get("content")):
                self._text.append(text)
                self._on_text(text)

    def whole(self) -> dict[str, Any]:
        """As if it had come at once."""
        message = {"content": "".join(self._text), "refusal": "".join(self._refusal)}
        choice = {"message": message, "finish_reason": self._finished}
        return {"choices": [choice] if self._begun else [], "usage": self._usage}


class SentenceReader:
    """Reads sentences out of the requested object while it is written. `on_sentence` is given each as soon as it is whole."""

    def __init__(self, question: Question, on_sentence: Callable[[DraftSentence], None]) -> None:
        self._question, self._on_sentence = question, on_sentence
        self._text = ""
        self.told = 0

    def take(self, text: str) -> None:
        self._text += text
        if "}" not in text or len(self._text) > LONGEST:
            return
        for given in _whole_sentences(_without_thoughts(self._text))[self.told :]:
            self.told += 1
            if (sentence := _sentence(given, self._question)) is not None:
                self._on_sentence(sentence)


def _whole_sentences(text: str) -> list[Any]:
    """The elements of the first list `sentences` that are there already."""
    found: list[Any] = []
    begins = _SENTENCES.search(text)
    at = begins.end() if begins else len(text)
    while (more := _NEXT.match(text, at)) is not None:
        try:
            value, at = _DECODER.raw_decode(text, more.end())
        except (ValueError, RecursionError):
            break
        found.append(value)
    return found


def decoded(body: bytes) -> dict[str, Any]:
    """Raises Unavailable for anything but a JSON object, and for an error that came with the status of a success."""
    try:
        response = json.loads(body)
    except (ValueError, RecursionError):
        response = None
    if not isinstance(response, dict):
        raise Unavailable("the response of the model's endpoint has an unexpected form: check its base URL")
    if error := response.get("error"):
        told = error.get("message") if isinstance(error, dict) else error
        raise Unavailable(f"the model's endpoint reports an error: {_line(str(told))}")
    return response


def said(response: dict[str, Any]) -> Said:
    """Raises Unavailable if this is no chat completion, and Unusable if the model said nothing or refused to."""
    if "choices" not in response:
        raise Unavailable("the response of the model's endpoint is not a chat completion: check its base URL")
    choices = response["choices"]
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        raise Unusable("the model's endpoint returned no choices")
    found = choice.get("message")
    message = found if isinstance(found, dict) else {"content": choice.get("text")}
    text = _joined(message.get("content"))
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal.strip() and not text.strip():
        raise Unusable(f"the model refused to answer: {_line(refusal)}")
    if choice.get("finish_reason") == "content_filter":
        raise Unusable("the model's answer was withheld by a content filter")
    return Said(text, cut_off=choice.get("finish_reason") == "length")


def usage(response: dict[str, Any], *, tokens_in: int, tokens_out: int) -> Usage:
    """As reported; a count that is missing, not a count, or 0 where there was text is replaced by the given estimate."""
    found = response.get("usage")
    reported = found if isinstance(found, dict) else {}
    sent, got = _count(reported.get("prompt_tokens")), _count(reported.get("completion_tokens"))
    estimated = (not sent and tokens_in > 0) or (not got and tokens_out > 0)
    return Usage(sent or tokens_in, got or tokens_out, estimated)


def draft(text: Said, question: Question, used: Usage) -> Draft:
    """From the last whole object of the requested form. Raises NoObject without one, and Unusable if the text was cut off."""
    reply = _last_reply(text.text)
    if reply is None and text.cut_off:
        raise Unusable(f"the model's answer was cut off at {question.max_tokens} tokens: raise the agent's limit")
    if reply is None:
        raise NoObject("the model did not return the JSON object that was requested")
    given = reply["sentences"]
    sentences = [sentence for one in given if (sentence := _sentence(one, question)) is not None]
    if given and not sentences:
        raise NoObject("no sentence of the model's answer has the requested form")
    return Draft(tuple(sentences), used, _resolved(reply.get("resolved")))


def _joined(content: Any) -> str:
    """The text of a content, which some endpoints return as a list of parts. Thoughts and calls of tools are no text."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    return "".join(
        part if isinstance(part, str) else part["text"]
        for part in parts
        if isinstance(part, str)
        or (
            isinstance(part, dict)
            and part.get("type", "text") in {"text", "output_text"}
            and isinstance(part.get("text"), str)
        )
    )


def _last_reply(text: str) -> dict[str, Any] | None:
    found = None
    if len(text) > LONGEST:
        return None
    text = _without_thoughts(text)
    at = text.find("{")
    while at >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        if isinstance(value, dict) and isinstance(value.get("sentences"), list):
            found = value
        at = text.find("{", end)
    return found


def _without_thoughts(text: str) -> str:
    """Without what reasoning models put before their answer. A chat template may have opened it, and the limit may cut it off."""
    text = _THOUGHT.sub("", text)
    ends = list(_THOUGHT_ENDS.finditer(text))
    text = text[ends[-1].end() :] if ends else text
    begins = _THOUGHT_BEGINS.search(text)
    return text[: begins.start()] if begins else text


class _Quote(msgspec.Struct):
    text: str
    passage: int | None = None


class _Sentence(msgspec.Struct):
    text: str
    quotes: list[Any] = []


def _sentence(given: Any, question: Question) -> DraftSentence | None:
    """None if it has not the requested form, or says nothing."""
    try:
        sentence = msgspec.convert(given, _Sentence, strict=False)
        quotes = [msgspec.convert(one, _Quote, strict=False) for one in sentence.quotes]
    except (msgspec.ValidationError, RecursionError):
        return None
    if not sentence.text.strip():
        return None
    numbered = dict(enumerate(question.passages, start=1))
    kept = [
        DraftQuote(passage.chunk_id, quote.text)
        for quote in quotes
        # A quote without a number is searched for in every passage.
        for n, passage in numbered.items()
        if quote.passage in {None, n}
    ]
    return DraftSentence(sentence.text, tuple(kept))


def _resolved(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(max(-1.0, min(1.0, value)))


def _count(value: Any) -> int:
    """A number of tokens, or 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_TOKENS:
        return 0
    return int(value)


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
