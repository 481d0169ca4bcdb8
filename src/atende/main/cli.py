"""The command `atende`. What a command needs is imported when it runs."""

import asyncio
import sys
from io import TextIOWrapper
from pathlib import Path

import click

from atende.core.kernel import DomainError
from atende.main.commands.channels import channels
from atende.main.commands.maintenance import MAINTENANCE
from atende.main.commands.options import FILE, OUT, api_key_option, data_dir_option, make_settings, run_now
from atende.main.settings import SettingsError


def main() -> None:
    """Every expected failure is one line on stderr and exit code 2; an interrupt is 130, SIGTERM 143."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what a terminal cannot show or did not mean is no reason to stop
            stream.reconfigure(errors="replace")
    try:
        commands(standalone_mode=False)
    except click.ClickException as error:
        usage = error.ctx if isinstance(error, click.UsageError) else None
        hint = f" Try: {usage.command_path} --help" if usage else ""
        print(f"atende: {error.format_message()}{hint}", file=sys.stderr)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except asyncio.CancelledError:
        sys.exit(143)
    except (SettingsError, DomainError, RuntimeError) as error:
        print(f"atende: {error}", file=sys.stderr)
        sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="atende")
def commands() -> None:
    """AI customer conversations: one checked answer per customer turn, and every credit accounted for."""


@commands.command(short_help="Run the whole product once, in a temporary folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line per event, for machines.")
@click.option(
    "--docs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Answer from the files in this folder.",
)
def demo(*, as_json: bool, docs: Path | None) -> None:
    """Run the whole product once, in a temporary folder: customers write, the agent answers with proof, credits are counted."""
    from atende.main.commands.demo.run import demo as run

    run_now(
        run(
            make_settings(database_url="", log_level="error", host="127.0.0.1", port=0), as_json=as_json, documents=docs
        )
    )


@commands.command()
@click.option(
    "--docs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Answer from the files in this folder.",
)
def chat(*, docs: Path | None) -> None:
    """Chat as a customer; each answer is shown with its proof."""
    from atende.main.commands.chat import chat as run

    run_now(run(make_settings(database_url="", log_level="error", port=0), documents=docs))


@commands.command()
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", type=int, help="Port to listen on (PORT); 0 for a free one.")
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="One JSON line with addresses and keys, for machines.")
def serve(*, host: str | None, port: int | None, data_dir: Path | None, as_json: bool) -> None:
    """Run web and worker in one process. Without DATABASE_URL the database is embedded, and its data is kept."""
    from atende.main.commands.serve import serve as run

    run_now(run(make_settings(host=host, port=port, data_dir=data_dir), as_json=as_json))


@commands.command()
def worker() -> None:
    """Run a worker process. Needs DATABASE_URL."""
    from atende.main.processes.production import work

    run_now(work(make_settings()))


@commands.command()
@click.option("--sql-roles", is_flag=True, help="Print the SQL that creates the database roles, and do nothing else.")
def migrate(*, sql_roles: bool) -> None:
    """Migrate the database of MIGRATION_DATABASE_URL."""
    from atende.main.processes.production import migrate_database, roles_script

    if sql_roles:
        click.echo(roles_script())
    else:
        run_now(migrate_database(make_settings()))


@commands.command(short_help="Create a tenant with numbers and an API key.")
@click.option("--name", default="My company", show_default=True)
@click.option("--slug", help="The tenant id; by default derived from the name.")
@click.option("--language", type=click.Choice(["pt", "en", "es"]), default="pt", show_default=True)
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="One JSON line with keys, numbers and their secrets.")
def seed(*, name: str, slug: str | None, language: str, data_dir: Path | None, as_json: bool) -> None:
    """Create a tenant: organization, project, agent, two numbers, credits and an API key."""
    from atende.main.commands.seed import seed as run

    settings = make_settings(data_dir=data_dir, log_level="error")
    run_now(run(settings, name=name, slug=slug, language=language, as_json=as_json))


@commands.command(short_help="Add documents that questions are answered from.")
@click.argument("files", nargs=-1, required=True, type=FILE)
@data_dir_option
@api_key_option
def ingest(*, files: tuple[Path, ...], data_dir: Path | None, api_key: str | None) -> None:
    """Add and process documents (PDF, Markdown, text) that questions are answered from."""
    from atende.main.commands.ingest import ingest as run

    run_now(run(make_settings(data_dir=data_dir, log_level="error"), files, api_key=api_key))


@commands.command(short_help="Ask a question; see the answer, its proof and its cost.")
@click.argument("question")
@data_dir_option
@api_key_option
@click.option("--json", "as_json", is_flag=True, help="One JSON line.")
def ask(*, question: str, data_dir: Path | None, api_key: str | None, as_json: bool) -> None:
    """Ask a question: the answer, the quotes that prove it, and what it cost."""
    from atende.main.commands.ask import ask as run

    run_now(run(make_settings(data_dir=data_dir, log_level="error"), question, as_json=as_json, api_key=api_key))


@commands.command(short_help="Be the tools of an assistant, over standard input and output.")
@click.option(
    "--url", envvar="ATENDE_URL", default="http://127.0.0.1:8000", show_default=True, help="A running atende."
)
@api_key_option
def mcp(*, url: str, api_key: str | None) -> None:
    """Serve the tools ask_documents and search_documents of a running atende by the Model Context Protocol."""
    from atende.main.commands.mcp import mcp as run

    run_now(run(url, api_key=api_key))


@commands.command(short_help="Serve fakes of WhatsApp, Twilio and OpenAI.")
@click.option("--port", type=int, default=0, help="Port on 127.0.0.1; 0 for a free one.")
@click.option("--seed", type=int, default=0, help="Seed of the random faults.")
@click.option("--log", type=OUT, help="Also write each request and callback to this file, as JSON lines.")
@click.option("--callback-url", metavar="URL", help="Address of the product: callbacks are sent there.")
@click.option(
    "--app-secret", envvar="WHATSAPP_WEBHOOK_SECRET", default="", help="Secret that signs WhatsApp callbacks."
)
@click.option(
    "--tenant",
    type=click.Path(allow_dash=True, path_type=Path),
    help="Output of seed --json (a file, or -): its numbers are used.",
)
def fakes(
    *, port: int, seed: int, log: Path | None, callback_url: str | None, app_secret: str, tenant: Path | None
) -> None:
    """Serve fakes of WhatsApp, Twilio and OpenAI, and print one JSON line with their addresses."""
    from atende.main.commands.fakes import fakes as run

    run_now(run(port=port, seed=seed, log=log, callback_url=callback_url, app_secret=app_secret, tenant=tenant))


@commands.command()
@click.option("--out", type=OUT, help="Write to this file; by default, print.")
def openapi(*, out: Path | None) -> None:
    """Write the OpenAPI document of the HTTP API."""
    from atende.main.commands.openapi import openapi as render

    text = render(make_settings()) + "\n"
    click.echo(text, nl=False) if out is None else out.write_text(text, encoding="utf-8")


commands.add_command(channels)
for command in MAINTENANCE:
    commands.add_command(command)
