"""Projects over HTTP."""

from inspect import getdoc
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from atende.core.identity.members.act_in import ActIn
from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import NotAllowed, NotFound, TenantScope, Transaction, personal
from atende.core.tenancy.change_project import (
    ConfigureProject,
    DeleteProject,
    MakeDefaultProject,
    RestoreProject,
    SwitchProject,
    UpdateProject,
)
from atende.core.tenancy.create_project import CreateProject, NewProject
from atende.core.tenancy.model import PayerSuspended, ProjectStatus, SlugTaken
from atende.core.tenancy.plans import PlanLimitReached
from atende.core.tenancy.ports import Projects
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.tenancy.projects_wire import (
    NewProjectIn,
    ProjectIn,
    ProjectOut,
    SettableStatus,
    StatusIn,
    project_out,
)
from atende.inbound.http.errors import problems
from atende.inbound.http.security.resource_scope import PermissionTarget, path_project, path_scope
from atende.inbound.http.wire.pages import PageOut, PageRequest

CallerRequest = Request[Principal, Any, Any]


class ProjectsController(ApiController):
    """Projects."""

    path = "/projects"
    tags = ("projects",)

    @get(
        permission=Permission.PROJECTS_READ,
        permission_on=PermissionTarget.ANY_ORGANIZATION,
        summary="List projects",
        description="Oldest first, from every organization that the caller is a member of. API keys get the projects"
        " of their organization, or the one project that they are bound to.",
        response_description="One page of projects.",
    )
    async def list_projects(
        self,
        request: CallerRequest,
        act_in: FromDishka[ActIn],
        projects: FromDishka[Projects],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
        organization_id: Annotated[
            UUID | None, QueryParameter(name="organizationId", description="Only projects of this organization.")
        ] = None,
    ) -> PageOut[ProjectOut]:
        caller = request.user
        if organization_id is not None:
            caller = await act_in.organization(caller, organization_id)
            caller.require(Permission.PROJECTS_READ)
        whole = organization_id is not None or caller.user_id is None
        scope = TenantScope(caller.organization_id) if whole else personal(caller.user_id)  # type: ignore[arg-type]
        async with transaction(scope):
            if caller.bound:
                found = page_request.slice([await projects.get(scope, caller.project_id)], lambda one: str(one.id))
            else:
                found = await projects.page(scope, **page_request.arguments)
        return page_request.respond(found, project_out)

    @post(
        permission=Permission.PROJECTS_CREATE,
        permission_on=PermissionTarget.ANY_ORGANIZATION,
        summary="Create a project",
        description=getdoc(CreateProject),
        response_description="The new project.",
        responses=problems(409, 422, SlugTaken, PlanLimitReached, PayerSuspended),
    )
    async def create_project(
        self,
        request: CallerRequest,
        data: JSONBody[NewProjectIn],
        act_in: FromDishka[ActIn],
        create: FromDishka[CreateProject],
    ) -> ProjectOut:
        caller = await act_in.chosen(request.user, data.organization_id)
        caller.require(Permission.PROJECTS_CREATE)
        new = NewProject(
            name=data.name,
            tenant_id=data.tenant_id,
            description=data.description,
            language=data.language,
            session_timeout_seconds=data.session_timeout_minutes * 60,
            configuration=data.configuration,
        )
        return project_out(await create(caller.scope, new, made_by=caller.maker))

    @get(
        "/{project_id:uuid}",
        permission=Permission.PROJECTS_READ,
        permission_on=PermissionTarget.PROJECT,
        summary="Get a project",
        description="Its settings and its status.",
        response_description="The project.",
    )
    async def get_project(self, project_id: FromPath[UUID], request: CallerRequest) -> ProjectOut:
        project = path_project(request)
        if project.status is ProjectStatus.DELETED:
            raise NotFound("no such project")
        return project_out(project)

    @put(
        "/{project_id:uuid}",
        permission=Permission.PROJECTS_UPDATE,
        permission_on=PermissionTarget.PROJECT,
        summary="Update a project",
        description=getdoc(UpdateProject),
        response_description="The updated project.",
        responses=problems(409, 422),
    )
    async def update_project(
        self,
        project_id: FromPath[UUID],
        request: CallerRequest,
        data: JSONBody[ProjectIn],
        update: FromDishka[UpdateProject],
    ) -> ProjectOut:
        minutes = data.session_timeout_minutes
        changed = await update(
            path_scope(request),
            name=data.name,
            description=data.description,
            language=data.language,
            session_timeout_seconds=None if minutes is None else minutes * 60,
        )
        return project_out(changed)

    @delete(
        "/{project_id:uuid}",
        permission=Permission.PROJECTS_DELETE,
        permission_on=PermissionTarget.PROJECT,
        summary="Delete a project",
        description=getdoc(DeleteProject),
        response_description="The project is closed and will be removed.",
        responses=problems(409),
    )
    async def delete_project(
        self, project_id: FromPath[UUID], request: CallerRequest, delete_one: FromDishka[DeleteProject]
    ) -> None:
        await delete_one(path_scope(request))

    @post(
        "/{project_id:uuid}/restore",
        status_code=200,
        permission=Permission.PROJECTS_DELETE,
        permission_on=PermissionTarget.PROJECT,
        summary="Restore a deleted project",
        description=getdoc(RestoreProject),
        response_description="The restored project.",
        responses=problems(409, PlanLimitReached, PayerSuspended),
    )
    async def restore_project(
        self, project_id: FromPath[UUID], request: CallerRequest, restore: FromDishka[RestoreProject]
    ) -> ProjectOut:
        return project_out(await restore(path_scope(request)))

    @post(
        "/{project_id:uuid}/default",
        status_code=200,
        permission=Permission.PROJECTS_UPDATE,
        permission_on=PermissionTarget.PROJECT,
        summary="Set the default project",
        description=getdoc(MakeDefaultProject),
        response_description="The project, which is the default one now.",
        responses=problems(409),
    )
    async def set_default_project(
        self, project_id: FromPath[UUID], request: CallerRequest, make: FromDishka[MakeDefaultProject]
    ) -> ProjectOut:
        if request.user.bound:  # else what others write without naming a project would come to it
            raise NotAllowed("this API key is for one project: it cannot set the default project")
        return project_out(await make(path_scope(request)))

    @put(
        "/{project_id:uuid}/status",
        permission=Permission.PROJECTS_UPDATE,
        permission_on=PermissionTarget.PROJECT,
        summary="Activate or deactivate a project",
        description=getdoc(SwitchProject),
        response_description="The project with its new status.",
        responses=problems(409),
    )
    async def set_project_status(
        self,
        project_id: FromPath[UUID],
        request: CallerRequest,
        data: JSONBody[StatusIn],
        switch: FromDishka[SwitchProject],
    ) -> ProjectOut:
        return project_out(await switch(path_scope(request), on=data.status is SettableStatus.ACTIVE))

    @put(
        "/{project_id:uuid}/configuration",
        permission=Permission.PROJECTS_UPDATE,
        permission_on=PermissionTarget.PROJECT,
        summary="Replace a project's configuration",
        description=getdoc(ConfigureProject),
        response_description="The project with its new configuration.",
        responses=problems(409, 422),
    )
    async def replace_project_configuration(
        self,
        project_id: FromPath[UUID],
        request: CallerRequest,
        data: JSONBody[dict[str, Any]],
        configure: FromDishka[ConfigureProject],
    ) -> ProjectOut:
        return project_out(await configure(path_scope(request), data))
