"""Browsers in front of the API, and the links in their owners' mail."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx

from atende.core.identity.ports import People
from atende.core.identity.signed_tokens import Links, Purpose, state_for
from atende.core.work.ports import JobQueue
from tests.world.people import PeopleWorld

PASSWORD = "correct horse battery"
_numbers = count(1)


@dataclass(slots=True)
class Browser:
    """One program of one person: it keeps its cookies, and its tokens after signing in."""

    world: PeopleWorld
    address: str = "198.51.100.7"
    agent: str = "Browser/1"
    access: str = ""
    refresh: str = ""
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Under /api/v1 unless the path is a whole address."""
        shown = {"User-Agent": self.agent} | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.access:
            shown["Authorization"] = f"Bearer {self.access}"
        transport = httpx.ASGITransport(self.world.app, client=(self.address, 4000))  # type: ignore[arg-type]
        async with httpx.AsyncClient(
            transport=transport, base_url="http://atende.test/api/v1", cookies=self.cookies
        ) as client:
            answer = await client.request(method, path.lstrip("/"), json=body, headers=shown)
            self.cookies = client.cookies
        return answer

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.call("GET", path, **headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.call("POST", path, body, **headers)

    async def register(self, email: str = "", **more: Any) -> dict[str, Any]:
        """Somebody new, signed in."""
        email = email or f"person-{next(_numbers)}@example.com"
        answer = await self.post("/auth/register", {"email": email, "password": PASSWORD} | more)
        assert answer.status_code == 201, answer.text
        return self._keep(answer)

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        self.access = ""
        answer = await self.post("/auth/login", {"email": email, "password": password})
        if answer.status_code == 200:
            self._keep(answer)
        return answer

    async def renew(self, token: str | None = None) -> httpx.Response:
        """With this refresh token, else with the newest one."""
        answer = await self.post("/auth/refresh", {"refreshToken": token or self.refresh})
        if answer.status_code == 200:
            self._keep(answer)
        return answer

    async def is_in(self) -> bool:
        """Whether the access token opens anything."""
        status = (await self.get("/users/me")).status_code
        assert status in {200, 401}
        return status == 200

    def _keep(self, answer: httpx.Response) -> dict[str, Any]:
        found: dict[str, Any] = answer.json()
        self.access, self.refresh = found["accessToken"], found["refreshToken"]
        return found


async def link_for(world: PeopleWorld, purpose: Purpose, email: str, *, life: timedelta = timedelta(hours=1)) -> str:
    """What the newest mail to this address says."""
    people, links = await world.container.get(People), await world.container.get(Links)
    user = await people.by_email(email)
    assert user is not None
    return links.make(purpose, user.id, state=state_for(purpose, user), expires_at=world.clock.now() + life)


async def mails(world: PeopleWorld) -> list[tuple[str, UUID]]:
    """Kinds and subjects of the mails that are on their way; they are taken off the line."""
    queue = await world.container.get(JobQueue)
    claims = await queue.claim("test", limit=100, lease=timedelta(seconds=30))
    await queue.finish(claims)
    return [(claim.payload["kind"], claim.id("id")) for claim in claims if claim.kind == "mail.send"]
