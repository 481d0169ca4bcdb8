"""The answerer that needs no model."""

from atende.outbound.extractive.answerer import ExtractiveAnswerer

__all__ = ["ExtractiveAnswerer"]
