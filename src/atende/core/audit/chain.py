"""The hash chain of audit records: each seal is a hash of its record and of the seal before it."""

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from atende.core.audit.model import Actor, Record

FIRST = bytes(32)
"""The previous hash of the first seal."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last seal of a chain: its number and hash."""

    seq: int
    hash: bytes


START = Head(0, FIRST)


@dataclass(frozen=True, slots=True)
class Tail:
    """The records without a seal: their number, and the time of the oldest."""

    count: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Number `seq` (from 1) of an organization's chain."""

    organization_id: UUID
    seq: int
    record_id: UUID
    hash: bytes


def seal(record: Record, head: Head) -> Seal:
    """The next seal of the chain that ends at `head`."""
    return Seal(
        organization_id=record.organization_id,
        seq=head.seq + 1,
        record_id=record.id,
        hash=link(record, head),
    )


def link(record: Record, head: Head) -> bytes:
    """SHA-256 of the previous hash, the number and the whole record in canonical JSON."""
    body = {field.name: _plain(getattr(record, field.name)) for field in fields(record)}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(head.hash + (head.seq + 1).to_bytes(8, "big") + text.encode()).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Actor | UUID):
        return str(value)
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
