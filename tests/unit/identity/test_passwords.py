"""How passwords are kept, and which are refused."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from atende.core.identity.accounts.passwords import PasswordRefused, require_good_password
from atende.core.kernel import Invalid
from atende.outbound.security.passwords import Argon2id, Bcrypt, Scheme, ThreadedPasswordHasher

FAST_ARGON = Argon2id(time=1, memory=64, lanes=1)
SCHEMES: dict[str, Callable[[], Scheme]] = {"bcrypt": lambda: Bcrypt(4), "argon2": lambda: FAST_ARGON}


class Counted(Scheme):
    """A scheme that remembers what it was asked."""

    most_bytes = 72

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, str]] = []

    def hash(self, password: bytes) -> str:
        return f"#{password.decode()}"

    def matches(self, password: bytes, password_hash: str) -> bool:
        self.asked.append((password, password_hash))
        return password_hash == f"#{password.decode()}"

    def owns(self, password_hash: str) -> bool:
        return password_hash.startswith("#")

    def is_current(self, password_hash: str) -> bool:
        return True

    def decoy(self) -> str:
        return "#\0"


class Crowd(Counted):
    """How many hash at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = self.most = 0
        self.lock, self.go_on = threading.Lock(), threading.Event()

    def matches(self, password: bytes, password_hash: str) -> bool:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.go_on.wait(10)
        with self.lock:
            self.inside -= 1
        return True


@pytest.mark.parametrize("name", SCHEMES)
async def test_a_password_opens_its_own_hash_and_no_other(name: str) -> None:
    hasher = ThreadedPasswordHasher(SCHEMES[name]())
    made = await hasher.hash("açaí com banana")
    assert made != await hasher.hash("açaí com banana")  # salted
    assert (await hasher.check("açaí com banana", made)).ok
    assert (await hasher.check("ac\u0327ai\u0301 com banana", made)).ok  # the same letters, typed on another keyboard
    for other in ("Açaí com banana", "açaí com banana ", "", "açaí com banan"):
        checked = await hasher.check(other, made)
        assert (checked.ok, checked.outdated) == (False, False)


async def test_bcrypt_refuses_what_it_would_cut_off() -> None:
    hasher = ThreadedPasswordHasher(Bcrypt(4))
    longest = "é" * 36
    made = await hasher.hash(longest)
    assert (await hasher.check(longest, made)).ok
    assert not (await hasher.check(longest + "x", made)).ok
    with pytest.raises(Invalid, match="at most 72 bytes of UTF-8; this one has 73"):
        await hasher.hash(longest + "x")


async def test_what_cannot_be_a_password_is_refused_and_opens_nothing() -> None:
    hasher = ThreadedPasswordHasher(Bcrypt(4))
    made = await hasher.hash("correct")
    for impossible in ("correct\0horse", "\0", "half \ud800 a character"):
        with pytest.raises(Invalid, match="cannot contain NUL"):
            await hasher.hash(impossible)
        assert not (await hasher.check(impossible, made)).ok


@pytest.mark.parametrize("stored", [None, "#right", "#wrong"])
@pytest.mark.parametrize("password", ["right", "x" * 100, "nul\0", "\ud800"])
async def test_every_check_does_the_work_once(stored: str | None, password: str) -> None:
    scheme = Counted()
    checked = await ThreadedPasswordHasher(scheme).check(password, stored)
    [(_, against)] = scheme.asked
    possible = stored is not None and password == "right"
    assert against == (stored if possible else scheme.decoy())
    assert checked.ok == ((password, stored) == ("right", "#right"))


@pytest.mark.parametrize("scheme", [Bcrypt(4), Bcrypt(6), FAST_ARGON, Argon2id(time=2, memory=128, lanes=2)])
def test_the_decoy_costs_what_a_real_hash_costs(scheme: Scheme) -> None:
    decoy = scheme.decoy()
    assert decoy != scheme.decoy()
    assert scheme.owns(decoy)
    assert scheme.is_current(decoy)  # the same parameters
    assert len(decoy) == len(scheme.hash(b"x"))
    assert not scheme.matches(b"x", decoy)


async def test_old_hashes_are_known_and_called_outdated() -> None:
    old, older = Bcrypt(4), FAST_ARGON
    hasher = ThreadedPasswordHasher(Bcrypt(5), older)
    for scheme in (old, older):
        checked = await hasher.check("correct horse", scheme.hash(b"correct horse"))
        assert (checked.ok, checked.outdated) == (True, True)
        wrong = await hasher.check("wrong horse", scheme.hash(b"correct horse"))
        assert (wrong.ok, wrong.outdated) == (False, False)
    new = await hasher.check("correct horse", await hasher.hash("correct horse"))
    assert (new.ok, new.outdated) == (True, False)
    long = "x" * 80  # bcrypt cannot take it over
    kept = await hasher.check(long, older.hash(long.encode()))
    assert (kept.ok, kept.outdated) == (True, False)


async def test_a_crowd_that_signs_in_leaves_the_event_loop_alone() -> None:
    scheme = Crowd()
    hasher = ThreadedPasswordHasher(scheme, at_once=2)
    crowd = [asyncio.create_task(hasher.check("correct horse", "#x")) for _ in range(200)]
    for _ in range(100):  # the loop turns while all of them wait
        await asyncio.sleep(0)
    scheme.go_on.set()
    assert all(checked.ok for checked in await asyncio.gather(*crowd))
    assert scheme.most <= 2


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 10 characters"),
        ("123456789", "at least 10 characters"),
        ("é" * 37, "at most 72 bytes of UTF-8; this one has 74"),
        ("Ana@Shop.Example", "cannot be your e-mail address"),
        ("tab\tin the middle", "printable characters and spaces"),
    ],
)
def test_passwords_that_are_refused(password: str, said: str) -> None:
    with pytest.raises(PasswordRefused, match=said):
        require_good_password(password, email="ana@shop.example")


@pytest.mark.parametrize(
    "password", ["1234567890", "correct horse", "açaí com banana", "é" * 36, "密码密码密码密码密码"]
)
def test_passwords_that_are_taken(password: str) -> None:
    require_good_password(password, email="ana@shop.example")
