"""Reads settings from the environment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import Any

from atende.main.settings.model import Settings
from atende.main.settings.values import SettingsError


@dataclass(frozen=True, slots=True)
class SettingsGroup:
    """The settings of one vendor: a frozen dataclass whose fields are read as `PREFIX_FIELD`."""

    prefix: str
    type: type

    def names(self) -> Iterator[tuple[str, "Field[Any]"]]:
        """The environment variables, and the fields that they fill."""
        for one in fields(self.type):
            yield f"{self.prefix}_{one.name}".upper(), one


def setting_names(groups: Sequence[SettingsGroup]) -> set[str]:
    """Every environment variable that is read."""
    own = {one.name.upper() for one in fields(Settings) if one.name != "channels"}
    return own | {name for group in groups for name, _ in group.names()}


def read(environ: Mapping[str, str], groups: Sequence[SettingsGroup], **given: object) -> Settings:
    """From the environment; `given` values, by their variables in lower case, win. Raises SettingsError."""
    found: dict[str, object] = {}
    for one in fields(Settings):
        if text := environ.get(one.name.upper(), ""):
            found[one.name] = _converted(one.name.upper(), text, one)
    channels = tuple(_read_group(group, environ, given) for group in groups)
    return Settings(**(found | given | {"channels": channels}))  # type: ignore[arg-type]


def _read_group(group: SettingsGroup, environ: Mapping[str, str], given: dict[str, object]) -> object:
    """Takes what belongs to the group out of `given`."""
    found: dict[str, object] = {}
    for name, one in group.names():
        if text := environ.get(name, ""):
            found[one.name] = _converted(name, text, one)
        if name.lower() in given:
            found[one.name] = given.pop(name.lower())
    return group.type(**found)


_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def _converted(name: str, text: str, one: "Field[Any]") -> object:
    kind: type = Path if one.default is MISSING else type(one.default)
    if kind is bool:
        if text.lower() not in _YES | _NO:
            raise SettingsError(f"{name} is {text!r}; it must be true or false")
        return text.lower() in _YES
    if kind in {int, float}:
        try:
            return kind(text)
        except ValueError:
            raise SettingsError(f"{name} is {text!r}; it must be a number") from None
    return Path(text) if issubclass(kind, Path) else text
