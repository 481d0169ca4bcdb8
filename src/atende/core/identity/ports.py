"""What the identity room needs from outside."""

from typing import Protocol

from atende.core.identity.model import ApiKey


class ApiKeys(Protocol):
    async def add(self, key: ApiKey) -> None: ...

    async def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        """A live key, before its tenant is known; on a connection of its own."""
