"""The job of a turn: which messages queue one, and the keys that keep turns of a conversation apart."""

SILENT_KINDS = frozenset({"reaction"})
"""Kinds of messages that ask for no answer."""
ORDER_KEY = "conv:"
"""Before the conversation's id: turns of one conversation run one after the other."""
DEDUPE_KEY = "turn:"
"""Before the conversation's id: at most one turn of a conversation waits."""
