"""SMS and WhatsApp through Twilio's official SDK, which is imported at the first send."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from atende.core.conversation.channel import ChannelAccount, ChannelCheck, ChannelSecrets, Connection, Outgoing
from atende.core.conversation.ports import Channel, SendDelayed, SendDoubtful, SendRefused
from atende.core.kernel import Unavailable
from atende.outbound.http_responses import UNDECIDED

API = "https://api.twilio.com"
MAX_TEXT = 1_600
SKEW = timedelta(seconds=5)
FOUND_WITHIN = timedelta(seconds=30)
"""How long after `sending_at` Twilio can have created the message: one attempt, plus clock skew."""

_BAD_REQUEST, _SERVER_ERROR = 400, 500
_SENDERS = 1_000
_LONGEST = 500
"""Characters of an error that are shown."""
_WHAT = {"sms": "SMS", "twilio_whatsapp": "WhatsApp"}
_LISTED = 100


class TwilioChannel(Channel):
    """Kinds SMS and TWILIO_WHATSAPP. `public_url` is where Twilio reaches us for status callbacks.

    The account's `provider_account` is the AccountSid; its access secret is the auth token, or `key sid:key secret`.
    `timeout` bounds a whole attempt and `connect_timeout` the way to it, in seconds.
    """

    def __init__(
        self, *, public_url: str, base_url: str = API, timeout: float = 15, connect_timeout: float = 5
    ) -> None:
        self._callback = f"{public_url.rstrip('/')}/webhooks/twilio/status"
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._http: Any = None
        self._starting = asyncio.Lock()

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def send(self, account: ChannelAccount, message: Outgoing) -> str:
        if len(message.text) > MAX_TEXT:
            raise SendRefused(
                f"Twilio takes at most {MAX_TEXT} characters, this text has {len(message.text)}: split it"
            )
        client = await self._client(account)
        with _sending():
            sent = await client.messages.create_async(
                to=_address(account.kind, message.to),
                from_=_address(account.kind, account.external_id),
                body=message.text,
                status_callback=f"{self._callback}?message={message.reference}",
            )
        if not sent.sid:
            raise SendDoubtful("Twilio accepted the message without returning its id")
        return str(sent.sid)

    async def find(self, account: ChannelAccount, message: Outgoing) -> str | None:
        client = await self._client(account)
        since = message.sending_at.astimezone(UTC) - SKEW
        with _asking():
            listed = await client.messages.list_async(
                to=_address(account.kind, message.to),
                from_=_address(account.kind, account.external_id),
                date_sent_after=since,
                limit=_LISTED,
            )
        until = message.sending_at + FOUND_WITHIN
        # Twilio's times are whole seconds.
        made = [m for m in listed if m.body == message.text and since.replace(microsecond=0) <= m.date_created <= until]
        return str(min(made, key=_made_at).sid) if made else None

    async def check(self, account: ChannelAccount) -> ChannelCheck:
        """The auth token by reading the account, the number by looking for it with the secret that sends."""
        signing = replace(account, secrets=ChannelSecrets(account.secrets.signing, account.secrets.signing))
        try:
            with _asking():
                own = await (await self._client(signing)).api.accounts(account.provider_account).fetch_async()
                sends = await self._client(account)
                name = await _sender_name(sends, account)
        except Unavailable as error:
            if (said := _said(error.__cause__)) is None:
                raise
            return ChannelCheck(connection=Connection.REFUSED, error=said)
        if own.status != "active":
            return ChannelCheck(connection=Connection.REFUSED, error=f"the account is {own.status}")
        if name is None:
            told = f"this account has no number {account.external_id} that sends {_WHAT[account.kind]}"
            return ChannelCheck(connection=Connection.REFUSED, error=told)
        return ChannelCheck(
            connection=Connection.CONNECTED, address=account.external_id.removeprefix("whatsapp:"), name=name
        )

    async def _client(self, account: ChannelAccount) -> Any:
        async with self._starting:
            if self._http is None:
                client = await asyncio.to_thread(import_module, "atende.outbound.twilio_client")
                self._http = client.HttpClient(self._base_url, self._timeout, self._connect_timeout)
        from twilio.rest import Client

        user, _, secret = account.secrets.access.rpartition(":")
        return Client(
            username=user or account.provider_account,
            password=secret,
            account_sid=account.provider_account,
            http_client=self._http,
        )


@contextmanager
def _sending() -> Iterator[None]:
    """Translates errors of the SDK and its transport into those of the port."""
    import aiohttp
    from twilio.base.exceptions import TwilioException

    from atende.outbound.twilio_client import TooManyRequests

    try:
        yield
    except TooManyRequests as error:
        raise SendDelayed(str(error), retry_after=error.wait) from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise SendDelayed(f"Twilio cannot be reached: {error!r}") from error
    except (aiohttp.InvalidURL, UnicodeEncodeError) as error:
        raise SendRefused(f"this cannot be put into a request to Twilio: {error}") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SendDoubtful(f"Twilio did not answer: {error!r}") from error
    except TwilioException as error:
        raise _refusal(error) from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise SendDoubtful("Twilio accepted the message with a response that cannot be read") from error


@contextmanager
def _asking() -> Iterator[None]:
    """Translates all errors of a look-up into Unavailable, because it can be repeated."""
    import aiohttp
    from twilio.base.exceptions import TwilioException

    from atende.outbound.twilio_client import TooManyRequests

    try:
        yield
    except TooManyRequests as error:
        raise Unavailable(str(error), retry_after=error.wait) from error
    except (aiohttp.ClientError, TimeoutError, OSError, TwilioException) as error:
        raise Unavailable(f"Twilio cannot be asked: {_told(error)}") from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Unavailable("Twilio's list of messages cannot be read") from error


async def _sender_name(client: Any, account: ChannelAccount) -> str | None:
    """What Twilio calls the number of this account, if it has it."""
    number = _address(account.kind, account.external_id)
    if account.kind == "sms":
        found = await client.incoming_phone_numbers.list_async(phone_number=number, limit=1)
        return str(found[0].friendly_name or number) if found else None
    senders = await client.messaging.v2.channels_senders.list_async(channel="whatsapp", limit=_SENDERS)
    mine = next((one for one in senders if one.sender_id == number and str(one.status).startswith("ONLINE")), None)
    return None if mine is None else str((mine.profile or {}).get("name") or number)


def _said(error: Any) -> str | None:
    """Why Twilio refuses for good what was asked; None if it may answer later."""
    status = _status(error)
    refused = status is not None and _BAD_REQUEST <= status < _SERVER_ERROR and status not in UNDECIDED
    return _told(error) if refused else None


def _refusal(error: Any) -> Exception:
    status = _status(error)
    if status is None or status >= _SERVER_ERROR or status in UNDECIDED:
        return SendDoubtful(_told(error))
    return SendRefused(_told(error), provider_code=getattr(error, "code", None))


def _status(error: Any) -> int | None:
    """Of the response; an error of a list keeps the whole response instead."""
    status = getattr(error, "status", None) or getattr(_response(error), "status_code", None)
    return status if isinstance(status, int) else None


def _response(error: Any) -> Any:
    return error.args[1] if len(getattr(error, "args", ())) > 1 else None


def _told(error: Any) -> str:
    if (response := _response(error)) is not None and hasattr(response, "text"):
        return f"Twilio answered {response.status_code}: {response.text[:_LONGEST]}"
    text = getattr(error, "msg", None) or getattr(error, "detail", None) or repr(error)
    status, code = getattr(error, "status", None), getattr(error, "code", None)
    return f"Twilio answered {status} ({code}): {text}" if status else str(text)


def _address(kind: str, address: str) -> str:
    plain = address.removeprefix("whatsapp:")
    return f"whatsapp:{plain}" if kind == "twilio_whatsapp" else plain


def _made_at(message: Any) -> datetime:
    made: datetime = message.date_created
    return made
