"""Checks and conversions of settings."""

import re


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one line that says which, and what to do."""


def listed(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def seconds_of(name: str, text: str) -> int:
    """A time in seconds, or with s, m, h or d behind the number. Raises SettingsError unless it is a minute to a day."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd]?)", text)
    seconds = int(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}[found[2]] if found else 0
    if not 60 <= seconds <= 86_400:
        raise SettingsError(f"{name} is {text!r}; it must be between a minute and a day, such as 15m")
    return seconds


def check_url(name: str, value: str, *starts: str) -> None:
    """Empty, or a URL that begins as it must. Raises SettingsError."""
    if value and not value.startswith(starts):
        raise SettingsError(f"{name} must start with {' or '.join(starts)}")


def check_number(name: str, value: int) -> None:
    """A limit of something that is counted. Raises SettingsError."""
    if not 0 < value < 1_000_000_000:
        raise SettingsError(f"{name} must be between 1 and 999999999; it is {value}")
