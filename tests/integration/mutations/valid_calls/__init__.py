"""How each mutating operation is called so that it succeeds. A new operation belongs here; the tests fail until it is."""

from tests.integration.mutations.valid_calls import accounts, content, operators_and_keys, organizations
from tests.integration.mutations.valid_calls.registry import VALID_CALLS

GROUPS = (content, operators_and_keys, accounts, organizations)
"""Importing them fills VALID_CALLS."""

__all__ = ["GROUPS", "VALID_CALLS"]
