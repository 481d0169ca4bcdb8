"""Commands that maintain or measure an installation."""

import asyncio
import os
import sys
from pathlib import Path
from uuid import UUID

import click

from atende.main.commands.index_options import index
from atende.main.commands.options import FILE, OUT, data_dir_option, make_settings, run_now


@click.command(short_help="Check the installation: what is real, fake, missing or wrong.")
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="One JSON line.")
def doctor(*, data_dir: Path | None, as_json: bool) -> None:
    """Check which parts are real, fake, missing or wrong. The exit code is 1 when a required part is missing or wrong."""
    from atende.main.commands.doctor.report import doctor as run

    given = {} if data_dir is None else {"data_dir": data_dir}
    if not asyncio.run(run(os.environ, as_json=as_json, **given)):
        sys.exit(1)


@click.command()
@click.argument("file", type=OUT)
@data_dir_option
@click.option(
    "--database-url",
    envvar="BACKUP_DATABASE_URL",
    help="With DATABASE_URL: URL of a role that may read all rows (BACKUP_DATABASE_URL).",
)
def backup(*, file: Path, data_dir: Path | None, database_url: str | None) -> None:
    """Write the database, files and keys to one new file. The installation may be running."""
    from atende.main.commands.backup.backup import backup as run

    run_now(run(make_settings(data_dir=data_dir, log_level="error"), file, url=database_url))


@click.command(short_help="Restore an installation from a backup.")
@click.argument("file", type=FILE)
@data_dir_option
@click.option("--force", is_flag=True, help="Set aside the present contents of the data directory.")
def restore(*, file: Path, data_dir: Path | None, force: bool) -> None:
    """Restore an installation from a backup, into an empty data directory."""
    from atende.main.commands.backup.restore import restore as run

    run_now(run(make_settings(data_dir=data_dir, log_level="error"), file, force=force))


@click.command("rotate-keys", short_help="Encrypt all secrets with the current ENCRYPTION_KEY.")
@data_dir_option
def rotate_keys(*, data_dir: Path | None) -> None:
    """Encrypt all secrets again with the current ENCRYPTION_KEY. With DATABASE_URL the installation may be running."""
    from atende.main.commands.rotate_keys import rotate_keys as run

    run_now(run(make_settings(data_dir=data_dir)))


@click.group()
def audit() -> None:
    """Work with the audit log."""


@audit.command()
@click.option("--organization", type=click.UUID, help="Check this organization only; by default all.")
@click.option(
    "--expect",
    type=FILE,
    help="Output of an earlier run with --json: also finds records that were cut off the end since.",
)
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="One JSON line; keep it elsewhere for --expect.")
def verify(*, organization: UUID | None, expect: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """Verify the hash chains; name the first record that was edited, deleted, reordered or inserted."""
    from atende.main.commands.audit import verify_audit as run

    settings = make_settings(data_dir=data_dir, log_level="error")
    run_now(run(settings, organization=organization, expect=expect, as_json=as_json))


@click.command(short_help="List callbacks that could not be processed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per item, its body as text.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@data_dir_option
def quarantine(*, as_json: bool, limit: int, data_dir: Path | None) -> None:
    """List items of callbacks that could not be understood, or that their sender was not allowed to send."""
    from atende.main.commands.quarantine import show_quarantine as run

    run_now(run(make_settings(data_dir=data_dir), as_json=as_json, limit=limit))


@click.group("eval")
def evaluate() -> None:
    """Measure the product on your own data (JSON Lines)."""


@evaluate.command()
@click.argument("file", type=FILE)
@click.option("--out", type=OUT, help="Write the results to this file; by default, print.")
def closure(*, file: Path, out: Path | None) -> None:
    """Decide for dialogues whether they are over. Rows: id, turns (from, text), optionally lang and closing."""
    from atende.main.commands.evaluate.closure import closure as run

    run(file, out=out)


@evaluate.command()
@click.option("--paragraphs", type=FILE, required=True, help="Rows: id, text, optionally title.")
@click.option("--questions", type=FILE, required=True, help="Rows: id, question, optionally gold_paragraph_id.")
@click.option("--out", type=OUT, help="Write the rankings to this file; by default, print.")
def retrieval(*, paragraphs: Path, questions: Path, out: Path | None) -> None:
    """Search paragraphs for the answers to questions, with the product's index in a temporary database.

    With --out FILE.jsonl a report to read is written beside it, FILE.html.
    """
    from atende.main.commands.evaluate.retrieval import retrieval as run

    run_now(run(make_settings(database_url="", log_level="error"), paragraphs=paragraphs, questions=questions, out=out))


@evaluate.command()
@click.argument("folders", type=click.Path(exists=True, file_okay=False, path_type=Path), nargs=-1, required=True)
@click.option("--out", type=OUT, help="Write the verdicts to this file; by default, print.")
def answers(*, folders: tuple[Path, ...], out: Path | None) -> None:
    """Ask questions about documents with known answers, through the whole product in a temporary database.

    Each folder has documents, and questions.jsonl with the rows id, lang, kind, question, facts (the spellings of each), and
    optionally history and quotes. With --out FILE.jsonl a report to read is written beside it, FILE.html.
    """
    from atende.main.commands.evaluate.answers import answers as run

    run_now(run(make_settings(database_url="", log_level="error"), folders, out=out))


MAINTENANCE: tuple[click.Command, ...] = (doctor, backup, restore, rotate_keys, audit, quarantine, evaluate, index)
