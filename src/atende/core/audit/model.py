"""Audit records: who did what. One immutable record per change."""

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
    r"|[0-9a-f]{32}\.[0-9]{1,12}\.[A-Za-z0-9_-]{43}"  # the token of a link in a mail
    r"|(?<![\w-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}"  # an access token, or any other JWT
)
"""The time of a search is linear in the length of the text, whatever its content."""


class ActorKind(StrEnum):
    USER = "user"
    KEY = "key"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a user, an API key, the program itself, or an anonymous caller."""

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
    """Origin of a call. One per request or job; the HTTP layer fills it in, the audit log reads it.

    `idempotency_id` is the id of the caller's Idempotency-Key. At most one record can have it, so that a repeated call cannot take
    effect twice.
    """

    actor: Actor = SYSTEM
    ip_address: str = ""
    user_agent: str = ""
    request_id: str = ""
    idempotency_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What a use case reports: `action` in the form `project.create`, and values before and after. Secrets are removed later."""

    action: str
    resource_type: str
    resource_id: str
    description: str = ""
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None
    status: AuditStatus = AuditStatus.SUCCESS
    error: str = ""
    actor: Actor | None = None
    """Only if it differs from the actor of the Origin, as in a sign-in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A stored event."""

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
    """Conditions for a list of records; None means any value."""

    action: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    actor_id: UUID | None = None
    status: AuditStatus | None = None
    since: datetime | None = None
    until: datetime | None = None


def redacted(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without secrets, at any depth: every value whose name suggests a secret is replaced."""
    return {name: REDACTED if _is_secret(name) else _clean(value) for name, value in values.items()}


def without_credentials(text: str) -> str:
    """The text without anything in the format of our keys and tokens, which clients may send in the wrong place."""
    return _CREDENTIAL.sub(REDACTED, text)


def snapshot(entity: Any, *names: str) -> dict[str, Any]:
    """The named fields of an entity (without names: all fields), for `Event.old` and `Event.new`."""
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
