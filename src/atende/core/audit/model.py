"""What was done, by whom: one record for each change, never altered afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

REDACTED = "[redacted]"
_SECRET_WORDS = (
    "password",
    "secret",
    "token",
    "apikey",
    "api_key",
    "authorization",
    "credential",
    "cipher",
    "sealed",
    "hash",
)


class ActorKind(StrEnum):
    USER = "user"
    KEY = "key"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, an API key, the program itself, or somebody we do not know."""

    kind: ActorKind
    id: UUID | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)


SYSTEM = Actor(ActorKind.SYSTEM)
ANONYMOUS = Actor(ActorKind.ANONYMOUS)


class Status(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(slots=True, kw_only=True)
class Origin:
    """Where a call came from. One per request or job; the edge fills it in, the audit log reads it.

    `idempotency_id`: of the caller's Idempotency-Key; at most one record may ever carry it, so that a repeated call cannot take
    effect a second time.
    """

    actor: Actor = SYSTEM
    ip_address: str = ""
    user_agent: str = ""
    request_id: str = ""
    idempotency_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a use case says of itself: `action` in the form `project.create`, and what changed. Secrets are taken out later."""

    action: str
    resource_type: str
    resource_id: str
    description: str = ""
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None
    status: Status = Status.SUCCESS
    error: str = ""
    actor: Actor | None = None
    """Only where the use case knows better than the edge, as a login does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An event as it was stored."""

    id: UUID
    organization_id: UUID
    tenant_id: str | None
    actor: Actor
    action: str
    resource_type: str
    resource_id: str
    description: str
    old_values: dict[str, Any] | None
    new_values: dict[str, Any] | None
    ip_address: str
    user_agent: str
    request_id: str
    status: Status
    error_message: str
    created_at: datetime
    idempotency_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which records a list shows; None does not narrow."""

    action: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    actor_id: UUID | None = None
    status: Status | None = None
    since: datetime | None = None
    until: datetime | None = None


def redacted(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without secrets, at any depth: what is named like one is replaced whole."""
    return {name: REDACTED if _is_secret(name) else _clean(value) for name, value in values.items()}


def snapshot(entity: Any, *names: str) -> dict[str, Any]:
    """The named fields of an entity (all without names), for `Event.old` and `Event.new`."""
    assert is_dataclass(entity)
    wanted = names or tuple(field.name for field in fields(entity))
    return {name: getattr(entity, name) for name in wanted}


def _is_secret(name: str) -> bool:
    plain = name.lower().replace("-", "_")
    return any(word in plain for word in _SECRET_WORDS)


def _clean(value: Any) -> Any:
    if isinstance(value, Mapping):
        return redacted({str(name): item for name, item in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    return REDACTED if isinstance(value, bytes | bytearray) else value
