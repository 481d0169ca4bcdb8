"""What the audit log learns at the door: who acts, and on request who read what."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from atende.core.audit.model import Event, Origin
from atende.core.audit.ports import AuditLog
from atende.core.identity.permissions import PLATFORM, Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import Transaction, personal


def audited(*, reads: bool) -> Guard:
    """The guard behind `authorize`. With `reads` every GET of a known caller leaves a record; those of operators always do."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        principal = connection.scope.get("user")
        if not isinstance(principal, Principal):
            return
        container = connection.state.dishka_container
        (await container.get(Origin)).actor = principal.actor
        permission = handler.opt.get("permission")
        if connection.scope.get("method") != "GET" or not isinstance(permission, Permission):
            return
        as_operator = permission in PLATFORM and principal.user_id is not None
        if reads or as_operator:
            scope = personal(principal.user_id) if as_operator and principal.user_id else principal.scope
            transaction, audit = await container.get(Transaction), await container.get(AuditLog)
            async with transaction(scope):
                await audit.add(scope, _read(connection, permission))

    return guard


def _read(connection: ASGIConnection[Any, Any, Any, Any], permission: Permission) -> Event:
    """The path alone: a query string may hold what somebody searched for."""
    found = [str(value) for value in connection.scope.get("path_params", {}).values()]
    return Event(
        action=f"{permission.resource}.read",
        resource_type=permission.resource,
        resource_id=found[-1] if found else "",
        description=f"GET {connection.scope['path']}",
    )
