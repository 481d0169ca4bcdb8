"""The web process."""

from collections.abc import Sequence
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
from atende.inbound.http.webhooks.common import routes
from atende.inbound.http.webhooks.endpoint import webhooks_of
from atende.inbound.mcp.door import McpDoor
from atende.main.providers.channels import CHANNELS
from atende.main.providers.channels.vendor import ChannelVendor
from atende.main.providers.derived_keys import derived_keys
from atende.main.providers.rate_limits import rate_policy
from atende.main.settings import Settings, listed


async def make_web(
    container: AsyncContainer, settings: Settings, *, channels: Sequence[ChannelVendor] = CHANNELS
) -> Litestar:
    """The HTTP API and the providers' callbacks, over a container that the caller closes."""
    await container.get(AccessTokens)  # keys that cannot be used stop the start, not the first sign-in
    endpoints = [endpoint for vendor in channels for endpoint in vendor.endpoints(settings)]
    options = WebOptions(
        webhooks=webhooks_of(endpoints, settings.public_url),
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
    callbacks = routes(
        endpoints,
        ["/api/v1", "/api", ""],
        cache=ChannelAccountCache(await container.get(ChannelDirectory)),
        receive=await container.get(ReceiveMessages),
    )
    await (await container.get(LimitsWatch)).look()  # a store that is away is said to be in the log, once
    door = McpDoor(version=options.version)
    app = make_app(container, options, extra_handlers=[*callbacks, door.handler], lifespan=[door.lifespan])
    door.over(app)
    return app
