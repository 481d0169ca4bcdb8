"""Features of projects over HTTP."""

from inspect import getdoc
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, delete, get, put
from litestar.params import FromPath, JSONBody, PathParameter

from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import NotFound, Transaction
from atende.core.tenancy.features import PutFeature, RemoveFeature
from atende.core.tenancy.model import Feature, ProjectStatus
from atende.core.tenancy.ports import Features
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.tenancy.projects_wire import FeatureIn, FeatureOut
from atende.inbound.http.errors import problems
from atende.inbound.http.security.resource_scope import PermissionTarget, path_project, path_scope
from atende.inbound.http.wire.structs import ListOut

CallerRequest = Request[Principal, Any, Any]
Key = Annotated[str, PathParameter(min_length=1, max_length=100, pattern="^[a-z][a-z0-9_.-]*$")]


class FeaturesController(ApiController):
    """Features of a project."""

    path = "/projects/{project_id:uuid}/features"
    tags = ("projects",)

    @get(
        permission=Permission.PROJECTS_READ,
        permission_on=PermissionTarget.PROJECT,
        summary="List a project's features",
        description="Ordered by key. A feature that is not in the list is off.",
        response_description="All features of the project.",
    )
    async def list_project_features(
        self,
        project_id: FromPath[UUID],
        request: CallerRequest,
        features: FromDishka[Features],
        transaction: FromDishka[Transaction],
    ) -> ListOut[FeatureOut]:
        return ListOut(data=[FeatureOut.of(one) for one in await _all(request, features, transaction)])

    @get(
        "/{key:str}",
        permission=Permission.PROJECTS_READ,
        permission_on=PermissionTarget.PROJECT,
        summary="Get a feature of a project",
        description="Whether it is on, and its configuration.",
        response_description="The feature.",
    )
    async def get_project_feature(
        self,
        project_id: FromPath[UUID],
        key: Key,
        request: CallerRequest,
        features: FromDishka[Features],
        transaction: FromDishka[Transaction],
    ) -> FeatureOut:
        found = next((one for one in await _all(request, features, transaction) if one.key == key), None)
        if found is None:
            raise NotFound("no such feature")
        return FeatureOut.of(found)

    @put(
        "/{key:str}",
        permission=Permission.PROJECTS_UPDATE,
        permission_on=PermissionTarget.PROJECT,
        summary="Set a feature of a project",
        description=getdoc(PutFeature),
        response_description="The feature as it is now.",
        responses=problems(409, 422),
    )
    async def set_project_feature(
        self,
        project_id: FromPath[UUID],
        key: Key,
        request: CallerRequest,
        data: JSONBody[FeatureIn],
        put_one: FromDishka[PutFeature],
    ) -> FeatureOut:
        return FeatureOut.of(await put_one(path_scope(request), key, enabled=data.enabled, config=data.config))

    @delete(
        "/{key:str}",
        permission=Permission.PROJECTS_UPDATE,
        permission_on=PermissionTarget.PROJECT,
        summary="Delete a feature of a project",
        description=getdoc(RemoveFeature),
        response_description="The feature is deleted, and off.",
        responses=problems(409),
    )
    async def delete_project_feature(
        self, project_id: FromPath[UUID], key: Key, request: CallerRequest, remove: FromDishka[RemoveFeature]
    ) -> None:
        await remove(path_scope(request), key)


async def _all(request: CallerRequest, features: Features, transaction: Transaction) -> list[Feature]:
    """Raises NotFound for a deleted project."""
    if path_project(request).status is ProjectStatus.DELETED:
        raise NotFound("no such project")
    async with transaction(path_scope(request)):
        return await features.all(path_scope(request))
