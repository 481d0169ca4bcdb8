"""What all commands share: reading settings, running async work, common options."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from atende.main.settings import Settings


def make_settings(**given: object) -> Settings:
    """Those of the environment, and of what the command line gave."""
    from atende.main.processes.logs import set_up_logs
    from atende.main.providers.configuration import read_settings

    settings = read_settings(os.environ, **{name: value for name, value in given.items() if value is not None})
    set_up_logs(settings)
    return settings


async def _ending_at_sigterm(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.current_task()
    assert task is not None, "this runs as a task"

    def end() -> None:
        if not task.cancelling():  # a second signal must not disturb what the first one has begun
            task.cancel()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    await work


def run_now(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop where there is one. SIGTERM ends it at any time like Ctrl-C: nothing that was started is left behind."""
    work = _ending_at_sigterm(work)
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


data_dir_option = click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Data directory (DATA_DIR)."
)
api_key_option = click.option(
    "--api-key",
    envvar="ATENDE_API_KEY",
    help="API key of the project to use (ATENDE_API_KEY); by default the first tenant.",
)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Out(click.Path):
    """A file to be made, in a folder that can take it: known before the work begins."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not os.access(path.parent, os.W_OK):
            self.fail(f"{path.parent} is not a folder that can be written to.", param, ctx)
        return path


OUT = _Out(dir_okay=False, writable=True)
