"""The command `atende`. What a command needs is imported when it runs."""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from io import TextIOWrapper
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from atende.core.kernel import DomainError
from atende.main.logs import set_up_logs
from atende.main.settings import Settings, SettingsError, read_settings


def main() -> None:
    """Every expected failure is one line on stderr and exit code 2; an interrupt is 130, SIGTERM 143."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what a terminal cannot show or did not mean is no reason to stop
            stream.reconfigure(errors="replace")
    try:
        commands(standalone_mode=False)
    except click.ClickException as error:
        print(f"atende: {error.format_message()}", file=sys.stderr)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except asyncio.CancelledError:
        sys.exit(143)
    except (SettingsError, DomainError, RuntimeError) as error:
        print(f"atende: {error}", file=sys.stderr)
        sys.exit(2)


def _settings(**given: object) -> Settings:
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


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop where there is one. SIGTERM ends it at any time like Ctrl-C: nothing that was started is left behind."""
    work = _ending_at_sigterm(work)
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


_data_dir = click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Where the data is kept (DATA_DIR)."
)
_api_key = click.option(
    "--api-key", envvar="ATENDE_API_KEY", help="Whose documents (ATENDE_API_KEY); else the first tenant's."
)
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


class _Out(click.Path):
    """A file to be made, in a folder that can take it: known before the work begins."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not os.access(path.parent, os.W_OK):
            self.fail(f"{path.parent} is not a folder that can be written to.", param, ctx)
        return path


_out = _Out(dir_okay=False, writable=True)


@commands.command()
@click.option("--name", default="My company", show_default=True)
@click.option("--slug", help="The tenant id; made from the name when it is left out.")
@click.option("--language", type=click.Choice(["pt", "en", "es"]), default="pt", show_default=True)
@_data_dir
@click.option("--json", "as_json", is_flag=True, help="One JSON line with keys, numbers and their secrets.")
def seed(*, name: str, slug: str | None, language: str, data_dir: Path | None, as_json: bool) -> None:
    """Make a tenant: organization, project, agent, two numbers, credits and an API key."""
    from atende.main.local import seed as run

    settings = _settings(data_dir=data_dir, log_level="error")
    _run(run(settings, name=name, slug=slug, language=language, as_json=as_json))


@commands.command()
@click.argument("files", nargs=-1, required=True, type=_file)
@_data_dir
@_api_key
def ingest(*, files: tuple[Path, ...], data_dir: Path | None, api_key: str | None) -> None:
    """Take in documents (PDF, Markdown, text) and read them, so that they can be asked."""
    from atende.main.local import ingest as run

    _run(run(_settings(data_dir=data_dir, log_level="error"), files, api_key=api_key))


@commands.command()
@click.argument("question")
@_data_dir
@_api_key
@click.option("--json", "as_json", is_flag=True, help="One JSON line.")
def ask(*, question: str, data_dir: Path | None, api_key: str | None, as_json: bool) -> None:
    """Ask the documents: the answer, the words that carry it, what it cost."""
    from atende.main.local import ask as run

    _run(run(_settings(data_dir=data_dir, log_level="error"), question, as_json=as_json, api_key=api_key))


@commands.command()
@click.option("--port", type=int, default=0, help="Port on 127.0.0.1; 0 for a free one.")
@click.option("--seed", type=int, default=0, help="Of the dice that decide when a fault strikes.")
@click.option("--log", type=_out, help="Every request and callback is also a JSON line in this file.")
@click.option("--callback-url", metavar="URL", help="The product's address: messages of customers are delivered there.")
@click.option("--app-secret", envvar="WHATSAPP_WEBHOOK_SECRET", default="", help="Signs WhatsApp's callbacks.")
@click.option(
    "--tenant", type=click.Path(allow_dash=True, path_type=Path), help="Numbers: a file of seed --json, or -."
)
def fakes(
    *, port: int, seed: int, log: Path | None, callback_url: str | None, app_secret: str, tenant: Path | None
) -> None:
    """Serve the doubles of WhatsApp, Twilio and OpenAI, and print one JSON line with their addresses."""
    from atende.main.tools import fakes as run

    _run(run(port=port, seed=seed, log=log, callback_url=callback_url, app_secret=app_secret, tenant=tenant))


@commands.command()
@click.option("--out", type=_out, help="Write it to this file.")
def openapi(*, out: Path | None) -> None:
    """Write the OpenAPI description of the HTTP API. Nothing is started."""
    from atende.main.tools import openapi as made

    text = made(_settings()) + "\n"
    click.echo(text, nl=False) if out is None else out.write_text(text, encoding="utf-8")


@commands.group("eval")
def evaluate() -> None:
    """Measure the product on rows of your own (JSON Lines)."""


@evaluate.command()
@click.argument("file", type=_file)
@click.option("--out", type=_out, help="Write the judged rows to this file; else they are printed.")
def closure(*, file: Path, out: Path | None) -> None:
    """Judge whether dialogues are over. Rows: id, turns (from, text), and perhaps lang and closing."""
    from atende.main.evaluate import closure as run

    run(file, out=out)


@evaluate.command()
@click.option("--paragraphs", type=_file, required=True, help="Rows: id, text, and perhaps title.")
@click.option("--questions", type=_file, required=True, help="Rows: id, question, and perhaps gold_paragraph_id.")
@click.option("--out", type=_out, help="Write the rankings to this file; else they are printed.")
def retrieval(*, paragraphs: Path, questions: Path, out: Path | None) -> None:
    """Search paragraphs for the answers to questions, with the product's own index in a temporary database."""
    from atende.main.evaluate_retrieval import retrieval as run

    _run(run(_settings(database_url="", log_level="error"), paragraphs=paragraphs, questions=questions, out=out))


