"""The period of a usage report: what is chosen when nothing is said, and what is refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from atende.core.conversation.usage import HOUR, LONGEST, Period
from atende.core.kernel import Invalid

NOW = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
NINE, TEN = NOW.replace(minute=0), NOW.replace(hour=10, minute=0)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def test_without_words_it_is_the_calendar_month_up_to_now() -> None:
    assert Period.chosen(None, None, now=NOW) == Period(since=MARCH, until=TEN)
    assert Period.chosen(None, None, now=TEN) == Period(since=MARCH, until=TEN)
    last = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    assert Period.chosen(None, None, now=last) == Period(since=MARCH, until=datetime(2026, 4, 1, tzinfo=UTC))


def test_it_consists_of_the_whole_hours_that_it_touches() -> None:
    minute = timedelta(minutes=1)
    assert Period.chosen(NOW, NOW + minute, now=NOW) == Period(since=NINE, until=TEN)
    assert Period.chosen(NINE, TEN, now=NOW) == Period(since=NINE, until=TEN)
    assert Period.chosen(NINE - minute, TEN + minute, now=NOW) == Period(since=NINE - HOUR, until=TEN + HOUR)
    india = timezone(timedelta(hours=5, minutes=30))
    day = Period.chosen(datetime(2026, 3, 2, tzinfo=india), datetime(2026, 3, 3, tzinfo=india), now=NOW)
    assert day == Period(since=datetime(2026, 3, 1, 18, tzinfo=UTC), until=datetime(2026, 3, 2, 19, tzinfo=UTC))


def test_without_a_beginning_it_is_the_month_that_it_ends_in() -> None:
    april = datetime(2026, 4, 1, tzinfo=UTC)
    assert Period.chosen(None, april, now=NOW) == Period(since=MARCH, until=april)
    assert Period.chosen(None, MARCH, now=NOW).since == datetime(2026, 2, 1, tzinfo=UTC)


def test_times_of_any_zone_are_told_in_utc() -> None:
    west = timezone(timedelta(hours=-3))
    chosen = Period.chosen(datetime(2026, 2, 28, 21, tzinfo=west), None, now=NOW)
    assert (chosen.since, chosen.since.tzinfo) == (MARCH, UTC)


def test_a_leap_year_is_the_longest() -> None:
    assert Period.chosen(NOW - LONGEST, NOW, now=NOW) == Period(since=NINE - LONGEST, until=TEN)
    with pytest.raises(Invalid, match="at most 366 days"):
        Period.chosen(NOW - LONGEST - timedelta(microseconds=1), NOW, now=NOW)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (NOW, NOW),
        (NOW + timedelta(days=1), None),
        (NOW.replace(tzinfo=None) - timedelta(days=1), None),
        (None, NOW.replace(tzinfo=None)),
        (None, datetime.min.replace(tzinfo=UTC)),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), None),
        (None, datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))),
        (None, datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_what_is_no_period_is_refused(since: datetime | None, until: datetime | None) -> None:
    with pytest.raises(Invalid):
        Period.chosen(since, until, now=NOW)
