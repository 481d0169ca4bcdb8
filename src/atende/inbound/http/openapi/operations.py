"""What the OpenAPI says of one operation beside its summary: who may call it, the parts of its address, examples."""

from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from litestar import Response
from litestar.enums import ParamType
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import BaseSchemaObject, OpenAPIMediaType, OpenAPIResponse, Operation, Parameter, RequestBody

from atende.core.identity.permissions import PLATFORM, Permission
from atende.inbound.http.openapi.examples import example_of
from atende.inbound.http.openapi.idempotency import add_idempotency_key
from atende.inbound.http.security.resource_scope import PermissionTarget

PATH_PARAMETERS = {
    "account_id": "Id of a billing account.",
    "channel_id": "Id of a channel.",
    "conversation_id": "Id of a conversation.",
    "document_id": "Id of a document.",
    "invitation_id": "Id of an invitation of this organization.",
    "job_id": "Number of a failed job, as in the list of dead letters.",
    "key": "Name of a feature.",
    "key_id": "Id of an API key (not the key itself).",
    "message_id": "Id of a message.",
    "organization_id": "Id of an organization.",
    "project_id": "Id of a project.",
    "provider": "The AI provider that the key is for.",
    "query_id": "Id of a question: `queryId` of its answer.",
    "session_id": "Id of a session of the caller.",
    "slug": "Slug of a plan, as in the list of plans.",
    "user_id": "Id of a user.",
}
_ON_TARGET = {
    PermissionTarget.ORGANIZATION: "Needs the permission `{}` in the organization.",
    PermissionTarget.MEMBER: "Needs the permission `{}` in the organization, unless callers remove themselves.",
    PermissionTarget.PROJECT: "Needs the permission `{}` in the organization of the project.",
    PermissionTarget.USER: "Needs the permission `{}`, unless callers name themselves.",
    PermissionTarget.ANY_ORGANIZATION: "Needs the permission `{}` in the organizations that it concerns.",
    PermissionTarget.ANY_CALLER: "Every user and every API key may call it.",
}
_METRICS = "# HELP atende_jobs_dead Jobs that failed for good.\n# TYPE atende_jobs_dead gauge\natende_jobs_dead 0.0\n"


@dataclass
class _JsonValue(BaseSchemaObject):
    """Stands in the document as it is. The framework would leave out every null."""

    value: Any

    def to_schema(self) -> Any:
        return self.value


@dataclass
class DocumentedOperation(Operation):
    """Describes the parameters in the path."""

    def __post_init__(self) -> None:
        for parameter in self.parameters or ():
            if isinstance(parameter, Parameter) and parameter.param_in == ParamType.PATH and not parameter.description:
                parameter.description = PATH_PARAMETERS.get(parameter.name)


def document_operation(handler: HTTPRouteHandler, permission: Permission | None) -> None:
    """Completes what the OpenAPI says of the handler; `permission`: None for a public one."""
    if permission is None:
        handler.security = [{}]
    handler.description = f"{handler.description}\n\n{_access(handler, permission)}"

    class HandlerOperation(DocumentedOperation):
        def __post_init__(self) -> None:
            super().__post_init__()
            _add_examples(self, handler)
            add_idempotency_key(self, handler)

    handler.operation_class = HandlerOperation


def _access(handler: HTTPRouteHandler, permission: Permission | None) -> str:
    if permission is None:
        return "No credentials are needed."
    if permission is Permission.SELF:
        return "For users who are signed in; API keys are refused."
    if permission in PLATFORM:
        return f"For operators of the installation: needs the permission `{permission}`."
    return _ON_TARGET.get(handler.opt.get("permission_on"), "Needs the permission `{}`.").format(permission)  # type: ignore[arg-type]


def _add_examples(operation: Operation, handler: HTTPRouteHandler) -> None:
    body = handler.parsed_fn_signature.parameters.get("data")
    if body is not None and isinstance(operation.request_body, RequestBody):
        _set_example(operation.request_body.content, _without_none(body.annotation))
    for status, response in (operation.responses or {}).items():
        if status < "300" and isinstance(response, OpenAPIResponse) and response.content:
            declared = (handler.responses or {}).get(int(status))
            kind = declared.data_container if declared else handler.parsed_fn_signature.return_type.annotation
            _set_example(response.content, _content_type(kind))


def _set_example(content: dict[str, OpenAPIMediaType], kind: Any) -> None:
    for name, media_type in content.items():
        content[name] = replace(media_type, example=_JsonValue(_METRICS if kind is bytes else example_of(kind)))


def _content_type(annotation: Any) -> Any:
    """What a Response holds."""
    origin = get_origin(annotation)
    if isinstance(origin, type) and issubclass(origin, Response):
        return get_args(annotation)[0]
    return annotation


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in {Union, UnionType}:
        return annotation
    return next(one for one in get_args(annotation) if one is not NoneType)
