"""API keys over HTTP. Only the responses to creating and rotating a key show it."""

from datetime import datetime
from inspect import getdoc
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType, field

from atende.core.identity.api_key import DEFAULT_SCOPES, PER_MINUTE, ApiKey
from atende.core.identity.keys.issue_api_key import IssueApiKey, Issued
from atende.core.identity.keys.key_terms import UnknownScope
from atende.core.identity.keys.manage_api_keys import KeyChange, RevokeApiKey, RotateApiKey, UpdateApiKey
from atende.core.identity.permissions import Permission
from atende.core.identity.ports import ApiKeys
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, Transaction
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.errors import problems
from atende.inbound.http.wire.pages import PageOut, PageRequest
from atende.inbound.http.wire.structs import In, Out

KeyName = Annotated[str, Meta(min_length=1, max_length=100, description="What the key is for.")]
Scopes = Annotated[
    list[Annotated[str, Meta(max_length=100)]],
    Meta(min_length=1, max_length=100, description="`read`, `write`, `*` or names of permissions."),
]
PerMinute = Annotated[int, Meta(ge=1, le=PER_MINUTE, description="Requests per minute; null: the limit of the plan.")]
PerDay = Annotated[int, Meta(ge=1, le=PER_MINUTE * 1_440, description="Requests per day; null: the limit of the plan.")]
Ending = Annotated[datetime, Meta(tz=True, description="When the key expires; null: never.")]


class ApiKeyIn(In):
    """All fields are optional."""

    example_fields = ("name", "scopes", "expires_at")
    name: KeyName = "API key"
    scopes: Scopes = field(default_factory=lambda: list(DEFAULT_SCOPES))
    project_id: Annotated[UUID, Meta(description="The key works in this project only.")] | None = None
    rate_limit_per_minute: PerMinute | None = None
    rate_limit_per_day: PerDay | None = None
    expires_at: Ending | None = None


class ApiKeyUpdate(In):
    """Fields that are left out stay; null removes a limit or an expiry."""

    example_fields = ("name", "rate_limit_per_minute")
    name: KeyName | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    rate_limit_per_minute: PerMinute | UnsetType | None = UNSET
    rate_limit_per_day: PerDay | UnsetType | None = UNSET
    expires_at: Ending | UnsetType | None = UNSET


class ApiKeyOut(Out):
    """`hint` is the only part of the key that is shown. `isActive`: neither revoked nor expired."""

    id: UUID
    organization_id: UUID
    project_id: UUID | None
    name: str
    prefix: str
    hint: str
    scopes: list[str]
    rate_limit_per_minute: int | None
    rate_limit_per_day: int | None
    is_active: bool
    created_by: UUID | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class NewApiKeyOut(ApiKeyOut):
    """An API key with the key itself, which no other response shows."""

    api_key: str


class ApiKeysController(ApiController):
    """API keys of the organization."""

    path = "/api-keys"
    tags = ("api-keys",)

    @post(
        permission=Permission.KEYS_CREATE,
        secret_fields=("apiKey",),
        summary="Create an API key",
        description=getdoc(IssueApiKey),
        response_description="The API key. This is the only response that shows it.",
        responses=problems(422, UnknownScope),
    )
    async def create_api_key(
        self,
        request: Request[Principal, Any, Any],
        issue: FromDishka[IssueApiKey],
        clock: FromDishka[Clock],
        data: JSONBody[ApiKeyIn | None] = None,
    ) -> NewApiKeyOut:
        given = data or ApiKeyIn()
        issued = await issue(
            request.user.scope,
            name=given.name,
            scopes=given.scopes,
            project_id=given.project_id,
            per_minute=given.rate_limit_per_minute,
            per_day=given.rate_limit_per_day,
            expires_at=given.expires_at,
            by=request.user,
        )
        return _new_key_out(issued, clock.now())

    @get(
        permission=Permission.KEYS_READ,
        summary="List API keys",
        description="Newest first, including revoked ones.",
        response_description="One page of API keys.",
    )
    async def list_api_keys(
        self,
        request: Request[Principal, Any, Any],
        keys: FromDishka[ApiKeys],
        transaction: FromDishka[Transaction],
        clock: FromDishka[Clock],
        page_request: NamedDependency[PageRequest],
    ) -> PageOut[ApiKeyOut]:
        scope = request.user.scope
        async with transaction(scope):
            found = await keys.page(scope, **page_request.arguments)
        now = clock.now()
        return page_request.respond(found, lambda key: _key_out(key, now))

    @get(
        "/{key_id:uuid}",
        permission=Permission.KEYS_READ,
        summary="Get an API key",
        description="Its name, scopes, limits and last use, but not the key itself.",
        response_description="The API key.",
    )
    async def get_api_key(
        self,
        request: Request[Principal, Any, Any],
        key_id: FromPath[UUID],
        keys: FromDishka[ApiKeys],
        transaction: FromDishka[Transaction],
        clock: FromDishka[Clock],
    ) -> ApiKeyOut:
        scope = request.user.scope
        async with transaction(scope):
            key = await keys.get(scope, key_id)
        return _key_out(key, clock.now())

    @put(
        "/{key_id:uuid}",
        permission=Permission.KEYS_UPDATE,
        summary="Update an API key",
        description=getdoc(UpdateApiKey),
        response_description="The updated API key.",
        responses=problems(409, 422, UnknownScope),
    )
    async def update_api_key(
        self,
        request: Request[Principal, Any, Any],
        key_id: FromPath[UUID],
        data: JSONBody[ApiKeyUpdate],
        update: FromDishka[UpdateApiKey],
        clock: FromDishka[Clock],
    ) -> ApiKeyOut:
        return _key_out(await update(request.user, key_id, _change(data)), clock.now())

    @post(
        "/{key_id:uuid}/rotate",
        permission=Permission.KEYS_UPDATE,
        secret_fields=("apiKey",),
        status_code=200,
        summary="Rotate an API key",
        description=getdoc(RotateApiKey),
        response_description="The API key with its new secret. This is the only response that shows it.",
        responses=problems(409),
    )
    async def rotate_api_key(
        self,
        request: Request[Principal, Any, Any],
        key_id: FromPath[UUID],
        rotate: FromDishka[RotateApiKey],
        clock: FromDishka[Clock],
    ) -> NewApiKeyOut:
        return _new_key_out(await rotate(request.user, key_id), clock.now())

    @delete(
        "/{key_id:uuid}",
        permission=Permission.KEYS_DELETE,
        summary="Revoke an API key",
        description=getdoc(RevokeApiKey),
        response_description="The API key is revoked.",
    )
    async def revoke_api_key(
        self, request: Request[Principal, Any, Any], key_id: FromPath[UUID], revoke: FromDishka[RevokeApiKey]
    ) -> None:
        await revoke(request.user, key_id)


def _change(data: ApiKeyUpdate) -> KeyChange:
    given = {
        "name": data.name,
        "scopes": data.scopes,
        "per_minute": data.rate_limit_per_minute,
        "per_day": data.rate_limit_per_day,
        "expires_at": data.expires_at,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not UNSET}
    return KeyChange(wanted=frozenset(changes), **changes)


def _new_key_out(issued: Issued, now: datetime) -> NewApiKeyOut:
    return NewApiKeyOut.of(issued.key, is_active=issued.key.is_live(now), api_key=issued.text)


def _key_out(key: ApiKey, now: datetime) -> ApiKeyOut:
    return ApiKeyOut.of(key, is_active=key.is_live(now))
