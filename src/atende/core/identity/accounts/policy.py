"""Settings of an installation for accounts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPolicy:
    """`verified_only`: users must confirm their e-mail address before they can sign in."""

    verified_only: bool = False
