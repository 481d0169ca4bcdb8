"""Verified credentials, kept for a few seconds so that most calls need no database."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from dishka import AsyncContainer

from atende.core.audit.model import Actor, ActorKind
from atende.core.identity.api_key import Brand, looks_like_api_key
from atende.core.identity.keys.issue_api_key import Authenticate
from atende.core.identity.model import MembershipStatus
from atende.core.identity.ports import AccessTokens, ApiKeys, People
from atende.core.identity.principal import Access, Claims, Principal
from atende.core.kernel import PLATFORM, Clock, Unauthenticated, Unavailable
from atende.core.ttl_cache import TtlCache

log = structlog.get_logger(__name__)
_MAX_LAST_USES = 50_000


@dataclass(slots=True)
class CredentialCache:
    """Turns credentials into a principal. Changes and revocations take effect within `seconds`, in each process."""

    container: AsyncContainer
    seconds: float = 4.0
    clock: Callable[[], float] = time.monotonic
    _keys: TtlCache[bytes, Principal] = field(init=False)
    _people: TtlCache[tuple[UUID, UUID, UUID], Access | None] = field(init=False)
    _used: dict[UUID, datetime] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._keys = TtlCache(self.seconds, self.clock)
        self._people = TtlCache(self.seconds, self.clock)

    async def of_key(self, text: str, container: AsyncContainer) -> Principal:
        """`container`: that of the request, used for unknown keys. Raises Unauthenticated."""

        async def load() -> Principal:
            authenticate: Authenticate = await container.get(Authenticate)
            return await authenticate(text)

        principal = await self._keys.get(hashlib.sha256(text.encode(errors="replace")).digest(), load)
        if principal.actor.id is not None and len(self._used) < _MAX_LAST_USES:
            self._used[principal.actor.id] = (await self.container.get(Clock)).now()
        return principal

    async def is_like_a_key(self, text: str) -> bool:
        """Whether a Bearer token looks like an API key, well-formed or not."""
        return looks_like_api_key(text, brand=await self.container.get(Brand))

    async def is_signed(self, token: str) -> bool:
        """Whether it is an access token signed by us and not expired. It may have been revoked."""
        try:
            await self._claims(token)
        except Unauthenticated:
            return False
        return True

    async def _claims(self, token: str) -> Claims:
        tokens: AccessTokens = await self.container.get(AccessTokens)
        return tokens.read(token, (await self.container.get(Clock)).now())

    async def of_token(self, token: str) -> Principal:
        """Raises Unauthenticated, with the same text for every reason."""
        claims = await self._claims(token)
        people: People = await self.container.get(People)
        access = await self._people.get(
            (claims.user_id, claims.session_id, claims.organization_id),
            lambda: people.access(
                user_id=claims.user_id, session_id=claims.session_id, organization_id=claims.organization_id
            ),
        )
        if access is None or not access.admits(claims):
            raise Unauthenticated("this access token is not valid: refresh it, or sign in again")
        return person(claims, access)

    async def store_uses(self) -> None:
        """Stores when API keys were last used."""
        used, self._used = self._used, {}
        if not used:
            return
        async with self.container() as unit:
            keys: ApiKeys = await unit.get(ApiKeys)
            await keys.touch(used)

    @asynccontextmanager
    async def store_uses_regularly(self, every: float = 30.0) -> AsyncIterator[None]:
        """Calls `store_uses` every so many seconds while the block runs, and once at its end."""

        async def keep() -> None:
            while True:
                await asyncio.sleep(every)
                await self._store_uses_if_possible()

        task = asyncio.create_task(keep(), name="key-uses")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._store_uses_if_possible()

    async def _store_uses_if_possible(self) -> None:
        try:
            await self.store_uses()
        except Unavailable as error:  # only for display, and the next use stores a newer time
            log.warning("key_uses.not_stored", error=error.detail)


def person(claims: Claims, access: Access) -> Principal:
    """Users without an active membership in the organization of their token act for no organization."""
    member = access.role is not None and access.membership_status is MembershipStatus.ACTIVE
    return Principal(
        actor=Actor(ActorKind.USER, claims.user_id),
        organization_id=claims.organization_id if member else PLATFORM.organization_id,
        permissions=access.granted(),
        project_id=claims.project_id if member else None,
        user_id=claims.user_id,
        session_id=claims.session_id,
        role=access.role if member else None,
        is_operator=access.is_operator,
        is_verified=access.is_verified,
    )
