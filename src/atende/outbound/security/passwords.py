"""Password hashing with bcrypt or Argon2id, slow on purpose, in threads."""

import asyncio
import secrets
import unicodedata
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable
from typing import TypeVar

import bcrypt
from argon2 import PasswordHasher as Argon2Library
from argon2 import Type, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError

from atende.core.identity.ports import Checked, PasswordHasher
from atende.core.kernel import Invalid

T = TypeVar("T")
BCRYPT_BYTES = 72
_LONGEST = 4096
"""Bytes that Argon2id hashes at most, to limit the work of one request."""


class Scheme(ABC):
    """A hashing scheme with its current parameters."""

    most_bytes: int

    @abstractmethod
    def hash(self, password: bytes) -> str: ...

    @abstractmethod
    def matches(self, password: bytes, password_hash: str) -> bool:
        """Also False if it is not a valid hash of this scheme."""

    @abstractmethod
    def owns(self, password_hash: str) -> bool: ...

    @abstractmethod
    def is_current(self, password_hash: str) -> bool:
        """Whether it was made with the current parameters."""

    @abstractmethod
    def decoy(self) -> str:
        """A dummy hash with the current parameters that no password matches; creating it needs no hashing."""


class Bcrypt(Scheme):
    """`cost`: each step doubles the work."""

    most_bytes = BCRYPT_BYTES

    def __init__(self, cost: int = 12) -> None:
        self._cost = cost

    def hash(self, password: bytes) -> str:
        return bcrypt.hashpw(password, bcrypt.gensalt(self._cost)).decode()

    def matches(self, password: bytes, password_hash: str) -> bool:
        try:
            return bcrypt.checkpw(password, password_hash.encode())
        except ValueError:
            return False

    def owns(self, password_hash: str) -> bool:
        return password_hash.startswith("$2")

    def is_current(self, password_hash: str) -> bool:
        return password_hash.startswith(f"$2b${self._cost:02}$")

    def decoy(self) -> str:
        return bcrypt.gensalt(self._cost).decode() + "." * 31


class Argon2id(Scheme):
    """`memory` in KiB."""

    most_bytes = _LONGEST

    def __init__(self, *, time: int = 3, memory: int = 65_536, lanes: int = 4) -> None:
        self._library = Argon2Library(time_cost=time, memory_cost=memory, parallelism=lanes, type=Type.ID)
        self._start = f"$argon2id$v=19$m={memory},t={time},p={lanes}$"

    def hash(self, password: bytes) -> str:
        return self._library.hash(password)

    def matches(self, password: bytes, password_hash: str) -> bool:
        try:
            return self._library.verify(password_hash, password)
        except (Argon2Error, InvalidHashError):
            return False

    def owns(self, password_hash: str) -> bool:
        return password_hash.startswith("$argon2")

    def is_current(self, password_hash: str) -> bool:
        try:
            return not self._library.check_needs_rehash(password_hash) and bool(extract_parameters(password_hash))
        except InvalidHashError:
            return False

    def decoy(self) -> str:
        salt, digest = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
        return f"{self._start}{salt}${digest}"


class ThreadedPasswordHasher(PasswordHasher):
    """`current` makes new hashes; `older` schemes only check existing ones. At most `at_once` run at a time, in threads."""

    def __init__(self, current: Scheme, *older: Scheme, at_once: int = 2) -> None:
        self._current, self._schemes = current, (current, *older)
        self._room = asyncio.Semaphore(at_once)

    async def hash(self, password: str) -> str:
        raw = _bytes(password)
        if raw is None:
            raise Invalid("a password cannot contain NUL or invalid characters")
        if len(raw) > self._current.most_bytes:
            raise Invalid(
                f"a password can have at most {self._current.most_bytes} bytes of UTF-8; this one has {len(raw)}"
            )
        return await self._work(lambda: self._current.hash(raw))

    async def check(self, password: str, password_hash: str | None) -> Checked:
        raw = _bytes(password)
        scheme = next((one for one in self._schemes if password_hash and one.owns(password_hash)), self._current)
        possible = raw is not None and len(raw) <= scheme.most_bytes and password_hash is not None
        tried = raw[: scheme.most_bytes] if raw is not None else b"-"
        against = password_hash if possible and password_hash else scheme.decoy()
        ok = await self._work(lambda: scheme.matches(tried, against)) and possible
        return Checked(ok, outdated=ok and self._outdated(password_hash or "", len(tried)))

    def _outdated(self, password_hash: str, size: int) -> bool:
        """Whether to hash it again; not if the current scheme cannot hash such a long password."""
        return size <= self._current.most_bytes and not (
            self._current.owns(password_hash) and self._current.is_current(password_hash)
        )

    async def _work(self, work: Callable[[], T]) -> T:
        async with self._room:
            return await asyncio.to_thread(work)


def _bytes(password: str) -> bytes | None:
    """The password in NFC as UTF-8, so that all keyboards give the same bytes; None if it cannot be hashed."""
    try:
        raw = unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None
    return None if b"\0" in raw else raw
