"""The organization's own keys at AI providers over HTTP. They can be written, but not read."""

from datetime import datetime
from inspect import getdoc
from typing import Annotated, Any

from dishka import FromDishka
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from atende.core.identity.keys.manage_provider_keys import (
    ProviderKeyChanged,
    PutProviderKey,
    RemoveProviderKey,
    ValidateProviderKey,
)
from atende.core.identity.keys.ports import ProviderKeys
from atende.core.identity.keys.provider_keys import (
    LONGEST,
    SHORTEST,
    AiProvider,
    ProviderKeyRefused,
    ProviderNotAvailable,
    ProviderSecret,
)
from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import Transaction
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.errors import problems
from atende.inbound.http.wire.pages import PageOut, PageRequest
from atende.inbound.http.wire.structs import In, Out


class ProviderKeyIn(In):
    """With `isActive` false, the key is stored but not used."""

    api_key: Annotated[
        str, Meta(min_length=SHORTEST, max_length=LONGEST + 64, description="The key. No response shows it.")
    ]
    is_active: bool = True


class ProviderKeyOut(Out):
    """`keyHint` is the only part of the key that is shown. `isValid`: the provider has not refused the key."""

    provider: AiProvider
    key_hint: str
    is_active: bool
    is_valid: bool
    last_validated_at: datetime | None
    validation_error: str | None
    last_used_at: datetime | None
    total_requests: int
    created_at: datetime
    updated_at: datetime


class ValidationOut(ProviderKeyOut):
    """`models`: those that the provider offers for this key, where it lists any."""

    models: list[str]


class ProviderKeysController(ApiController):
    """Keys of the organization at AI providers."""

    path = "/provider-keys"
    tags = ("provider-keys",)

    @get(
        permission=Permission.KEYS_READ,
        summary="List provider keys",
        description="The providers that the organization has its own keys for. The keys themselves are never shown.",
        response_description="One page of provider keys, ordered by provider.",
    )
    async def list_provider_keys(
        self,
        request: Request[Principal, Any, Any],
        keys: FromDishka[ProviderKeys],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
    ) -> PageOut[ProviderKeyOut]:
        scope = request.user.scope
        async with transaction(scope):
            found = await keys.page(scope, **page_request.arguments)
        return page_request.respond(found, ProviderKeyOut.of)

    @put(
        "/{provider:str}",
        permission=Permission.KEYS_UPDATE,
        summary="Set a provider key",
        description=getdoc(PutProviderKey),
        response_description="The stored key, without the key itself.",
        responses=problems(409, 422, ProviderKeyRefused),
    )
    async def set_provider_key(
        self,
        request: Request[Principal, Any, Any],
        provider: FromPath[AiProvider],
        data: JSONBody[ProviderKeyIn],
        put_key: FromDishka[PutProviderKey],
    ) -> ProviderKeyOut:
        secret = ProviderSecret(data.api_key.strip())
        return ProviderKeyOut.of(await put_key(request.user, provider, secret, is_active=data.is_active))

    @post(
        "/{provider:str}/validate",
        permission=Permission.KEYS_UPDATE,
        status_code=200,
        summary="Validate a provider key",
        description=getdoc(ValidateProviderKey),
        response_description="What the provider says about the key.",
        responses=problems(409, 422, ProviderKeyChanged, ProviderNotAvailable),
    )
    async def validate_provider_key(
        self,
        request: Request[Principal, Any, Any],
        provider: FromPath[AiProvider],
        validate: FromDishka[ValidateProviderKey],
    ) -> ValidationOut:
        key, verdict = await validate(request.user, provider)
        return ValidationOut.of(key, models=list(verdict.models))

    @delete(
        "/{provider:str}",
        permission=Permission.KEYS_DELETE,
        summary="Delete a provider key",
        description=getdoc(RemoveProviderKey),
        response_description="The key is deleted.",
    )
    async def delete_provider_key(
        self,
        request: Request[Principal, Any, Any],
        provider: FromPath[AiProvider],
        remove: FromDishka[RemoveProviderKey],
    ) -> None:
        await remove(request.user, provider)
