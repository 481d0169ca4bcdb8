"""Changing the key that secrets are encrypted with, while everything goes on."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from atende.core.kernel import Invalid

BATCH = 200


@dataclass(frozen=True, slots=True)
class SealedAt:
    """Where a sealed secret lies. `place` is what it is bound to, and its name over the whole installation."""

    place: str
    organization_id: UUID
    tenant_id: str


class SealedSecrets(Protocol):
    """Every sealed secret of the installation, whatever it is for. Each call is a transaction of its own."""

    async def stale(self, *, after: str, limit: int) -> list[SealedAt]:
        """Those that an older key than the newest sealed, in order of their places, behind `after`."""

    async def reseal(self, at: SealedAt) -> bool:
        """Opened and sealed again with the newest key; False when it is gone or was sealed anew meanwhile.

        Raises Invalid for one that cannot be opened.
        """


@dataclass(frozen=True, slots=True)
class Rotated:
    """`unreadable` are the places of secrets that no key at hand opens: they were left as they are."""

    resealed: int
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateSecrets:
    """Seals with the newest key what older ones sealed, one secret at a time. Both are read meanwhile; it may be ended and
    begun again at any time.
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