@commands.command()
@_data_dir
@click.option("--json", "as_json", is_flag=True, help="One JSON line.")
def doctor(*, data_dir: Path | None, as_json: bool) -> None:
    """Say which parts are real, which are doubles, what is missing or wrong. Exit code 1 when something needed is."""
    from atende.main.doctor import doctor as run

    given = {} if data_dir is None else {"data_dir": data_dir}
    if not asyncio.run(run(os.environ, as_json=as_json, **given)):
        sys.exit(1)


@commands.command()
@click.argument("file", type=_out)
@_data_dir
@click.option(
    "--database-url",
    envvar="BACKUP_DATABASE_URL",
    help="With DATABASE_URL: the role that sees all (BACKUP_DATABASE_URL).",
)
def backup(*, file: Path, data_dir: Path | None, database_url: str | None) -> None:
    """Write database, files and keys into one new file. The installation may be running."""
    from atende.main.backup import backup as run

    _run(run(_settings(data_dir=data_dir, log_level="error"), file, url=database_url))


@commands.command()
@click.argument("file", type=_file)
@_data_dir
@click.option("--force", is_flag=True, help="Put aside what is in the data directory.")
def restore(*, file: Path, data_dir: Path | None, force: bool) -> None:
    """Make an installation out of a backup, in an empty data directory."""
    from atende.main.restore import restore as run

    _run(run(_settings(data_dir=data_dir, log_level="error"), file, force=force))


@commands.command("rotate-keys")
@_data_dir
def rotate_keys(*, data_dir: Path | None) -> None:
    """Seal every secret with ENCRYPTION_KEY that an older key sealed. The installation may be running."""
    from atende.main.rotate import rotate_keys as run

    _run(run(_settings(data_dir=data_dir)))


@commands.group()
def audit() -> None:
    """The record of what was done."""


@audit.command()
@click.option("--organization", type=click.UUID, help="Of this organization alone; else of all.")
@click.option(
    "--expect", type=_file, help="What an earlier run printed with --json: finds an end that was cut off since."
)
@_data_dir
@click.option("--json", "as_json", is_flag=True, help="One JSON line, to be kept in another place for --expect.")
def verify(*, organization: UUID | None, expect: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """Recompute the chains, and name the first record of each that was edited, deleted, reordered or inserted."""
    from atende.main.audit import verify_audit as run

    settings = _settings(data_dir=data_dir, log_level="error")
    _run(run(settings, organization=organization, expect=expect, as_json=as_json))


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per item, its body as text.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
def quarantine(*, as_json: bool, limit: int) -> None:
    """Items of callbacks that were kept because they could not be understood, or were not their sender's to send."""
    from atende.main.quarantine import show_quarantine as run

    _run(run(_settings(), as_json=as_json, limit=limit))
