"""Calls under an Idempotency-Key whose process is killed at any moment: repeated, each was carried out once, and is answered alike."""

import asyncio
import random
from datetime import timedelta

import httpx
import pytest

from tests.faults.support.deployment import Deployment

pytestmark = pytest.mark.asyncio(loop_scope="session")

KILLS, AT_ONCE = 5, 30
LEASES_END = "UPDATE idempotency_key SET leased_until = leased_until - $1::interval"
DONE = "SELECT count(*) FROM audit_log WHERE request_id = $1"


class Caller:
    """One change of a project, sent until it is answered."""

    def __init__(self, world: Deployment, number: int) -> None:
        tenant = world.tenants[0]
        self.world, self.name = world, f"lost-{number}"
        self._path = f"/api/v1/projects/{tenant.project_id}/features/{self.name}"
        self._headers = {"X-API-Key": tenant.api_key, "Idempotency-Key": self.name, "X-Request-Id": self.name}

    async def send(self) -> httpx.Response | None:
        """None when the line went dead."""
        url = self.world.webs[0].said["url"] + self._path
        try:
            return await self.world.client.put(url, json={"enabled": True}, headers=self._headers, timeout=60)
        except httpx.TransportError:
            return None

    async def effects(self) -> int:
        found: int = await self.world.value(DONE, self.name)
        return found


async def test_g30_whenever_the_process_dies_a_call_is_carried_out_once(running: Deployment) -> None:
    chance = random.Random(30)
    (web,) = running.webs
    for kill in range(KILLS):
        callers = [Caller(running, kill * AT_ONCE + number) for number in range(AT_ONCE)]
        calls = [asyncio.create_task(caller.send()) for caller in callers]
        await asyncio.sleep(chance.uniform(0.02, 0.2))
        await web.kill()
        first = await asyncio.gather(*calls)
        await running.settled(web)
        for caller, answer in zip(callers, first, strict=True):
            assert answer is None or answer.status_code == 200, answer.text
            assert await caller.effects() in ({1} if answer else {0, 1})
        await web.start()
        await running.rows(LEASES_END, timedelta(minutes=2))
        again = await asyncio.gather(*(caller.send() for caller in callers))
        replays = await asyncio.gather(*(caller.send() for caller in callers))
        for caller, before, now, replay in zip(callers, first, again, replays, strict=True):
            assert now is not None, f"no answer\n{running.tails()}"
            assert replay is not None, f"no answer\n{running.tails()}"
            assert (now.status_code, replay.status_code) == (200, 200), (now.text, replay.text)
            assert replay.headers["idempotent-replayed"] == "true"
            assert replay.content == now.content == (before or now).content
            assert await caller.effects() == 1
