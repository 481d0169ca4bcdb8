"""Encrypting all secrets again after a change of the encryption key, while the installation runs."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from atende.core.kernel import Invalid

BATCH = 200


@dataclass(frozen=True, slots=True)
class SealedAt:
    """Location of an encrypted secret. `place` is what it is bound to, and is unique in the installation."""

    place: str
    organization_id: UUID
    tenant_id: str


class SealedSecrets(Protocol):
    """All encrypted secrets of the installation. Each call is a transaction of its own."""

    async def stale(self, *, after: str, limit: int) -> list[SealedAt]:
        """Secrets that are not encrypted with the newest key, sorted by place, after the place `after`."""

    async def reseal(self, at: SealedAt) -> bool:
        """Decrypts a secret and encrypts it with the newest key. False if it was removed or encrypted again meanwhile.

        Raises Invalid if it cannot be decrypted.
        """


@dataclass(frozen=True, slots=True)
class Rotated:
    """`unreadable`: places of secrets that no configured key decrypts; they were not changed."""

    resealed: int
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateSecrets:
    """Encrypts with the newest key all secrets that older keys encrypted, one at a time. Secrets of both keys can be read
    meanwhile; it can be stopped and started again at any time.
    """

    sealed: SealedSecrets

    async def __call__(self) -> Rotated:
        done, unreadable, after = 0, list[str](), ""
        while batch := await self.sealed.stale(after=after, limit=BATCH):
            for at in batch:
                try:
                    done += await self.sealed.reseal(at)
                except Invalid:
                    unreadable.append(at.place)
            after = batch[-1].place
        return Rotated(done, tuple(unreadable))
