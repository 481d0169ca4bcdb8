"""Sending through the WhatsApp Cloud API. It cannot look up messages: only status callbacks with our reference prove a send."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec
from yarl import URL

from atende.core.conversation.channel import ChannelAccount, ChannelCheck, Outgoing
from atende.core.conversation.ports import Channel, SendDelayed, SendDoubtful, SendRefused
from atende.outbound import whatsapp_check
from atende.outbound.http_responses import UNDECIDED, is_loopback, retry_after
from atende.outbound.throttle import Throttle

MAX_TEXT = 4_096
GRAPH = "https://graph.facebook.com"

_RATE_LIMITS = frozenset({4, 80007, 130429, 131056})
_USER_ID = re.compile(r"[A-Z]{2}\.")

_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_OK, _REDIRECT, _TOO_MANY, _SERVER_ERROR = 200, 300, 429, 500


class _SentMessage(msgspec.Struct):
    id: str


class _Accepted(msgspec.Struct):
    messages: list[_SentMessage]


class _ErrorData(msgspec.Struct):
    details: str = ""


class _Error(msgspec.Struct):
    message: str = ""
    code: int = 0
    error_data: _ErrorData = msgspec.field(default_factory=_ErrorData)


class _Refused(msgspec.Struct):
    error: _Error = msgspec.field(default_factory=_Error)


class WhatsAppChannel(Channel):
    """Sends from the account's phone number id with its access token.

    `timeout`: seconds for a whole attempt; `connect_timeout`: for the connection. A number sends at most `per_second` messages per
    second; further ones raise SendDelayed.
    """

    def __init__(
        self,
        *,
        base_url: str = GRAPH,
        version: str = "v18.0",
        timeout: float = 15,
        connect_timeout: float = 5,
        per_second: int = 1_000,
    ) -> None:
        self._per_second = per_second
        self._paces: dict[str, Throttle] = {}
        self._url = f"{base_url.rstrip('/')}/{version}"
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout, connect=connect_timeout),
            connector=aiohttp.TCPConnector(limit=100, keepalive_timeout=5),
            trust_env=not is_loopback(base_url),
        )

    async def close(self) -> None:
        await self._session.close()

    async def send(self, account: ChannelAccount, message: Outgoing) -> str:
        if len(message.text) > MAX_TEXT:
            raise SendRefused(
                f"WhatsApp takes at most {MAX_TEXT} characters, this text has {len(message.text)}: split it"
            )
        if not self._paces.setdefault(account.external_id, Throttle(self._per_second, 1)).take():
            raise SendDelayed(f"this number sends {self._per_second} messages a second already")
        try:
            async with self._session.post(
                URL(f"{self._url}/{quote(account.external_id, safe='')}/messages", encoded=True),
                data=msgspec.json.encode(_body(message)),
                headers={
                    "Authorization": whatsapp_check.bearer(account.secrets.access),
                    "Content-Type": "application/json",
                },
                allow_redirects=False,
            ) as response:
                content = await response.read()
        except _NOT_SENT as error:
            raise SendDelayed(f"WhatsApp cannot be reached: {error!r}") from error
        except ValueError as error:
            raise SendRefused(f"this cannot be put into a request to WhatsApp: {error}") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SendDoubtful(f"WhatsApp did not answer: {error!r}") from error
        if not _OK <= response.status < _REDIRECT:
            raise _refusal(response.status, content, response.headers)
        try:
            return msgspec.json.decode(content, type=_Accepted).messages[0].id
        except (msgspec.DecodeError, UnicodeDecodeError, IndexError) as error:
            raise SendDoubtful("WhatsApp accepted the message without returning its id") from error

    async def find(self, account: ChannelAccount, message: Outgoing) -> str | None:
        """Always None: WhatsApp cannot look up messages."""
        return None

    async def check(self, account: ChannelAccount) -> ChannelCheck:
        return await whatsapp_check.check(self._session, self._url, account)


def _body(message: Outgoing) -> dict[str, Any]:
    recipient = {"recipient": message.to} if _USER_ID.match(message.to) else {"to": message.to.lstrip("+")}
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **recipient,
        "type": "text",
        "text": {"preview_url": False, "body": message.text},
        "biz_opaque_callback_data": str(message.reference),
    }


def _refusal(status: int, content: bytes, headers: Mapping[str, str]) -> Exception:
    try:
        error = msgspec.json.decode(content, type=_Refused).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        error = _Error()
    told = f"WhatsApp answered {status}: {error.error_data.details or error.message or 'no reason'}"
    if error.code in _RATE_LIMITS or status == _TOO_MANY:
        return SendDelayed(told, retry_after=retry_after(headers))
    if status >= _SERVER_ERROR or status in UNDECIDED:
        return SendDoubtful(told)
    return SendRefused(told, provider_code=error.code)
