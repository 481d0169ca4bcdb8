"""Connected numbers over HTTP. Their secrets can be written, but not read."""

from datetime import datetime
from inspect import getdoc
from typing import Annotated
from uuid import UUID

from dishka import FromDishka
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from atende.core.conversation.channel import ChannelAccount, ChannelSecrets, Connection, UnknownChannel
from atende.core.conversation.manage_channels import (
    ChangeChannel,
    CheckChannel,
    ConnectNumber,
    DisconnectChannel,
    NewNumber,
    NumberRefused,
    connected,
)
from atende.core.conversation.ports import ChannelAccounts
from atende.core.identity.permissions import Permission
from atende.core.kernel import TenantScope, Transaction
from atende.core.tenancy.model import Project
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.errors import problems
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire.pages import PageOut, PageRequest
from atende.inbound.http.wire.structs import In, Out

Secret = Annotated[str, Meta(min_length=8, max_length=2_000, pattern="^[!-~]+$", description="No response shows it.")]


class ChannelIn(In):
    """A number as it stands at its provider."""

    kind: Annotated[str, Meta(max_length=50, description="whatsapp, sms or twilio_whatsapp.", examples=["whatsapp"])]
    external_id: Annotated[
        str,
        Meta(
            min_length=3,
            max_length=255,
            pattern=r"^[!-~]+$",
            description="WhatsApp: the phone number id. Twilio: the number in E.164, for WhatsApp after `whatsapp:`.",
            examples=["106540352242922"],
        ),
    ]
    provider_account: Annotated[
        str,
        Meta(
            min_length=3,
            max_length=255,
            pattern=r"^[!-~]+$",
            description="WhatsApp: the id of the business account. Twilio: the AccountSid.",
            examples=["102290129340398"],
        ),
    ]
    signing_secret: Annotated[
        Secret,
        Meta(description="What signs callbacks: Meta's app secret, or Twilio's auth token. No response shows it."),
    ]
    access_secret: Annotated[
        Secret,
        Meta(
            description="What sends: WhatsApp's access token, Twilio's auth token, or `key sid:key secret`. No response shows it."
        ),
    ]
    agent_id: Annotated[UUID | None, Meta(description="Who answers. Default: the project's default agent.")] = None


class ChannelChangeIn(In):
    """Fields that are left out stay. `agentId` null: the project's default agent answers."""

    is_active: bool | UnsetType = UNSET
    agent_id: UUID | UnsetType | None = UNSET
    signing_secret: Secret | UnsetType = UNSET
    access_secret: Secret | UnsetType = UNSET


class ChannelOut(Out):
    """`connection`: what the provider said when it was last asked, and `connectionError` its own words. `webhookUrl` and, for
    WhatsApp, `verifyToken` are what to paste at the provider. `lastInboundAt` may be a minute late.
    """

    id: UUID
    kind: str
    external_id: str
    address: str
    provider_account: str
    name: str | None
    agent_id: UUID | None
    is_active: bool
    connection: Connection
    connection_error: str | None
    quality: str | None
    webhook_url: str | None
    verify_token: str | None
    checked_at: datetime | None
    last_inbound_at: datetime | None
    created_at: datetime
    updated_at: datetime | None


class ChannelsController(ApiController):
    """Connected numbers."""

    path = "/channels"
    tags = ("channels",)

    @get(
        permission=Permission.CHANNELS_READ,
        summary="List channels",
        description="The connected numbers of the project, newest first. Their secrets are never shown.",
        response_description="One page of channels.",
    )
    async def list_channels(
        self,
        read_scope: NamedDependency[TenantScope],
        accounts: FromDishka[ChannelAccounts],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
        options: NamedDependency[WebOptions],
    ) -> PageOut[ChannelOut]:
        async with transaction(read_scope):
            found = await accounts.page(read_scope, **page_request.arguments)
        return page_request.respond(found, lambda account: _channel_out(account, options))

    @post(
        permission=Permission.CHANNELS_CREATE,
        secret_fields=("verifyToken",),
        summary="Connect a channel",
        description=getdoc(ConnectNumber),
        response_description="The channel, with what to paste at the provider.",
        responses=problems(404, 409, 422, NumberRefused, UnknownChannel),
    )
    async def connect_channel(
        self,
        data: JSONBody[ChannelIn],
        project: NamedDependency[Project],
        connect: FromDishka[ConnectNumber],
        options: NamedDependency[WebOptions],
    ) -> ChannelOut:
        new = NewNumber(
            kind=data.kind,
            external_id=data.external_id,
            provider_account=data.provider_account,
            secrets=ChannelSecrets(data.signing_secret, data.access_secret),
            agent_id=data.agent_id,
        )
        return _channel_out(await connect(project.owner, new), options)

    @get(
        "/{channel_id:uuid}",
        permission=Permission.CHANNELS_READ,
        summary="Get a channel",
        description="A connected number and its state.",
        response_description="The channel.",
    )
    async def get_channel(
        self,
        channel_id: FromPath[UUID],
        read_scope: NamedDependency[TenantScope],
        accounts: FromDishka[ChannelAccounts],
        transaction: FromDishka[Transaction],
        options: NamedDependency[WebOptions],
    ) -> ChannelOut:
        async with transaction(read_scope):
            return _channel_out(await connected(accounts, read_scope, channel_id), options)

    @put(
        "/{channel_id:uuid}",
        permission=Permission.CHANNELS_UPDATE,
        secret_fields=("verifyToken",),
        summary="Update a channel",
        description=getdoc(ChangeChannel),
        response_description="The updated channel.",
        responses=problems(404, 422, NumberRefused),
    )
    async def update_channel(
        self,
        channel_id: FromPath[UUID],
        data: JSONBody[ChannelChangeIn],
        project: NamedDependency[Project],
        change: FromDishka[ChangeChannel],
        options: NamedDependency[WebOptions],
    ) -> ChannelOut:
        changed = await change(
            project.owner.scope,
            channel_id,
            active=None if data.is_active is UNSET else data.is_active,
            agent_id=data.agent_id or None,
            default_agent=data.agent_id is None,
            signing=data.signing_secret or None,
            access=data.access_secret or None,
        )
        return _channel_out(changed, options)

    @post(
        "/{channel_id:uuid}/check",
        status_code=200,
        permission=Permission.CHANNELS_UPDATE,
        secret_fields=("verifyToken",),
        summary="Check a channel",
        description=getdoc(CheckChannel),
        response_description="The channel, with what the provider says.",
        responses=problems(404),
    )
    async def check_channel(
        self,
        channel_id: FromPath[UUID],
        project: NamedDependency[Project],
        check: FromDishka[CheckChannel],
        options: NamedDependency[WebOptions],
    ) -> ChannelOut:
        return _channel_out(await check(project.owner.scope, channel_id), options)

    @delete(
        "/{channel_id:uuid}",
        permission=Permission.CHANNELS_DELETE,
        summary="Disconnect a channel",
        description=getdoc(DisconnectChannel),
        response_description="The number is disconnected.",
        responses=problems(404),
    )
    async def disconnect_channel(
        self, channel_id: FromPath[UUID], project: NamedDependency[Project], disconnect: FromDishka[DisconnectChannel]
    ) -> None:
        await disconnect(project.owner.scope, channel_id)


def _channel_out(account: ChannelAccount, options: WebOptions) -> ChannelOut:
    webhook = options.webhooks.get(account.kind)
    token = webhook.verify_token(account.id) if webhook and webhook.verify_token else None
    return ChannelOut.of(account, webhook_url=webhook.url if webhook else None, verify_token=token)
