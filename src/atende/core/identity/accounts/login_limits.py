"""Limits of sign-in attempts that do not let an attacker lock the owner out of an account."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from atende.core.identity.accounts.tokens import Client
from atende.core.identity.model import LinkNotValid
from atende.core.identity.signed_tokens import Links, Purpose
from atende.core.limits.addresses import counted_address
from atende.core.limits.model import EndpointRateLimitExceeded, Limit
from atende.core.limits.ports import RateLimits

DEVICE_LIFE = timedelta(days=90)
DEVICES = 5
"""All known devices of an account together have this many times the attempts of one: whoever knew the password once can collect
proofs.
"""
_QUARTER = 15 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRates:
    """`address`: attempts per client address and minute; `account`: attempts per account, and per known device, in 15 minutes;
    `mails`: mails of one kind to one e-mail address per hour.
    """

    address: int = 60
    account: int = 20
    mails: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginLimits:
    """Every attempt counts, whether it succeeds or not and whether the account exists or not.

    A known device is counted separately, so that others cannot use up its attempts. If attempts cannot be counted, they are
    refused.
    """

    limits: RateLimits
    links: Links
    rates: LoginRates

    async def check(self, email: str, client: Client, *, now: datetime) -> None:
        """Counts an attempt at a password. Raises EndpointRateLimitExceeded, or Unavailable if it cannot be counted."""
        if self._subject_of(client.device, now=now) == _subject(email):
            await self._check_known(email, client)
            return
        await self._hit(
            self._of_address(client),
            Limit("login_account", _hash(email), self.rates.account, _QUARTER),
        )

    async def _check_known(self, email: str, client: Client) -> None:
        """Attempts that are refused by the device's own limit do not count for other devices at its address."""
        await self._hit(
            Limit("login_device", _hash(client.device), self.rates.account, _QUARTER),
            Limit("login_devices", _hash(email), self.rates.account * DEVICES, _QUARTER),
        )
        await self._hit(Limit("login_known", counted_address(client.address), self.rates.address, 60))

    async def check_registration(self, email: str, client: Client) -> None:
        """Counts a registration, which sends a mail. Raises EndpointRateLimitExceeded, or Unavailable if it cannot be counted."""
        await self._hit(self._of_address(client), Limit("mail_register", _hash(email), self.rates.mails, 3600))

    async def check_mail(self, email: str, client: Client, *, kind: str) -> None:
        """Counts a requested mail. Each kind has its own count, because a request may send nothing and must not use up other kinds.
        Raises EndpointRateLimitExceeded, or Unavailable if it cannot be counted.
        """
        await self._hit(
            Limit("mail_address", counted_address(client.address), self.rates.address, 60),
            Limit(f"mail_{kind}", _hash(email), self.rates.mails, 3600),
        )

    async def check_link(self, client: Client) -> None:
        """Counts the use of a link. Raises EndpointRateLimitExceeded, or Unavailable if it cannot be counted."""
        await self._hit(Limit("link_address", counted_address(client.address), self.rates.address, 60))

    def remember(self, email: str, *, now: datetime) -> str:
        """The proof of a successful sign-in that a device keeps."""
        return self.links.make(Purpose.DEVICE, _subject(email), state="", expires_at=now + DEVICE_LIFE)

    def whose(self, device: str, *, now: datetime) -> str:
        """The identifier, for counting, of the user who signed in on this device before; empty if the proof is not valid."""
        subject = self._subject_of(device, now=now)
        return "" if subject is None else subject.hex

    def _subject_of(self, device: str, *, now: datetime) -> UUID | None:
        try:
            link = self.links.read(device)
            self.links.check(link, Purpose.DEVICE, state="", now=now)
        except LinkNotValid:
            return None
        return link.subject

    def _of_address(self, client: Client) -> Limit:
        return Limit("login_address", counted_address(client.address), self.rates.address, 60)

    async def _hit(self, *limits: Limit) -> None:
        verdict = await self.limits.hit(limits)
        if not verdict.allowed:
            raise EndpointRateLimitExceeded(retry_after=verdict.reset_after)


def _hash(text: str) -> str:
    """A digest, so that counters do not reveal who tried to sign in."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _subject(email: str) -> UUID:
    return UUID(_hash(email)[:32])
