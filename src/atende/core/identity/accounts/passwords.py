"""What a password must be."""

from atende.core.kernel import Invalid

SHORTEST = 10
MOST_BYTES = 72


class PasswordRefused(Invalid):
    """Choose another password: 10 characters or more, at most 72 bytes, and not your e-mail address."""


def require_good_password(password: str, *, email: str) -> None:
    """Raises PasswordRefused."""
    if len(password) < SHORTEST:
        raise PasswordRefused(f"a password has at least {SHORTEST} characters")
    size = len(password.encode(errors="replace"))
    if size > MOST_BYTES:
        raise PasswordRefused(f"a password has at most {MOST_BYTES} bytes of UTF-8; this one has {size}")
    if password.strip().lower() == email.lower():
        raise PasswordRefused("a password is not your e-mail address")
    if not password.isprintable():
        raise PasswordRefused("a password holds letters, digits, signs and spaces")
