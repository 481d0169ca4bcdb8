"""The commands `atende index ...`."""

from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from atende.main.commands.options import FILE, api_key_option, data_dir_option, make_settings, run_now


@click.group("index", short_help="Show the search index, or change its embedding.")
def index() -> None:
    """Look at the search index of a project, and change its embedding."""


_json = click.option("--json", "as_json", is_flag=True, help="One JSON line.")


@index.command()
@data_dir_option
@api_key_option
@_json
def show(*, data_dir: Path | None, api_key: str | None, as_json: bool) -> None:
    """Show of which embedding it is, and what a change to another one would cost."""
    from atende.main.commands.search_index import show as run

    run_now(run(make_settings(data_dir=data_dir, log_level="error"), api_key=api_key, as_json=as_json))


@index.command()
@click.argument("model")
@click.option("--dimension", type=click.IntRange(1, 16_000), help="Needed if several have this model.")
@click.option(
    "--then",
    type=click.Choice(["switch_if_good", "ask", "switch"]),
    default="switch_if_good",
    show_default=True,
    help="What follows when it is complete.",
)
@click.option("--min-agreement", type=click.FloatRange(0, 1), default=0.6, show_default=True, help="The gate.")
@click.option("--keep-days", type=click.IntRange(1, 90), default=7, show_default=True, help="Time for the way back.")
@click.option("--max-cost", help="Credits: refused if the estimate is above it.")
@click.option("--questions", type=FILE, help="To compare by. Rows: question, optionally quote.")
@data_dir_option
@api_key_option
@_json
def change(
    *,
    model: str,
    dimension: int | None,
    then: str,
    min_agreement: float,
    keep_days: int,
    max_cost: str | None,
    questions: Path | None,
    data_dir: Path | None,
    api_key: str | None,
    as_json: bool,
) -> None:
    """Build an index of MODEL beside the one that is searched, compare both, and switch if the new one is good enough."""
    from atende.core.knowledge.search_index import After
    from atende.main.commands.search_index import Wish, read_trials
    from atende.main.commands.search_index import change as run

    try:
        most = None if max_cost is None else Decimal(max_cost)
    except InvalidOperation as error:
        raise click.BadParameter("a number of credits", param_hint="--max-cost") from error
    trials = read_trials(questions) if questions else []
    wish = Wish(model, dimension, After(then), min_agreement, keep_days, most, trials)
    run_now(run(make_settings(data_dir=data_dir, log_level="error"), wish, api_key=api_key, as_json=as_json))


@index.command()
@data_dir_option
@api_key_option
@_json
def switch(*, data_dir: Path | None, api_key: str | None, as_json: bool) -> None:
    """Switch to the index beside the one that is searched: forward, or back."""
    from atende.main.commands.search_index import switch as run

    run_now(run(make_settings(data_dir=data_dir, log_level="error"), api_key=api_key, as_json=as_json))


@index.command()
@data_dir_option
@api_key_option
@_json
def remove(*, data_dir: Path | None, api_key: str | None, as_json: bool) -> None:
    """Remove the index beside the one that is searched."""
    from atende.main.commands.search_index import remove as run

    run_now(run(make_settings(data_dir=data_dir, log_level="error"), api_key=api_key, as_json=as_json))
