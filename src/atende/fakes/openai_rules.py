"""Answers and embeddings of the fake of OpenAI. They are deterministic."""

import json
import math
import re
import unicodedata
from typing import Any
from zlib import crc32

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+|$)")
_WORD = re.compile(r"\w+")
_SHORT = 3
_ENOUGH = 0.34


def quote_passages(body: dict[str, Any]) -> str:
    """JSON in the expected form, with the sentence of the passages that shares most words with the question.

    The passages are read from the last line of the last message, as JSON; without them, the answer is a plain sentence.
    """
    try:
        asked = json.loads(body["messages"][-1]["content"].rpartition("\n")[2])
        passages, question = asked["passages"], asked["question"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "This is the fake of OpenAI; it answers from passages only."
    wanted = _words(question)
    best, found = 0.0, None
    for passage in passages:
        for sentence in _SENTENCE.findall(passage["text"]):
            shared = len(wanted & _words(sentence)) / max(1, len(wanted))
            if shared > best:
                best, found = shared, (passage["n"], sentence.strip())
    sentences = []
    if found is not None and best >= _ENOUGH:
        sentences.append({"text": found[1], "quotes": [{"passage": found[0], "text": found[1]}]})
    return json.dumps({"sentences": sentences, "resolved": 0.0}, ensure_ascii=False)


def embed(text: str, dimension: int) -> list[float]:
    """A unit vector from words and their beginnings, so that related texts are similar."""
    vector = [0.0] * dimension
    for word in _WORD.findall(_folded(text)) or [text]:
        for part, weight in ((word, 1.0), (word[:5], 0.5), (word[:3], 0.25)):
            spot = crc32(part.encode("utf-8", "surrogatepass"))
            vector[spot % dimension] += weight if spot & 0x80000000 else -weight
    length = math.sqrt(sum(value * value for value in vector))
    if not length:
        vector[0] = length = 1.0
    return [value / length for value in vector]


def _words(text: str) -> set[str]:
    """The longer words, without accents and endings."""
    return {word[:5] for word in _WORD.findall(_folded(text)) if len(word) > _SHORT}


def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
