"""Where callbacks go in these tests: keeps what came and answers by script."""

import asyncio
from typing import Self

from atende.fakes.server import LoopbackServer, Reply, Request


class Sink:
    """Answers `answers` in order, then 200."""

    def __init__(self, *answers: int) -> None:
        self.got: list[Request] = []
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
        if request.method == "GET":
            return Reply(body=dict(request.query).get("hub.challenge", "").encode(), content_type="text/plain")
        return Reply(status=self.answers.pop(0) if self.answers else 200)
