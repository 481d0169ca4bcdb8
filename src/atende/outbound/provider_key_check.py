"""Checking keys at AI providers with one request that costs nothing and is sent to the provider only."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from atende.core.identity.keys.ports import ProviderKeyCheck
from atende.core.identity.keys.provider_keys import AiProvider, ProviderNotAvailable, ProviderSecret, Verdict
from atende.core.kernel import Unavailable
from atende.outbound.http_responses import is_loopback, retry_after

TIMEOUT = 10.0
MOST_MODELS = 500
_LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Probe:
    """The request. `header` has `scheme` and the key; `models` is the field with the list of models (empty: the whole response),
    `name` the field with the name of each.
    """

    path: str
    header: str
    scheme: str = ""
    models: str | None = None
    name: str = "id"


_PROBES = {
    AiProvider.OPENAI: _Probe("/models", "Authorization", "Bearer ", models="data"),
    AiProvider.REPLICATE: _Probe("/account", "Authorization", "Bearer "),
    AiProvider.ELEVENLABS: _Probe("/models", "xi-api-key", models="", name="model_id"),
    AiProvider.FREEPIK: _Probe("/resources?limit=1", "x-freepik-api-key"),
}
ADDRESSES: Mapping[AiProvider, str] = {
    AiProvider.OPENAI: "https://api.openai.com/v1",
    AiProvider.REPLICATE: "https://api.replicate.com/v1",
    AiProvider.ELEVENLABS: "https://api.elevenlabs.io/v1",
    AiProvider.FREEPIK: "https://api.freepik.com/v1",
}


class HttpProviderKeyCheck(ProviderKeyCheck):
    """`addresses` override those of the providers. Redirects are not followed, because they would send the key elsewhere.

    Error texts of providers are not passed on, because they may contain the key.
    """

    def __init__(self, addresses: Mapping[AiProvider, str] | None = None, *, timeout: float = TIMEOUT) -> None:
        self._addresses = {**ADDRESSES, **(addresses or {})}
        self._timeout = timeout
        self._clients: dict[bool, httpx.AsyncClient] = {}

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    def can_check(self, provider: AiProvider) -> bool:
        return provider in _PROBES

    async def check(self, provider: AiProvider, secret: ProviderSecret) -> Verdict:
        if not self.can_check(provider):
            raise ProviderNotAvailable(f"keys of {provider} can be kept, but not checked yet", provider=str(provider))
        probe = _PROBES[provider]
        status, headers, body = await self._ask(provider, probe, secret)
        if 200 <= status < 300 and (said := _json(body)) is not None:
            return Verdict(valid=True, models=_models(said, probe))
        if status == 403 or (status == 401 and _is_narrow(_json(body))):
            return Verdict(valid=True)  # a valid key without the permission for this request
        if status == 401:
            return Verdict(valid=False, error=f"{provider} does not know this key (401)")
        raise Unavailable(
            f"{provider} responded with {status}, which does not say whether the key is valid: try again later",
            retry_after=retry_after(headers),
        )

    async def _ask(
        self, provider: AiProvider, probe: _Probe, secret: ProviderSecret
    ) -> tuple[int, Mapping[str, str], bytes]:
        url = self._addresses[provider].rstrip("/") + probe.path
        shown = {probe.header: probe.scheme + secret.text}
        try:
            async with asyncio.timeout(self._timeout):
                async with self._client(url).stream("GET", url, headers=shown) as answer:
                    body = b""
                    async for part in answer.aiter_bytes():
                        body += part
                        if len(body) > _LARGEST:
                            break
                    return answer.status_code, answer.headers, body
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError):
            # Without the cause, which contains the request with the key.
            raise Unavailable(f"{provider} does not respond: try again later") from None

    def _client(self, url: str) -> httpx.AsyncClient:
        """Proxies from the environment are not used for addresses on this machine."""
        outside = not is_loopback(url)
        if outside not in self._clients:
            self._clients[outside] = httpx.AsyncClient(follow_redirects=False, timeout=self._timeout, trust_env=outside)
        return self._clients[outside]


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _models(said: Any, probe: _Probe) -> tuple[str, ...]:
    if probe.models is None:
        return ()
    if probe.models:
        said = said.get(probe.models) if isinstance(said, dict) else None
    rows = said if isinstance(said, list) else []
    names = (row.get(probe.name) for row in rows if isinstance(row, dict))
    return tuple(sorted(name for name in names if isinstance(name, str))[:MOST_MODELS])


def _is_narrow(said: Any) -> bool:
    """Whether it is ElevenLabs' 401 for a valid key that may not list models."""
    detail = said.get("detail") if isinstance(said, dict) else None
    return isinstance(detail, dict) and detail.get("status") == "missing_permissions"
