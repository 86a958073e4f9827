"""Settings: the rooms of them, their only reader, the data folder and its secret."""

from thinkwell.settings.files import Files
from thinkwell.settings.folder import prepare_data, site_secret
from thinkwell.settings.reader import (
    ENVIRONMENT_PREFIX,
    FILE_NAME,
    SECRET_NAMES,
    SettingRow,
    load_settings,
    load_with_sources,
    setting_rows,
)
from thinkwell.settings.rooms import Network, People, Price, Settings, Tariff, Tier, micros

__all__ = [
    "ENVIRONMENT_PREFIX",
    "FILE_NAME",
    "SECRET_NAMES",
    "Files",
    "Network",
    "People",
    "Price",
    "SettingRow",
    "Settings",
    "Tariff",
    "Tier",
    "load_settings",
    "load_with_sources",
    "micros",
    "prepare_data",
    "setting_rows",
    "site_secret",
]
