"""The settings of this installation, those of every channel vendor among them."""

from collections.abc import Mapping

from atende.main.providers.channels import CHANNELS
from atende.main.settings import Settings, SettingsGroup, reading
from atende.main.settings.models import own_prices

GROUPS = [SettingsGroup(vendor.name, vendor.settings) for vendor in CHANNELS]


def read_settings(environ: Mapping[str, str], **given: object) -> Settings:
    """From the environment; `given` values, by their variables in lower case, win. Raises SettingsError."""
    settings = reading.read(environ, GROUPS, **given)
    own_prices(settings)
    return settings
