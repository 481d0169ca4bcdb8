"""Callbacks of Twilio: messages in, and what became of messages out."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from atende.core.conversation.channel import ChannelAccount, ChannelKind
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.inbound.http.webhooks.accounts import ChannelAccountCache
from atende.inbound.http.webhooks.asgi import NotGenuine, answer, answering, header, read_body
from atende.inbound.http.webhooks.items import ReceivedMessage, ReceivedStatus, Unknown
from atende.inbound.http.webhooks.twilio.payload import (
    Params,
    named_account,
    parse_form,
    parse_message,
    parse_status,
    verify,
)

_KINDS = (ChannelKind.SMS.value, ChannelKind.TWILIO_WHATSAPP.value)
_NOTHING_TO_SAY = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioWebhooks:
    """`public_url` is the address that Twilio was given; signatures are made over it, whatever proxies say."""

    receive_messages: ReceiveMessages
    book: ChannelAccountCache
    public_url: str

    def routes(self, prefixes: Sequence[str]) -> list[ASGIRouteHandler]:
        @asgi([f"{prefix}/webhooks/twilio/inbound" for prefix in prefixes], copy_scope=False, public=True)
        async def inbound(scope: Scope, receive: Receive, send: Send) -> None:
            await self._take(scope, receive, send, status=False)

        @asgi([f"{prefix}/webhooks/twilio/status" for prefix in prefixes], copy_scope=False, public=True)
        async def status(scope: Scope, receive: Receive, send: Send) -> None:
            await self._take(scope, receive, send, status=True)

        @asgi([f"{prefix}/webhooks/twilio/health" for prefix in prefixes], copy_scope=False, public=True)
        async def health(scope: Scope, receive: Receive, send: Send) -> None:
            await answer(send, 200, b'{"status":"ok"}', content_type=b"application/json")

        return [inbound, status, health]

    async def _take(self, scope: Scope, receive: Receive, send: Send, *, status: bool) -> None:
        if scope["method"] != "POST":  # type: ignore[typeddict-item]
            await answer(send, 405, b"POST", headers=[(b"allow", b"POST")])
            return
        async with answering(send):
            raw = await read_body(receive)
            params = parse_form(raw)
            account = await self._prove(scope, params, status=status)
            await self._store(_parsed(scope, params, raw, status=status), account)
            await answer(send, 200, _NOTHING_TO_SAY, content_type=b"text/xml; charset=utf-8")

    async def _prove(self, scope: Scope, params: Params, *, status: bool) -> ChannelAccount | None:
        """The account that is named, if it is the one that signed; None when another one signed. Raises NotGenuine."""
        named = named_account(params, status=status)
        signature = header(scope, b"x-twilio-signature")
        if named is None or not signature:
            raise NotGenuine
        known = await self.book.named(_KINDS, (named.number, named.account_sid))
        url = _public(self.public_url, scope)
        secret = next((a.secrets.signing for a in known if verify(url, params, signature, a.secrets.signing)), None)
        if secret is None:
            raise NotGenuine
        for account in known:
            own = hmac.compare_digest(account.secrets.signing.encode(), secret.encode())
            if own and account.external_id == named.number and account.kind is named.kind:
                return account
        return None

    async def _store(self, item: ReceivedMessage | ReceivedStatus | Unknown, account: ChannelAccount | None) -> None:
        if isinstance(item, Unknown):
            await self.receive_messages(quarantined=[item.quarantined(item.reason)])
        elif account is None:
            reason = "this number is not one of the account that signed"
            await self.receive_messages(quarantined=[item.quarantined(reason)])
        elif isinstance(item, ReceivedMessage):
            await self.receive_messages([item.inbound(account.id)])
        else:
            await self.receive_messages(reports=[item.report(account.id)])


def _parsed(scope: Scope, params: Params, raw: bytes, *, status: bool) -> ReceivedMessage | ReceivedStatus | Unknown:
    if not status:
        return parse_message(params, raw)
    query = parse_qs(scope["query_string"].decode("latin-1"))
    return parse_status(params, raw, message=query.get("message", [None])[0])


def _public(public_url: str, scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    return f"{public_url.rstrip('/')}{path}{'?' + query if query else ''}"
