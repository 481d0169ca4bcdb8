"""Fakes of the AI providers that only check keys: Replicate, ElevenLabs and Freepik."""

import time
from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from atende.fakes.faults import Fault
from atende.fakes.loopback_server import Reply, Request, json_reply
from atende.fakes.provider import Clock, FakeProvider

UNKNOWN = "invalid"
"""A key that contains this word is refused."""


class FakeKeyCheck(FakeProvider):
    """Accepts the given `keys`; without any, every key that does not contain the word `invalid`.

    `narrow` are valid keys without the permission for this request.
    """

    path: ClassVar[str]
    header: ClassVar[str]
    scheme: ClassVar[str] = ""

    def __init__(
        self,
        *,
        keys: Iterable[str] | None = None,
        narrow: Iterable[str] = (),
        seed: int = 0,
        faults: Iterable[Fault] = (),
        log_file: Path | None = None,
        clock: Clock = time.time,
    ) -> None:
        super().__init__(seed=seed, faults=faults, log_file=log_file, clock=clock)
        self.keys = None if keys is None else set(keys)
        self.narrow = set(narrow)

    def knows(self, key: str) -> bool:
        return UNKNOWN not in key if self.keys is None else key in self.keys

    async def handle(self, request: Request) -> Reply:
        shown = request.headers.get(self.header, "")
        key = shown.removeprefix(self.scheme) if shown.startswith(self.scheme) else ""
        if not key or not self.knows(key):
            return self.refusal(401, None)
        if key in self.narrow:
            return self.too_narrow()
        if request.method != "GET" or request.path.removeprefix("/v1") != self.path:
            return self.refusal(404, None)
        return json_reply(self.shown())

    def too_narrow(self) -> Reply:
        return self.refusal(403, None)

    @abstractmethod
    def shown(self) -> Any:
        """The response of the provider for a valid key."""


class FakeReplicate(FakeKeyCheck):
    name = "replicate"
    path, header, scheme = "/account", "authorization", "Bearer "

    def shown(self) -> Any:
        return {"type": "organization", "username": "double", "name": "The double", "github_url": None}

    def refusal(self, status: int, code: int | str | None) -> Reply:
        told = {"title": "Refused", "detail": "The fake of Replicate refuses this request.", "status": status}
        return json_reply(told, status)


class FakeElevenLabs(FakeKeyCheck):
    name = "elevenlabs"
    path, header = "/models", "xi-api-key"

    def shown(self) -> Any:
        return [{"model_id": "double_v1", "name": "FakeProvider"}, {"model_id": "double_v2", "name": "FakeProvider 2"}]

    def refusal(self, status: int, code: int | str | None) -> Reply:
        told = {"status": code or "invalid_api_key", "message": "The fake of ElevenLabs refuses this request."}
        return json_reply({"detail": told}, status)

    def too_narrow(self) -> Reply:
        return self.refusal(401, "missing_permissions")


class FakeFreepik(FakeKeyCheck):
    name = "freepik"
    path, header = "/resources", "x-freepik-api-key"

    def shown(self) -> Any:
        return {"data": [], "meta": {"current_page": 1, "last_page": 1, "per_page": 1, "total": 0}}

    def refusal(self, status: int, code: int | str | None) -> Reply:
        return json_reply({"message": "The fake of Freepik refuses this request."}, status)


KEY_CHECKS: tuple[type[FakeKeyCheck], ...] = (FakeReplicate, FakeElevenLabs, FakeFreepik)
