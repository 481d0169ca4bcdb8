"""Where callbacks go in these tests: keeps what came and answers by script."""

import asyncio
from typing import Self

from atende.fakes.loopback_server import LoopbackServer, Reply, Request


class CallbackReceiver:
    """Answers `answers` in order, then 200. `most_at_once` counts requests that were under way together."""

    def __init__(self, *answers: int) -> None:
        self.got: list[Request] = []
        self.most_at_once = 0
        self._at_once = 0
        self.answers = list(answers)
        self._server = LoopbackServer(self._take, asyncio.Event())

    @property
    def url(self) -> str:
        return f"{self._server.url}/callback"

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop()

    async def _take(self, request: Request) -> Reply:
        self.got.append(request)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0.005)
        self._at_once -= 1
        if request.method == "GET":
            return Reply(body=dict(request.query).get("hub.challenge", "").encode(), content_type="text/plain")
        return Reply(status=self.answers.pop(0) if self.answers else 200)
