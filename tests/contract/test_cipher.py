"""Sealed secrets: of use in their own place and under a known key only."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.core.kernel import Invalid
from atende.outbound.security.cipher import AesGcmCipher

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLACE = "channel_account/1"
CIPHER = AesGcmCipher({1: OLD})


@given(st.binary(max_size=2_000), st.text(max_size=60))
def test_what_was_sealed_opens_in_its_place(plain: bytes, place: str) -> None:
    assert CIPHER.open(CIPHER.seal(plain, place=place), place=place) == plain


def test_g72_a_secret_is_of_no_use_in_another_place() -> None:
    sealed = CIPHER.seal(b"token", place=PLACE)
    for place in ("channel_account/2", "channel_account", "", PLACE + " ", "\0" + PLACE):
        with pytest.raises(Invalid):
            CIPHER.open(sealed, place=place)


def test_g72_every_flipped_bit_is_noticed() -> None:
    sealed = CIPHER.seal(b"token", place=PLACE)
    for position in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[position // 8] ^= 1 << position % 8
        with pytest.raises(Invalid):
            CIPHER.open(bytes(flipped), place=PLACE)


def test_g72_what_was_cut_or_never_sealed_is_refused() -> None:
    sealed = CIPHER.seal(b"token", place=PLACE)
    chosen = random.Random(72)
    for rest in [sealed[:n] for n in range(len(sealed))] + [sealed + b"\0", chosen.randbytes(60)]:
        with pytest.raises(Invalid):
            CIPHER.open(rest, place=PLACE)


def test_g72_no_two_sealings_are_alike() -> None:
    sealed = [CIPHER.seal(b"token", place=PLACE) for _ in range(10_000)]
    assert len({one[1:13] for one in sealed}) == 10_000
    assert b"token" not in b"".join(sealed)


def test_g72_keys_are_rotated_without_losing_what_was_sealed() -> None:
    both = AesGcmCipher({1: OLD, 2: NEW})
    old, new = CIPHER.seal(b"token", place=PLACE), both.seal(b"token", place=PLACE)
    assert both.open(old, place=PLACE) == both.open(new, place=PLACE) == b"token"
    assert (both.is_current(old), both.is_current(new)) == (False, True)
    for strange, sealed in ((CIPHER, new), (AesGcmCipher({2: NEW}), old), (AesGcmCipher({1: NEW}), old)):
        with pytest.raises(Invalid):
            strange.open(sealed, place=PLACE)
    with pytest.raises(Invalid):
        both.open(bytes([2]) + old[1:], place=PLACE)


@pytest.mark.parametrize("keys", [{}, {0: OLD}, {256: OLD}, {1: OLD[:16]}, {1: OLD + b"x"}])
def test_keys_that_cannot_be_are_refused(keys: dict[int, bytes]) -> None:
    with pytest.raises(Invalid):
        AesGcmCipher(keys)


def test_a_cipher_does_not_show_its_keys() -> None:
    assert repr(AesGcmCipher({1: OLD, 2: NEW})) == "AesGcmCipher(versions [1, 2])"
