"""The web process."""

from importlib.metadata import version

from dishka import AsyncContainer
from litestar import Litestar

from atende.core.conversation.ports import ChannelDirectory
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.identity.ports import AccessTokens
from atende.core.limits.ports import LimitsWatch
from atende.inbound.http.app import make_app
from atende.inbound.http.options import WebOptions
from atende.inbound.http.webhooks.accounts import ChannelAccountCache
from atende.inbound.http.webhooks.twilio.webhook import TwilioWebhooks
from atende.inbound.http.webhooks.whatsapp.webhook import WhatsAppWebhook
from atende.main.providers.derived_keys import derived_keys
from atende.main.providers.rate_limits import rate_policy
from atende.main.settings import Settings, listed


async def make_web(container: AsyncContainer, settings: Settings) -> Litestar:
    """The HTTP API and the providers' callbacks, over a container that the caller closes."""
    await container.get(AccessTokens)  # keys that cannot be used stop the start, not the first sign-in
    receive_messages = await container.get(ReceiveMessages)
    book = ChannelAccountCache(await container.get(ChannelDirectory))
    prefixes = ["/api/v1", "/api", ""]
    whatsapp = WhatsAppWebhook(
        receive_messages=receive_messages,
        book=book,
        app_secret=settings.whatsapp_webhook_secret,
        verify_token=settings.whatsapp_verify_token,
    )
    twilio = TwilioWebhooks(receive_messages=receive_messages, book=book, public_url=settings.public_url)
    options = WebOptions(
        aliases=settings.path_aliases,
        max_body=settings.max_body_bytes,
        max_upload=settings.max_upload_bytes,
        version=version("atende"),
        audit_reads=settings.audit_reads,
        credential_cache_seconds=settings.auth_cache_seconds,
        idempotency_secret=derived_keys(settings, "idempotency")[0],
        cursor_keys=derived_keys(settings, "cursors"),
        rates=rate_policy(settings),
        trusted_proxy_hops=settings.trusted_proxy_hops,
        cors_origins=listed(settings.cors_origin),
        allowed_hosts=listed(settings.allowed_hosts),
        https=settings.public_url.startswith("https://"),
    )
    handlers = [*whatsapp.routes(prefixes), *twilio.routes(prefixes)]
    await (await container.get(LimitsWatch)).look()  # a store that is away is said to be in the log, once
    return make_app(container, options, extra_handlers=handlers)
