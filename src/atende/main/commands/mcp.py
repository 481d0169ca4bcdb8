"""`atende mcp`: the tools over standard input and output, for assistants that start programs. It talks to a running atende."""

from importlib.metadata import version
from typing import Any

import httpx

from atende.core.kernel import Invalid
from atende.inbound.mcp.tools import make_server

_TIMEOUT = 120.0


async def mcp(url: str, *, api_key: str | None) -> None:
    """Raises Invalid without a key."""
    if not api_key:
        raise Invalid("ATENDE_API_KEY is missing: the tools act with this API key")

    async def api(_: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=url.rstrip("/"), headers={"X-API-Key": api_key}, timeout=_TIMEOUT)

    await make_server(api, version=version("atende")).run_stdio_async()
