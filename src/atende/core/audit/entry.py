"""Turning an event into the record that is stored."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from atende.core.audit.model import AuditStatus, Event, Origin, Record, redacted, without_credentials
from atende.core.kernel import ALL_TENANTS, TenantScope

LONGEST_VALUE = 2_000
"""Characters of a text in a record; longer texts are cut."""
PERSONAL = "[personal]"
_PERSONAL_NAMES = frozenset(
    {"email", "billing_email", "phone", "first_name", "last_name", "avatar_url", "contact_address"}
)
"""Records cannot be changed or deleted with a person's data: they state that these fields changed, but not their values."""


def record_of(event: Event, *, origin: Origin, scope: TenantScope, record_id: UUID, at: datetime) -> Record:
    """The record of an event, without secrets and personal data, with its values as plain JSON.

    Only the record of a success has the id of the Idempotency-Key, because a failed call can be repeated with the same key.
    """
    return Record(
        id=record_id,
        organization_id=scope.organization_id,
        tenant_id=None if scope.tenant_id == ALL_TENANTS else scope.tenant_id,
        actor=event.actor or origin.actor,
        action=event.action,
        resource_type=event.resource_type,
        resource_id=_text(event.resource_id, 255),
        description=_text(event.description, LONGEST_VALUE),
        old_values=_values(event.old),
        new_values=_values(event.new),
        ip_address=_text(origin.ip_address, 64),
        user_agent=_text(origin.user_agent, 500),
        request_id=_text(origin.request_id, 100),
        status=event.status,
        error_message=_text(event.error, LONGEST_VALUE),
        created_at=at,
        idempotency_id=origin.idempotency_id if event.status is AuditStatus.SUCCESS else None,
    )


def _values(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else dict(_plain(redacted(_opened(values))))


def _opened(value: Any) -> Any:
    """Turns nested entities into mappings, so that their secrets are recognized by field name."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _opened(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _opened(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_opened(item) for item in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return _text(value, LONGEST_VALUE)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {_text(name, LONGEST_VALUE): _plain(_impersonal(name, item)) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, UUID | Decimal):
        return str(value)
    return _text(str(value), LONGEST_VALUE)


def _impersonal(name: str, value: Any) -> Any:
    return PERSONAL if name in _PERSONAL_NAMES and value else value


def _text(text: str, longest: int) -> str:
    """The text without credentials, NUL and lone surrogates, cut to `longest` characters."""
    clean = without_credentials(text.replace("\0", "").encode("utf-8", "replace").decode())
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"
