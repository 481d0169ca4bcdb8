"""What was done, by whom: one record for each change, never altered afterwards."""

import re
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
_CREDENTIAL = re.compile(
    r"[a-z0-9]{1,9}_[0-9a-f]{32}_[0-9A-Za-z]{32}"  # an API key, whatever its brand
    r"|rt_[0-9a-f]{32}_[0-9]{1,9}_[A-Za-z0-9_-]{43}"  # a refresh token
    r"|[0-9a-f]{32}\.[0-9]{1,12}\.[A-Za-z0-9_-]{43}"  # what a link in a mail names
    r"|(?<![\w-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}"  # an access token, or anybody's JWT
)
"""However a text is made, looking through it takes time by its length alone."""


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


class AuditStatus(StrEnum):
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
    status: AuditStatus = AuditStatus.SUCCESS
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
    status: AuditStatus
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
    status: AuditStatus | None = None
    since: datetime | None = None
    until: datetime | None = None


def redacted(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without secrets, at any depth: what is named like one is replaced whole."""
    return {name: REDACTED if _is_secret(name) else _clean(value) for name, value in values.items()}


def without_credentials(text: str) -> str:
    """The text without what has the form of a key or token of ours: somebody's program may show it where it does not belong."""
    return _CREDENTIAL.sub(REDACTED, text)


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
