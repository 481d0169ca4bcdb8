"""The HTTP client of Twilio's SDK, for any base URL. Importing it loads the SDK, which takes a while: do it when it is needed."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response

from atende.outbound.http_responses import is_loopback, retry_after

API = "https://api.twilio.com"
_TOO_MANY = 429


class TooManyRequests(Exception):
    """`wait`: seconds that Twilio asks for, if it does."""

    def __init__(self, wait: float | None) -> None:
        super().__init__("Twilio asks us to slow down")
        self.wait = wait


class HttpClient(AsyncTwilioHttpClient):  # type: ignore[misc]
    """One session with our time limits, in seconds; a 429 keeps its Retry-After."""

    def __init__(self, base_url: str, timeout: float, connect_timeout: float) -> None:
        super().__init__(pool_connections=False)
        self._base_url = base_url
        self.session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout, connect=connect_timeout),
            trust_env=not is_loopback(base_url),
        )

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: FBT001, FBT002 - the SDK's signature
    ) -> Any:
        sent_headers = dict(headers or {})
        if auth is not None:
            sent_headers["Authorization"] = f"Basic {b64encode(':'.join(auth).encode()).decode()}"
        async with self.session.request(
            method.upper(),
            self._rewritten(url),
            params=params,
            data=data,
            headers=sent_headers,
            allow_redirects=allow_redirects,
        ) as response:
            text = await response.text()
        if response.status == _TOO_MANY:
            raise TooManyRequests(retry_after({k.lower(): v for k, v in response.headers.items()}))
        return Response(response.status, text, response.headers)

    def _rewritten(self, url: str) -> str:
        if self._base_url == API:
            return url
        parts = urlsplit(url)
        return f"{self._base_url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
