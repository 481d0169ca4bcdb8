"""Asking the Graph API whether a number is connected: number, business account, token and app secret belong together."""

import hmac
from urllib.parse import quote

import aiohttp
import msgspec
from yarl import URL

from atende.core.conversation.channel import ChannelAccount, ChannelCheck, Connection
from atende.core.kernel import Unavailable
from atende.outbound.http_responses import retry_after

_EXPIRED = 190
"""The code for an access token that is no longer valid."""
_BUSY = frozenset({1, 2, 4, 17, 80007, 130429})
_OK, _REDIRECT, _TOO_MANY, _SERVER_ERROR = 200, 300, 429, 500
_MOST_NUMBERS = 100


class _Error(msgspec.Struct):
    message: str = ""
    code: int = 0


class _Number(msgspec.Struct):
    id: str = ""
    display_phone_number: str | None = None
    verified_name: str | None = None
    quality_rating: str | None = None


class _Answer(_Number):
    data: list[_Number] = []
    error: _Error | None = None


class _Refused(Exception):
    def __init__(self, connection: Connection, error: str) -> None:
        super().__init__(error)
        self.check = ChannelCheck(connection=connection, error=error)


async def check(session: aiohttp.ClientSession, url: str, account: ChannelAccount) -> ChannelCheck:
    """Three requests: the number (`appsecret_proof` makes Meta check the app secret too), the numbers of the business account, and
    the subscription of the app to what they receive, which can be repeated. Raises Unavailable.
    """
    graph = _Graph(session, url, account)
    number, business = quote(account.external_id, safe=""), quote(account.provider_account, safe="")
    try:
        found = await graph.ask("GET", number, fields="id,display_phone_number,verified_name,quality_rating")
        listed = await graph.ask("GET", f"{business}/phone_numbers", fields="id", limit=str(_MOST_NUMBERS))
        if account.external_id not in {one.id for one in listed.data}:
            raise _Refused(
                Connection.REFUSED,
                f"the business account {account.provider_account} has no number with the id {account.external_id}",
            )
        await graph.ask("POST", f"{business}/subscribed_apps")
    except _Refused as refused:
        return refused.check
    digits = "".join(filter(str.isdigit, found.display_phone_number or ""))
    return ChannelCheck(
        connection=Connection.CONNECTED,
        address=f"+{digits}" if digits else None,
        name=found.verified_name,
        quality=found.quality_rating,
    )


def bearer(token: str) -> str:
    if not token.isascii():
        raise ValueError("an access token has ASCII characters only")
    return f"Bearer {token}"


class _Graph:
    def __init__(self, session: aiohttp.ClientSession, url: str, account: ChannelAccount) -> None:
        self._session, self._url, self._secrets = session, url, account.secrets

    async def ask(self, method: str, path: str, **query: str) -> _Answer:
        """Raises _Refused and Unavailable."""
        token, key = self._secrets.access, self._secrets.signing.encode()
        proof = {"appsecret_proof": hmac.digest(key, token.encode(), "sha256").hex()}
        try:
            async with self._session.request(
                method,
                URL(f"{self._url}/{path}", encoded=True).with_query(query | proof),
                headers={"Authorization": bearer(token)},
                allow_redirects=False,
            ) as response:
                answer = _read(await response.read())
        except ValueError as error:
            raise _Refused(Connection.REFUSED, str(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable("WhatsApp does not answer: try again later") from error
        if _OK <= response.status < _REDIRECT:
            return answer
        said = answer.error or _Error()
        if response.status >= _SERVER_ERROR or response.status == _TOO_MANY or said.code in _BUSY:
            raise Unavailable(
                f"WhatsApp answered {response.status}: try again later", retry_after=retry_after(response.headers)
            )
        told = said.message or f"it answered {response.status} without a reason"
        raise _Refused(Connection.EXPIRED if said.code == _EXPIRED else Connection.REFUSED, told)


def _read(content: bytes) -> _Answer:
    try:
        return msgspec.json.decode(content, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _Answer()
