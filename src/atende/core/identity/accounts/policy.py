"""What an installation demands of accounts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPolicy:
    """`verified_only`: nobody signs in before their e-mail address is confirmed."""

    verified_only: bool = False
