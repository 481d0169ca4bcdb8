"""Callbacks of the WhatsApp Cloud API."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from atende.core.conversation.channel import ChannelAccount, ChannelKind, DeliveryReport, InboundMessage
from atende.core.conversation.ports import Quarantined
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.inbound.http.webhooks.accounts import ChannelAccountCache
from atende.inbound.http.webhooks.asgi import NotGenuine, answer, answering, header, read_body
from atende.inbound.http.webhooks.items import Item, Parsed
from atende.inbound.http.webhooks.whatsapp.payload import named_accounts, parse, verify

_KINDS = (ChannelKind.WHATSAPP.value,)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsAppWebhook:
    """`app_secret` and `verify_token` are those of the installation's own app, if it has one; accounts have their own secrets."""

    receive_messages: ReceiveMessages
    book: ChannelAccountCache
    app_secret: str = ""
    verify_token: str = ""

    def routes(self, prefixes: Sequence[str]) -> list[ASGIRouteHandler]:
        @asgi([f"{prefix}/whatsapp/webhook" for prefix in prefixes], copy_scope=False, public=True)
        async def whatsapp(scope: Scope, receive: Receive, send: Send) -> None:
            method = scope["method"]  # type: ignore[typeddict-item]
            if method == "POST":
                await self._take(scope, receive, send)
            elif method == "GET":
                await self._shake_hands(scope, send)
            else:
                await answer(send, 405, b"GET or POST", headers=[(b"allow", b"GET, POST")])

        return [whatsapp]

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with answering(send):
            raw = await read_body(receive)
            signature = header(scope, b"x-hub-signature-256")
            accounts = await self.book.named(_KINDS, named_accounts(raw)) if signature else []
            secret = _proving(raw, signature, [*(a.secrets.signing for a in accounts), self.app_secret])
            if secret is None:
                raise NotGenuine
            await self.receive_messages(*_sorted(parse(raw), accounts, secret))
            await answer(send, 200)

    async def _shake_hands(self, scope: Scope, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        token, challenge = query.get("hub.verify_token", [""])[0], query.get("hub.challenge", [""])[0]
        known = self.verify_token and hmac.compare_digest(token.encode(), self.verify_token.encode())
        if known and query.get("hub.mode") == ["subscribe"]:
            await answer(send, 200, challenge.encode()[:200])
        else:
            await answer(send, 403, b"the verify token does not match WHATSAPP_VERIFY_TOKEN")


def _proving(raw: bytes, signature: str | None, secrets: list[str]) -> str | None:
    """The secret that this body was signed with."""
    for secret in dict.fromkeys(secrets):
        if verify(raw, signature, secret):
            return secret
    return None


def _sorted(
    parsed: Parsed, accounts: list[ChannelAccount], secret: str
) -> tuple[list[InboundMessage], list[DeliveryReport], list[Quarantined]]:
    """Each item to its account, if the account uses the very secret that proved the callback; else to quarantine."""
    own = {account.external_id: account for account in accounts}
    messages, reports = list[InboundMessage](), list[DeliveryReport]()
    quarantined = [item.quarantined(item.reason) for item in parsed.unknown]

    def owner_of(item: Item) -> ChannelAccount | None:
        account = own.get(item.number)
        if account is not None and hmac.compare_digest(account.secrets.signing.encode(), secret.encode()):
            return account
        reason = "no account of this number is connected" if account is None else "signed with another account's secret"
        quarantined.append(item.quarantined(reason))
        return None

    for message in parsed.messages:
        if account := owner_of(message):
            messages.append(message.inbound(account.id))
    for status in parsed.statuses:
        if account := owner_of(status):
            reports.append(status.report(account.id))
    return messages, reports, quarantined
