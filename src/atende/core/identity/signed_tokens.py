"""Tokens that need no storage: links in mails, and refresh tokens. They depend on a state that their use changes."""

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
    """Not a link: the proof of an earlier sign-in that a device keeps."""


@dataclass(frozen=True, slots=True)
class Link:
    """The parts of a link's token, not verified before `Links.check`."""

    subject: UUID
    expires: int
    mac: str


@dataclass(frozen=True, slots=True)
class Links:
    """`keys`: newest first. The first one signs; all of them verify."""

    keys: tuple[bytes, ...] = field(repr=False)

    def make(self, purpose: Purpose, subject: UUID, *, state: str, expires_at: datetime) -> str:
        """A token for this subject that is valid until the state changes or the time is over."""
        expires = int(expires_at.timestamp())
        return f"{subject.hex}.{expires}.{_mac(self.keys[0], purpose, subject.hex, str(expires), state)}"

    def read(self, token: str) -> Link:
        """Raises LinkNotValid if it does not have the format of a token."""
        found = _LINK.fullmatch(token)
        if found is None:
            raise LinkNotValid
        return Link(UUID(found[1]), int(found[2]), found[3])

    def check(self, link: Link, purpose: Purpose, *, state: str, now: datetime) -> None:
        """Raises LinkNotValid unless it was signed for this purpose and state by one of our keys and has not expired."""
        parts = (purpose, link.subject.hex, str(link.expires), state)
        made_by_us = [hmac.compare_digest(link.mac, _mac(key, *parts)) for key in self.keys]
        if not any(made_by_us) or now >= datetime.fromtimestamp(link.expires, UTC):
            raise LinkNotValid


@dataclass(frozen=True, slots=True)
class RefreshTokens:
    """`rt_{session}_{generation}_{mac}`. A generation always gives the same text, so that a lost response can be repeated."""

    keys: tuple[bytes, ...] = field(repr=False)

    def make(self, session: Session) -> str:
        number = str(session.generation)
        return f"rt_{session.id.hex}_{number}_{_mac(self.keys[0], 'refresh', session.id.hex, number)}"

    def read(self, token: str) -> tuple[UUID, int]:
        """Session id and generation. Raises Unauthenticated unless one of our keys signed it."""
        found = _REFRESH.fullmatch(token)
        if found is None:
            raise Unauthenticated("this is not a valid refresh token: sign in again")
        made_by_us = [hmac.compare_digest(found[3], _mac(key, "refresh", found[1], found[2])) for key in self.keys]
        if not any(made_by_us):
            raise Unauthenticated("this is not a valid refresh token: sign in again")
        return UUID(found[1]), int(found[2])


def state_for(purpose: Purpose, user: User) -> str:
    """The state of a link for this user: confirming the address or changing the password invalidates it."""
    if purpose is Purpose.VERIFY_EMAIL:
        return f"{user.email}|{user.email_verified_at is None}"
    return f"{user.email}|{user.session_version}|{user.password_hash or ''}"


def invitation_state(invitation: Invitation) -> str:
    """The state of the link of an invitation: sending it again, accepting or revoking it invalidates the link."""
    return f"{invitation.email}|{invitation.sent}|{invitation.status}"


def _mac(key: bytes, *parts: str) -> str:
    """43 characters. Each part is preceded by its length, so that different lists of parts never give the same input."""
    text = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return urlsafe_b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode().rstrip("=")
