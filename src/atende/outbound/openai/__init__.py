"""Answers and embeddings of OpenAI and of endpoints that are compatible with it."""

from atende.outbound.openai.answerer import OpenAIAnswerer
from atende.outbound.openai.embedding import OpenAIEmbedding

__all__ = ["OpenAIAnswerer", "OpenAIEmbedding"]
