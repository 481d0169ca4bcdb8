"""The way of every callback: read, choose the account, verify the raw bytes, parse once, assign or quarantine, store, acknowledge.

A vendor gives an Endpoint; nothing of a vendor stands here. Callbacks are plain ASGI: they are the busiest routes, and need
nothing but the raw bytes.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from atende.core.conversation.channel import ChannelAccount, DeliveryReport, InboundMessage
from atende.core.conversation.ports import Quarantined
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.inbound.http.security.rate_limits import exempt
from atende.inbound.http.webhooks.accounts import ChannelAccountCache
from atende.inbound.http.webhooks.asgi import answer, read_body, reply_to
from atende.inbound.http.webhooks.content import ProvenAccounts
from atende.inbound.http.webhooks.endpoint import Callback, Endpoint, NotGenuine, Reply


def routes(
    endpoints: Iterable[Endpoint], prefixes: Sequence[str], *, cache: ChannelAccountCache, receive: ReceiveMessages
) -> list[ASGIRouteHandler]:
    """The endpoints under each prefix."""
    return [_route(endpoint, prefixes, cache, receive) for endpoint in endpoints]


def _route(
    endpoint: Endpoint, prefixes: Sequence[str], cache: ChannelAccountCache, store: ReceiveMessages
) -> ASGIRouteHandler:
    allowed = "POST" if endpoint.handshake is None else "GET or POST"

    @asgi([f"{prefix}{endpoint.path}" for prefix in prefixes], copy_scope=False, public=True)
    async def callback(scope: Scope, receive: Receive, send: Send) -> None:
        around: dict[str, Any] = scope  # type: ignore[assignment]  # a TypedDict is a dictionary
        method = around["method"]
        exempt(scope)
        if method == "POST":
            try:
                await _take(endpoint, Callback(around, await read_body(receive)), cache, store)
                reply = endpoint.reply
            except Exception as error:  # noqa: BLE001  each has its answer
                reply = reply_to(error)
            await answer(send, reply)
        elif method == "GET" and endpoint.handshake is not None:
            await answer(send, endpoint.handshake(Callback(around, b"")))
        else:
            headers = ((b"allow", allowed.replace(" or ", ", ").encode()),)
            await answer(send, Reply(405, allowed.encode(), headers=headers))

    return callback


async def _take(endpoint: Endpoint, callback: Callback, cache: ChannelAccountCache, store: ReceiveMessages) -> None:
    names = endpoint.names(callback)
    accounts = await cache.named(endpoint.kinds, names) if names else []
    proven = _prove(endpoint, callback, accounts)
    messages: list[InboundMessage] = []
    reports: list[DeliveryReport] = []
    quarantined: list[Quarantined] = []
    for one in endpoint.parse(callback, proven):
        match one:
            case InboundMessage():
                messages.append(one)
            case DeliveryReport():
                reports.append(one)
            case Quarantined():
                quarantined.append(one)
    await store(messages, reports, quarantined)


def _prove(endpoint: Endpoint, callback: Callback, accounts: Sequence[ChannelAccount]) -> ProvenAccounts:
    """Raises NotGenuine when no secret signed this callback."""
    secrets = dict.fromkeys([*(account.secrets.signing for account in accounts), endpoint.installation_secret])
    for secret in filter(None, secrets):
        if endpoint.verify(callback, secret):
            return ProvenAccounts({(account.kind, account.external_id): account for account in accounts}, secret)
    raise NotGenuine
