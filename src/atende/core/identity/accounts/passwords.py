"""Rules for passwords."""

from atende.core.kernel import Invalid

SHORTEST = 10
MOST_BYTES = 72


class PasswordRefused(Invalid):
    """Choose another password: at least 10 characters, at most 72 bytes, and not your e-mail address."""


def require_good_password(password: str, *, email: str) -> None:
    """Raises PasswordRefused."""
    if len(password) < SHORTEST:
        raise PasswordRefused(f"a password must have at least {SHORTEST} characters")
    size = len(password.encode(errors="replace"))
    if size > MOST_BYTES:
        raise PasswordRefused(f"a password can have at most {MOST_BYTES} bytes of UTF-8; this one has {size}")
    if password.strip().lower() == email.lower():
        raise PasswordRefused("your password cannot be your e-mail address")
    if not password.isprintable():
        raise PasswordRefused("a password can contain only printable characters and spaces")
