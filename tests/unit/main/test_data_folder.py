"""A data folder that cannot be made or written stops the start with one line."""

from pathlib import Path

import pytest

from atende.main.processes.embedded import embedded_database
from atende.main.settings import Settings, SettingsError


async def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.touch()
    with pytest.raises(SettingsError) as error:
        async with embedded_database(Settings(data_dir=blocked / "data"), keep=True):
            raise AssertionError("it started")
    assert "DATA_DIR" in str(error.value)
    assert "\n" not in str(error.value)
