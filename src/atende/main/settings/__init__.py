"""Settings: read once from the environment, checked once, then handed on as plain values."""

from atende.main.settings.model import Settings, default_data_dir
from atende.main.settings.reading import SettingsGroup, setting_names
from atende.main.settings.values import SettingsError, check_number, check_url, listed, seconds_of

__all__ = [
    "Settings",
    "SettingsError",
    "SettingsGroup",
    "check_number",
    "check_url",
    "default_data_dir",
    "listed",
    "seconds_of",
    "setting_names",
]
