"""The commands that look after an installation, and those that measure it."""

import asyncio
import os
import sys
from pathlib import Path
from uuid import UUID

import click

from atende.main.commands.options import FILE, OUT, data_dir_option, make_settings, run_now


@click.command(short_help="What is real, what is a double, what is missing.")
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="One JSON line.")
def doctor(*, data_dir: Path | None, as_json: bool) -> None:
    """Say which parts are real, which are doubles, what is missing or wrong. Exit code 1 when something needed is."""
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
    help="With DATABASE_URL: the role that sees all (BACKUP_DATABASE_URL).",
)
def backup(*, file: Path, data_dir: Path | None, database_url: str | None) -> None:
    """Write database, files and keys into one new file. The installation may be running."""
    from atende.main.commands.backup.backup import backup as run

    run_now(run(make_settings(data_dir=data_dir, log_level="error"), file, url=database_url))


@click.command(short_help="Make an installation out of a backup.")
@click.argument("file", type=FILE)
@data_dir_option
@click.option("--force", is_flag=True, help="Put aside what is in the data directory.")
def restore(*, file: Path, data_dir: Path | None, force: bool) -> None:
    """Make an installation out of a backup, in an empty data directory."""
    from atende.main.commands.backup.restore import restore as run

    run_now(run(make_settings(data_dir=data_dir, log_level="error"), file, force=force))


@click.command("rotate-keys", short_help="Seal every secret with the present ENCRYPTION_KEY.")
@data_dir_option
def rotate_keys(*, data_dir: Path | None) -> None:
    """Seal every secret with ENCRYPTION_KEY that an older key sealed. With DATABASE_URL the installation may be running."""
    from atende.main.commands.rotate_keys import rotate_keys as run

    run_now(run(make_settings(data_dir=data_dir)))


@click.group()
def audit() -> None:
    """The record of what was done."""


@audit.command()
@click.option("--organization", type=click.UUID, help="Of this organization alone; else of all.")
@click.option(
    "--expect", type=FILE, help="What an earlier run printed with --json: finds an end that was cut off since."
)
@data_dir_option
@click.option("--json", "as_json", is_flag=True, help="One JSON line, to be kept in another place for --expect.")
def verify(*, organization: UUID | None, expect: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """Recompute the chains, and name the first record of each that was edited, deleted, reordered or inserted."""
    from atende.main.commands.audit import verify_audit as run

    settings = make_settings(data_dir=data_dir, log_level="error")
    run_now(run(settings, organization=organization, expect=expect, as_json=as_json))


@click.command(short_help="Callbacks that were kept but not understood.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per item, its body as text.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@data_dir_option
def quarantine(*, as_json: bool, limit: int, data_dir: Path | None) -> None:
    """Items of callbacks that were kept because they could not be understood, or were not their sender's to send."""
    from atende.main.commands.quarantine import show_quarantine as run

    run_now(run(make_settings(data_dir=data_dir), as_json=as_json, limit=limit))


@click.group("eval")
def evaluate() -> None:
    """Measure the product on rows of your own (JSON Lines)."""


@evaluate.command()
@click.argument("file", type=FILE)
@click.option("--out", type=OUT, help="Write the judged rows to this file; else they are printed.")
def closure(*, file: Path, out: Path | None) -> None:
    """Judge whether dialogues are over. Rows: id, turns (from, text), and perhaps lang and closing."""
    from atende.main.commands.evaluate.closure import closure as run

    run(file, out=out)


@evaluate.command()
@click.option("--paragraphs", type=FILE, required=True, help="Rows: id, text, and perhaps title.")
@click.option("--questions", type=FILE, required=True, help="Rows: id, question, and perhaps gold_paragraph_id.")
@click.option("--out", type=OUT, help="Write the rankings to this file; else they are printed.")
def retrieval(*, paragraphs: Path, questions: Path, out: Path | None) -> None:
    """Search paragraphs for the answers to questions, with the product's own index in a temporary database."""
    from atende.main.commands.evaluate.retrieval import retrieval as run

    run_now(run(make_settings(database_url="", log_level="error"), paragraphs=paragraphs, questions=questions, out=out))


UPKEEP: tuple[click.Command, ...] = (doctor, backup, restore, rotate_keys, audit, quarantine, evaluate)
