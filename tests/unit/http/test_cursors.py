"""Cursors cannot be forged, and lists in memory are paged like those of the database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from string import ascii_letters, digits
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.core.kernel import Page
from atende.inbound.http.wire.cursors import BadCursor, read_cursor
from atende.inbound.http.wire.pages import PageRequest, time_key

KEY, OLD = b"n" * 32, b"o" * 32
FIRST = PageRequest(page=1, limit=2, list_id=b"documents of one shop", keys=(KEY,))


def cursor_of(page_request: PageRequest, after: str) -> str:
    made = page_request.next_cursor(Page([], page_request.page, page_request.limit, 9, after))
    assert made is not None
    return made


@given(after=st.text(min_size=1, max_size=200), page=st.integers(min_value=1, max_value=10**6))
def test_g76_what_was_sealed_is_opened_and_counts_its_pages(after: str, page: int) -> None:
    try:
        after.encode()
    except UnicodeEncodeError:
        return
    cursor = cursor_of(replace(FIRST, page=page), after)
    assert read_cursor(cursor, FIRST.list_id, FIRST.keys) == (page + 1, after)


@given(at=st.integers(min_value=0), letter=st.sampled_from("ABCxyz019-_=~"))
def test_g76_no_letter_of_a_cursor_can_be_another(at: int, letter: str) -> None:
    cursor = cursor_of(FIRST, "01a201da-32ba-7404-84f5-611d47935f02")
    at %= len(cursor)
    edited = cursor[:at] + letter + cursor[at + 1 :]
    if edited != cursor:
        with pytest.raises(BadCursor):
            read_cursor(edited, FIRST.list_id, FIRST.keys)


@pytest.mark.parametrize("after", ["x", "xy", "xyz"])
def test_g76_a_cursor_has_one_spelling_only(after: str) -> None:
    cursor = cursor_of(FIRST, after)
    other_ends = [cursor[:-1] + letter for letter in f"{ascii_letters}{digits}-_" if letter != cursor[-1]]
    for wrong in [*other_ends, *(cursor + more for more in ("=", "==", "~", " ", "\n")), f"~{cursor}"]:
        with pytest.raises(BadCursor):
            read_cursor(wrong, FIRST.list_id, FIRST.keys)


@given(text=st.text(max_size=300))
def test_g76_no_text_is_a_cursor_by_chance(text: str) -> None:
    with pytest.raises(BadCursor):
        read_cursor(text, FIRST.list_id, FIRST.keys)


def test_g76_an_older_key_opens_what_it_made_and_a_removed_one_does_not() -> None:
    cursor = cursor_of(replace(FIRST, keys=(OLD,)), "x")
    assert read_cursor(cursor, FIRST.list_id, (KEY, OLD)) == (2, "x")
    with pytest.raises(BadCursor):
        read_cursor(cursor, FIRST.list_id, (KEY,))


def test_g76_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(BadCursor):
        read_cursor(cursor_of(FIRST, "x"), b"documents of another shop", FIRST.keys)


def test_the_last_page_has_no_cursor() -> None:
    assert FIRST.next_cursor(Page([], 1, 2, 2, None)) is None


@pytest.mark.parametrize("newest_first", [False, True])
def test_g76_a_list_at_hand_keeps_still_when_what_was_shown_goes_and_something_comes(*, newest_first: bool) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    things = [(start + timedelta(minutes=n // 2), UUID(int=n)) for n in range(7)]
    seen: list[UUID] = []
    page_request = FIRST
    while True:
        found = page_request.slice(things, lambda one: time_key(*one), newest_first=newest_first)
        seen += [id_ for _, id_ in found.data]
        if found.next is None:
            break
        assert len(seen) < 20
        things = [one for one in things if one[1] != seen[-1]]  # the very one that the cursor names
        in_front = start + timedelta(days=1) if newest_first else start - timedelta(days=1)
        things += [(in_front, UUID(int=100 + len(seen) + n)) for n in range(3)]
        page_request = replace(page_request, page=page_request.page + 1, after=found.next)
    expected = [UUID(int=n) for n in range(7)]
    assert seen == (expected[::-1] if newest_first else expected)
