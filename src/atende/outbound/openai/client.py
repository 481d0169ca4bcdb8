"""One endpoint, through the official SDK, which is imported at the first call.

The SDK does not retry, and does not interpret responses: what a compatible endpoint returns is read by us, from its JSON.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from atende.core.kernel import DomainError, Invalid, Unavailable
from atende.outbound.breaker import Breaker, Open
from atende.outbound.http_responses import is_loopback, retry_after
from atende.outbound.openai import reply

API = "https://api.openai.com/v1"
NO_KEY = "none"
"""Sent where no key is set: the SDK requires one, and endpoints without keys ignore it."""
_FAILURES, _REST = 5, 5.0
_NEVER_RIGHT = frozenset({400, 404, 413, 415, 422, 501})
_LONGEST_REASON = 300


class KeyNotKnown(Unavailable):
    """The model's endpoint refuses the key."""


class Refused(Invalid):
    """The endpoint refuses the request as it is. `status` and `told` are of the response."""

    def __init__(self, detail: str, *, status: int, told: str) -> None:
        super().__init__(detail)
        self.status, self.told = status, told

    @property
    def code(self) -> str:
        return "INVALID"


class Failed(Unavailable):
    """The endpoint fails: it is down, or answers with a status of 500 or more. `status` is 0 if it did not answer."""

    def __init__(self, detail: str, *, status: int = 0, told: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.status, self.told = status, told

    @property
    def code(self) -> str:
        return "UNAVAILABLE"


class Endpoint:
    """`timeout`: seconds for a whole call. While an endpoint is down, it is left alone for a few seconds at a time."""

    def __init__(self, api_key: str, base_url: str, timeout: float) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._timeout = timeout
        self._client: Any = None
        self._starting = asyncio.Lock()
        self._breaker = Breaker(failures=_FAILURES, rest=_REST, counts=lambda error: isinstance(error, Failed))

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def call(self, ask: Any, *, key: str | None = None) -> bytes:
        """The body of one response; `key` replaces the configured key. Raises Unavailable or Invalid (see openai_errors)."""
        client = await self._connected(key)
        with self._guarded(key):
            async with asyncio.timeout(self._timeout):
                response = await ask(client)
                return bytes(response.content)

    async def _connected(self, key: str | None) -> Any:
        async with self._starting:
            if self._client is None:
                self._client = await asyncio.to_thread(self._connect)
        return self._client if key is None else self._client.with_options(api_key=key)

    @contextmanager
    def _guarded(self, key: str | None) -> Iterator[None]:
        try:
            with self._breaker.call(), openai_errors(secret=key or self._api_key):
                yield
        except Open as error:
            told = "the model's endpoint does not respond; it is called again in a few seconds"
            raise Failed(told, retry_after=error.retry_after) from error

    async def read(self, ask: Any, on_text: Callable[[str], None], *, key: str | None = None) -> dict[str, Any]:
        """A chat completion that is streamed, as one whole response; `on_text` is given its text as it comes. An endpoint that
        answers at once all the same is read whole. Raises as `call`.
        """
        client = await self._connected(key)
        with self._guarded(key):
            async with asyncio.timeout(self._timeout), ask(client) as response:
                if "text/event-stream" not in response.headers.get("content-type", ""):
                    return reply.decoded(await response.read())
                stream = reply.Stream(on_text)
                async for line in response.iter_lines():
                    stream.take(line)
                return stream.whole()

    def _connect(self) -> Any:
        import openai

        return openai.AsyncOpenAI(
            api_key=self._api_key or NO_KEY,
            base_url=self._base_url,
            timeout=self._timeout,
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not is_loopback(self._base_url)),
        )


@contextmanager
def openai_errors(*, secret: str = "") -> Iterator[None]:
    """Translates errors of the SDK: Refused, KeyNotKnown, Failed, or Unavailable for other statuses such as 429.

    If an error message contains `secret`, it is removed, and the cause is dropped.
    """
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        said = " ".join(f"{error.message} {error.code or ''} {error.param or ''}".split())
        repeats = bool(secret) and secret in f"{said} {error.message}"
        if repeats:
            said = said.replace(secret, "***")
        detail = f"the model's endpoint responded with {error.status_code}: {said[:_LONGEST_REASON]}"
        raise _translated(error.status_code, detail, said, retry_after(error.response.headers)) from (
            None if repeats else error
        )
    except (openai.OpenAIError, TimeoutError) as error:
        raise Failed(f"the model's endpoint does not respond: {error!r}") from error
    except (ValueError, TypeError, AttributeError) as error:  # raised by the SDK for unexpected responses
        raise Unavailable(f"the response of the model's endpoint has an unexpected form: {error}") from error


def _translated(status: int, detail: str, told: str, wait: float | None) -> DomainError:
    if status in _NEVER_RIGHT:
        return Refused(detail, status=status, told=told)
    if status == 401:
        return KeyNotKnown(detail, retry_after=wait)
    if status >= 500:
        return Failed(detail, status=status, told=told, retry_after=wait)
    return Unavailable(detail, retry_after=wait)
