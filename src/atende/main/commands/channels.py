"""`atende channels`: connecting a number, listing, checking and disconnecting numbers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from atende.main.commands.options import api_key_option, data_dir_option, make_settings, run_now
from atende.main.settings import Settings

_KINDS = click.Choice(["whatsapp", "sms", "twilio_whatsapp"])
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON line for each channel.")


@click.group(short_help="Connect, list, check and disconnect numbers.")
def channels() -> None:
    """Connect numbers to the project, and see how they are. Secrets are never shown."""


@channels.command()
@click.argument("kind", type=_KINDS)
@click.option(
    "--number", required=True, help="WhatsApp: the phone number id. Twilio: the number, such as +551140028922."
)
@click.option("--account", required=True, help="WhatsApp: the id of the business account. Twilio: the AccountSid.")
@click.option("--signing-secret", prompt=True, hide_input=True, help="Meta's app secret, or Twilio's auth token.")
@click.option(
    "--access-secret", prompt=True, hide_input=True, help="The access token, the auth token, or key sid:key secret."
)
@data_dir_option
@api_key_option
@_JSON
def connect(
    *,
    kind: str,
    number: str,
    account: str,
    signing_secret: str,
    access_secret: str,
    data_dir: Path | None,
    api_key: str | None,
    as_json: bool,
) -> None:
    """Connect a number; its provider is asked first. Prints what to paste at the provider."""
    given = (kind, number, account, signing_secret, access_secret)
    run_now(_connect(_settings(data_dir), api_key, given, as_json=as_json))


@channels.command(name="list")
@data_dir_option
@api_key_option
@_JSON
def list_them(*, data_dir: Path | None, api_key: str | None, as_json: bool) -> None:
    """List the connected numbers."""
    run_now(_list(_settings(data_dir), api_key, as_json=as_json))


@channels.command()
@click.argument("channel", type=click.UUID)
@data_dir_option
@api_key_option
@_JSON
def check(*, channel: UUID, data_dir: Path | None, api_key: str | None, as_json: bool) -> None:
    """Ask the provider whether a number is still connected."""
    run_now(_check(_settings(data_dir), api_key, channel, as_json=as_json))


@channels.command()
@click.argument("channel", type=click.UUID)
@data_dir_option
@api_key_option
def disconnect(*, channel: UUID, data_dir: Path | None, api_key: str | None) -> None:
    """Disconnect a number for good; its conversations stay."""
    run_now(_disconnect(_settings(data_dir), api_key, channel))


def _settings(data_dir: Path | None) -> Settings:
    return make_settings(data_dir=data_dir, log_level="error")


@asynccontextmanager
async def _project(settings: Settings, api_key: str | None) -> "AsyncIterator[tuple[Any, Any]]":
    """A scope of the container, and whose numbers these are."""
    from atende.core.kernel import NotFound
    from atende.main.commands.first_tenant import NO_TENANT, project_of, remembered_tenant
    from atende.main.commands.installation import installation

    if api_key is None and remembered_tenant(settings) is None:
        raise NotFound(NO_TENANT)  # before anything is made
    async with installation(settings) as container:
        project = await project_of(container, settings, api_key)
        async with container() as scope:
            yield scope, project.owner


async def _connect(settings: Settings, api_key: str | None, given: tuple[str, ...], *, as_json: bool) -> None:
    from atende.core.conversation.channel import ChannelSecrets
    from atende.core.conversation.manage_channels import ConnectNumber, NewNumber

    kind, number, account, signing, access = given
    new = NewNumber(kind=kind, external_id=number, provider_account=account, secrets=ChannelSecrets(signing, access))
    async with _project(settings, api_key) as (scope, owner):
        _show(await scope.get(Settings), await (await scope.get(ConnectNumber))(owner, new), as_json=as_json)


async def _list(settings: Settings, api_key: str | None, *, as_json: bool) -> None:
    from atende.core.conversation.ports import ChannelAccounts
    from atende.core.kernel import Transaction

    async with _project(settings, api_key) as (scope, owner):
        accounts, transaction = await scope.get(ChannelAccounts), await scope.get(Transaction)
        async with transaction(owner.scope):
            found = await accounts.page(owner.scope, page=1, limit=_MOST)
        own = await scope.get(Settings)
    for account in found.data:
        _show(own, account, as_json=as_json)


async def _check(settings: Settings, api_key: str | None, channel: UUID, *, as_json: bool) -> None:
    from atende.core.conversation.manage_channels import CheckChannel

    async with _project(settings, api_key) as (scope, owner):
        _show(await scope.get(Settings), await (await scope.get(CheckChannel))(owner.scope, channel), as_json=as_json)


async def _disconnect(settings: Settings, api_key: str | None, channel: UUID) -> None:
    from atende.core.conversation.manage_channels import DisconnectChannel

    async with _project(settings, api_key) as (scope, owner):
        await (await scope.get(DisconnectChannel))(owner.scope, channel)


_MOST = 100
_SHOWN = {
    "id": "id",
    "kind": "kind",
    "externalId": "external_id",
    "address": "address",
    "name": "name",
    "isActive": "is_active",
    "connection": "connection",
    "connectionError": "connection_error",
    "quality": "quality",
}


def _show(settings: Settings, account: Any, *, as_json: bool) -> None:
    from atende.inbound.http.webhooks.endpoint import webhooks_of
    from atende.main.providers.channels import CHANNELS

    endpoints = [endpoint for vendor in CHANNELS for endpoint in vendor.endpoints(settings)]
    webhook = webhooks_of(endpoints, settings.public_url).get(account.kind)
    shown = {name: getattr(account, own) for name, own in _SHOWN.items()}
    if webhook is not None:
        shown["webhookUrl"] = webhook.url
        shown["verifyToken"] = webhook.verify_token(account.id) if webhook.verify_token else None
    if as_json:
        print(json.dumps(shown, ensure_ascii=False, default=str))
        return
    for name, value in shown.items():
        if value is not None:
            print(f"  {name:16} {value}")
    print()
