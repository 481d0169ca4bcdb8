"""Guarantee 66: what is taken away opens nothing once the few seconds are over for which it is remembered."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from atende.core.identity.api_key import ApiKey
from atende.core.identity.permissions import Role
from atende.core.identity.ports import ApiKeys, Memberships, Users
from atende.core.kernel import TenantScope, Transaction, personal
from atende.inbound.http.security.credentials import CredentialCache
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.browser import PASSWORD, Browser
from tests.world.people import PeopleWorld, make_people_world

SECONDS = 4.0


@dataclass
class Stopwatch:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class SignedIn:
    world: PeopleWorld
    watch: Stopwatch
    victim: Browser
    user_id: UUID
    organization_id: UUID
    key: str

    async def statuses(self) -> tuple[int, int, int]:
        """Of a call about oneself, of one that needs a role, and of one with a key."""
        mine = (await self.victim.get("/users/me")).status_code
        documents = (await self.victim.get("/documents")).status_code
        return mine, documents, (await self.world.call("GET", "/documents", key=self.key)).status_code


@pytest_asyncio.fixture
async def signed_in(database: Urls, tmp_path: Path) -> AsyncIterator[SignedIn]:
    async with make_people_world(database, tmp_path) as world:
        yield await _set(world)


async def _set(world: PeopleWorld) -> SignedIn:
    victim, watch = Browser(world), Stopwatch()
    made = await victim.register("ana@example.com")
    key = (await victim.post("/auth/api-keys", {})).json()["apiKey"]
    world.app.state.credential_cache = CredentialCache(world.container, seconds=SECONDS, clock=watch)
    found = SignedIn(world, watch, victim, UUID(made["user"]["id"]), UUID(made["organization"]["id"]), key)
    assert await found.statuses() == (200, 200, 200)
    return found


async def _suspend(signed_in: SignedIn) -> None:
    scope = personal(signed_in.user_id)
    async with signed_in.world.container() as unit:
        users, transaction = await unit.get(Users), await unit.get(Transaction)
        async with transaction(scope):
            user = await users.get(scope, signed_in.user_id)
            user.suspend(signed_in.world.clock.now())
            await users.save(user)


async def _change_role(signed_in: SignedIn, role: Role | None) -> None:
    scope = TenantScope(signed_in.organization_id, user_id=signed_in.user_id)
    async with signed_in.world.container() as unit:
        memberships, transaction = await unit.get(Memberships), await unit.get(Transaction)
        async with transaction(scope):
            if role is None:
                await memberships.remove(scope, signed_in.user_id)
                return
            membership = await memberships.get(scope, signed_in.user_id)
            membership.role = role
            await memberships.save(membership)


async def _another_browser(signed_in: SignedIn, method: str, path: str, body: dict[str, str] | None = None) -> None:
    other = Browser(signed_in.world)
    await other.sign_in("ana@example.com")
    answer = await other.call(method, path, body)
    assert answer.status_code in {200, 204}, answer.text


async def _change_password(signed_in: SignedIn) -> None:
    body = {"currentPassword": PASSWORD, "newPassword": "another horse battery"}
    await _another_browser(signed_in, "POST", "/auth/change-password", body)


async def _sign_out(signed_in: SignedIn) -> None:
    assert (await signed_in.victim.post("/auth/logout")).status_code == 200


async def _sign_out_everywhere(signed_in: SignedIn) -> None:
    await _another_browser(signed_in, "POST", "/auth/logout-all")


async def _delete_account(signed_in: SignedIn) -> None:
    await _another_browser(signed_in, "DELETE", "/users/me", {"password": PASSWORD})


async def _leave(signed_in: SignedIn) -> None:
    await _change_role(signed_in, None)


async def _revoke_key(signed_in: SignedIn) -> None:
    [key] = (await signed_in.victim.get("/auth/api-keys")).json()["data"]
    assert (await signed_in.victim.call("DELETE", f"/auth/api-keys/{key['id']}")).status_code == 204


CHANGES: dict[str, tuple[Callable[[SignedIn], Awaitable[None]], tuple[int, int, int]]] = {
    "suspended": (_suspend, (401, 401, 200)),
    "password changed": (_change_password, (401, 401, 200)),
    "signed out": (_sign_out, (401, 401, 200)),
    "signed out everywhere": (_sign_out_everywhere, (401, 401, 200)),
    "account deleted": (_delete_account, (401, 401, 401)),
    "no member any more": (_leave, (200, 403, 200)),
    "key revoked": (_revoke_key, (200, 200, 401)),
}


@pytest.mark.guarantee(66)
@pytest.mark.parametrize("name", CHANGES)
async def test_g66_what_is_taken_away_is_gone_within_five_seconds(signed_in: SignedIn, name: str) -> None:
    change, after = CHANGES[name]
    signed_in.watch.seconds = 1.0
    await change(signed_in)
    signed_in.watch.seconds = SECONDS - 0.01
    assert await signed_in.statuses() == (200, 200, 200)  # still remembered: that is what the seconds are for
    signed_in.watch.seconds = SECONDS + 0.01
    assert await signed_in.statuses() == after
    signed_in.watch.seconds = 100.0
    assert await signed_in.statuses() == after


@pytest.mark.guarantee(66)
async def test_g66_a_lower_role_can_do_less_at_once_after(signed_in: SignedIn) -> None:
    assert (await signed_in.victim.get("/auth/api-keys")).status_code == 200
    await _change_role(signed_in, Role.VIEWER)
    signed_in.watch.seconds = SECONDS + 0.01
    assert (await signed_in.victim.get("/auth/api-keys")).status_code == 403
    assert (await signed_in.victim.get("/documents")).status_code == 200
    assert (await signed_in.victim.post("/auth/api-keys", {})).status_code == 403


async def _demote(signed_in: SignedIn) -> None:
    await _change_role(signed_in, Role.MANAGER)


@pytest.mark.guarantee(66)
@pytest.mark.parametrize("change", [_leave, _demote, _delete_account])
async def test_g66_nobody_takes_a_key_along_in_the_seconds_that_are_left(
    signed_in: SignedIn, change: Callable[[SignedIn], Awaitable[None]]
) -> None:
    [key] = (await signed_in.victim.get("/auth/api-keys")).json()["data"]
    place = f"/auth/api-keys/{key['id']}"
    await change(signed_in)
    answers = [
        await signed_in.victim.post("/auth/api-keys", {}),
        await signed_in.victim.post(f"{place}/rotate"),
        await signed_in.victim.call("PUT", place, {"scopes": ["*"], "expiresAt": None}),
    ]
    assert [one.status_code for one in answers] == [403] * 3, [one.text for one in answers]
    assert len(await _keys(signed_in)) == 1


@pytest.mark.guarantee(66)
async def test_g66_a_suspension_is_not_undone_by_deleting_the_account(signed_in: SignedIn) -> None:
    await _suspend(signed_in)
    answer = await signed_in.victim.call("DELETE", "/users/me", {"password": PASSWORD})
    assert answer.status_code == 401, answer.text
    back = await signed_in.victim.post("/auth/restore", {"email": "ana@example.com", "password": PASSWORD})
    assert back.status_code == 401


async def _keys(signed_in: SignedIn) -> list[ApiKey]:
    """All keys of the organization, as it sees them itself."""
    scope = TenantScope(signed_in.organization_id)
    async with signed_in.world.container() as unit:
        keys, transaction = await unit.get(ApiKeys), await unit.get(Transaction)
        async with transaction(scope):
            found: list[ApiKey] = (await keys.page(scope, page=1, limit=100)).data
    return found
