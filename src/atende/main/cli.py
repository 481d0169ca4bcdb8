"""The command `atende`. What a command needs is imported when it runs."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from atende.core.kernel import DomainError
from atende.main.logs import set_up_logs
from atende.main.settings import Settings, SettingsError, read_settings


def main() -> None:
    """Every expected failure is one line on stderr and exit code 2; an interrupt is 130."""
    try:
        commands(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (SettingsError, DomainError, RuntimeError) as error:
        print(f"atende: {error}", file=sys.stderr)
        sys.exit(2)


def _settings(**given: object) -> Settings:
    settings = read_settings(os.environ, **{name: value for name, value in given.items() if value is not None})
    set_up_logs(settings)
    return settings


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="atende")
def commands() -> None:
    """AI customer conversations: one checked answer per customer turn, every credit accounted for."""


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON line per event, for machines.")
@click.option(
    "--docs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Answer from the files in this folder.",
)
def demo(*, as_json: bool, docs: Path | None) -> None:
    """Everything, once, in a temporary folder: customers write, the agent answers with proof, credits are counted."""
    from atende.main.demo import demo as run

    _run(run(_settings(database_url="", log_level="error", host="127.0.0.1", port=0), as_json=as_json, documents=docs))


@commands.command()
@click.option(
    "--docs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Answer from the files in this folder.",
)
def chat(*, docs: Path | None) -> None:
    """You are the customer; the proof stands under each answer."""
    from atende.main.chat import chat as run

    _run(run(_settings(database_url="", log_level="error", port=0), documents=docs))


@commands.command()
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", type=int, help="Port to listen on (PORT); 0 for a free one.")
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Where the data is kept (DATA_DIR).")
@click.option("--json", "as_json", is_flag=True, help="One JSON line with addresses and keys, for machines.")
def serve(*, host: str | None, port: int | None, data_dir: Path | None, as_json: bool) -> None:
    """Web and worker in one process. Without DATABASE_URL everything else is embedded, and its data is kept."""
    from atende.main.serve import serve as run

    _run(run(_settings(host=host, port=port, data_dir=data_dir), as_json=as_json))


@commands.command()
def worker() -> None:
    """A worker process. Needs DATABASE_URL."""
    from atende.main.production import work

    _run(work(_settings()))


@commands.command()
@click.option("--sql-roles", is_flag=True, help="Print the script that makes the database roles, and do nothing.")
def migrate(*, sql_roles: bool) -> None:
    """Bring the database of MIGRATION_DATABASE_URL up to date."""
    from atende.main.production import migrate_database, roles_script

    if sql_roles:
        click.echo(roles_script())
    else:
        _run(migrate_database(_settings()))
