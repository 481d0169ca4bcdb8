"""How often somebody may try, without letting an attacker lock the owner of an account out."""

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
"""Known devices of one account share the tries of so many: proofs can be collected by whoever knew the password once."""
_QUARTER = 15 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRates:
    """Tries: of an address in a minute; of an account, and of a known device, in a quarter of an hour; mails of one kind that
    anybody may have sent to one address in an hour.
    """

    address: int = 60
    account: int = 20
    mails: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginLimits:
    """Every try counts, right or wrong, for an account that exists and for one that does not.

    Whoever signed in before on the same device has counts of their own: others can use up an account's tries and an address's,
    not theirs. When the count cannot be had, nobody tries.
    """

    limits: RateLimits
    links: Links
    rates: LoginRates

    async def check(self, email: str, client: Client, *, now: datetime) -> None:
        """A try at a password. Raises EndpointRateLimitExceeded, and Unavailable when nobody counts."""
        if self._subject_of(client.device, now=now) == _subject(email):
            await self._check_known(email, client)
            return
        await self._hit(
            self._of_address(client),
            Limit("login_account", _hash(email), self.rates.account, _QUARTER),
        )

    async def _check_known(self, email: str, client: Client) -> None:
        """What the device itself may not try any more does not count for the others at its address."""
        await self._hit(
            Limit("login_device", _hash(client.device), self.rates.account, _QUARTER),
            Limit("login_devices", _hash(email), self.rates.account * DEVICES, _QUARTER),
        )
        await self._hit(Limit("login_known", counted_address(client.address), self.rates.address, 60))

    async def check_registration(self, email: str, client: Client) -> None:
        """A new account, which comes with a mail. Raises EndpointRateLimitExceeded, and Unavailable when nobody counts."""
        await self._hit(self._of_address(client), Limit("mail_register", _hash(email), self.rates.mails, 3600))

    async def check_mail(self, email: str, client: Client, *, kind: str) -> None:
        """A mail that is asked for. Each kind has its own count, for asking for one may send nothing, and must not use up those of
        another. Raises EndpointRateLimitExceeded, and Unavailable when nobody counts.
        """
        await self._hit(
            Limit("mail_address", counted_address(client.address), self.rates.address, 60),
            Limit(f"mail_{kind}", _hash(email), self.rates.mails, 3600),
        )

    async def check_link(self, client: Client) -> None:
        """A link that is tried. Raises EndpointRateLimitExceeded, and Unavailable when nobody counts."""
        await self._hit(Limit("link_address", counted_address(client.address), self.rates.address, 60))

    def remember(self, email: str, *, now: datetime) -> str:
        """What a device keeps of a sign-in that succeeded."""
        return self.links.make(Purpose.DEVICE, _subject(email), state="", expires_at=now + DEVICE_LIFE)

    def whose(self, device: str, *, now: datetime) -> str:
        """Who signed in on a device before, as they are counted; empty when its proof is none of ours, or too old."""
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
    """Nobody reads who tried what out of the counters."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _subject(email: str) -> UUID:
    return UUID(_hash(email)[:32])
