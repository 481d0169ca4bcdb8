"""Tokens that need no storage: links in mail, and refresh tokens. The state that they are bound to makes them single-use."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from atende.core.identity.model import Invitation, LinkNotValid, Session, User
from atende.core.kernel import Unauthenticated

_LINK = re.compile(r"([0-9a-f]{32})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")
_REFRESH = re.compile(r"rt_([0-9a-f]{32})_([0-9]{1,9})_([A-Za-z0-9_-]{43})")


class Purpose(StrEnum):
    VERIFY_EMAIL = "verify-email"
    RESET_PASSWORD = "reset-password"  # noqa: S105
    INVITATION = "invitation"
    DEVICE = "device"
    """No link: what a device keeps of an earlier sign-in."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it was shown to us; nothing of it is believed before `Links.check`."""

    subject: UUID
    expires: int
    mac: str


@dataclass(frozen=True, slots=True)
class Links:
    """`keys`: the newest first; the others still open what they made."""

    keys: tuple[bytes, ...] = field(repr=False)

    def make(self, purpose: Purpose, subject: UUID, *, state: str, expires_at: datetime) -> str:
        """A token for this subject in this state: once the state changes, it is void."""
        expires = int(expires_at.timestamp())
        return f"{subject.hex}.{expires}.{_mac(self.keys[0], purpose, subject.hex, str(expires), state)}"

    def read(self, token: str) -> Link:
        """Raises LinkNotValid for what is no token at all."""
        found = _LINK.fullmatch(token)
        if found is None:
            raise LinkNotValid
        return Link(UUID(found[1]), int(found[2]), found[3])

    def check(self, link: Link, purpose: Purpose, *, state: str, now: datetime) -> None:
        """Raises LinkNotValid unless we made it for this purpose, its subject is still in this state, and it is young enough."""
        parts = (purpose, link.subject.hex, str(link.expires), state)
        made_by_us = [hmac.compare_digest(link.mac, _mac(key, *parts)) for key in self.keys]
        if not any(made_by_us) or now >= datetime.fromtimestamp(link.expires, UTC):
            raise LinkNotValid


@dataclass(frozen=True, slots=True)
class RefreshTokens:
    """`rt_{session}_{generation}_{mac}`: the same generation is always the same text, so that a lost answer can be given again."""

    keys: tuple[bytes, ...] = field(repr=False)

    def make(self, session: Session) -> str:
        number = str(session.generation)
        return f"rt_{session.id.hex}_{number}_{_mac(self.keys[0], 'refresh', session.id.hex, number)}"

    def read(self, token: str) -> tuple[UUID, int]:
        """Session and generation. Raises Unauthenticated for what we did not make."""
        found = _REFRESH.fullmatch(token)
        if found is None:
            raise Unauthenticated("this is not a refresh token of ours")
        made_by_us = [hmac.compare_digest(found[3], _mac(key, "refresh", found[1], found[2])) for key in self.keys]
        if not any(made_by_us):
            raise Unauthenticated("this is not a refresh token of ours")
        return UUID(found[1]), int(found[2])


def state_for(purpose: Purpose, user: User) -> str:
    """What a link to this person is bound to: a confirmed address or a changed password makes it void."""
    if purpose is Purpose.VERIFY_EMAIL:
        return f"{user.email}|{user.email_verified_at is None}"
    return f"{user.email}|{user.session_version}|{user.password_hash or ''}"


def invitation_state(invitation: Invitation) -> str:
    """What the link of an invitation is bound to: only the newest one works, and only while it is pending."""
    return f"{invitation.email}|{invitation.sent}|{invitation.status}"


def _mac(key: bytes, *parts: str) -> str:
    """43 characters; each part goes in with its length, so that no two lists of parts are the same text."""
    text = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return urlsafe_b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode().rstrip("=")
