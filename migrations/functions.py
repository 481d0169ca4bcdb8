"""SQL functions: `functions/<name>.sql` holds the current text of each one, and no revision holds a copy.

To change a function, edit its file and add a revision of two lines:

    def upgrade() -> None:
        put(revision, "conversation/receive_messages")

    def downgrade() -> None:
        take_back(revision, "conversation/receive_messages")

`put` stores the definition that it replaces in the table `replaced_function`, so `take_back` can restore it.
If there was nothing to replace, `take_back` drops the function.

Older revisions put the current text in place too, so on a new database it may name tables and columns that later
revisions create. That is why bodies are not checked here; a test checks all of them once the last revision has run.
Only the types of parameters and results must exist: if a changed function needs a new type, move its first `put` from the older
revision to the one that creates the type. On such a new database the older text never stood, so the way down keeps the current one.

A file that begins with `-- system:` and the reason is a system function: it runs with the rights of `atende_system`, not of its
caller, because it works before the tenant is known or across tenants. Those rights are set here and nowhere else.
"""

from pathlib import Path

from migrations.sql import run, value

FOLDER = Path(__file__).with_suffix("")
_SYSTEM = "-- system:"


def put(revision: str, *names: str) -> None:
    """Puts the functions of these files (`functions/<name>.sql`) in place; a file is named after its function."""
    for name in names:
        text, function = (FOLDER / f"{name}.sql").read_text(encoding="utf-8"), Path(name).name
        before = value("SELECT pg_get_functiondef(to_regproc($1))", function)
        if before is not None:
            run(
                "INSERT INTO replaced_function (revision, name, definition) VALUES ($1, $2, $3)",
                revision,
                function,
                before,
            )
        _create(function, text)


def take_back(revision: str, *names: str) -> None:
    """Undoes `put` of this revision: the former definition is restored, or the function is dropped."""
    saved = "DELETE FROM replaced_function WHERE revision = $1 AND name = $2 RETURNING definition"
    for name in names:
        function = Path(name).name
        before = value(saved, revision, function)
        if before is None:
            run(f"DROP FUNCTION IF EXISTS {function}")
        else:
            _create(function, before)


def _create(function: str, text: str) -> None:
    # A function with other parameters would stand beside the old one, and one with another result would be refused, so
    # the old one is dropped. Not a trigger function: it cannot be dropped while it has triggers, and never has parameters.
    result = value("SELECT prorettype::regtype::text FROM pg_proc WHERE oid = to_regproc($1)", function)
    if result not in (None, "trigger"):
        run(f"DROP FUNCTION {function}")
    run(f"SET LOCAL check_function_bodies = off; {text}")
    system = value("SELECT prosecdef FROM pg_proc WHERE oid = to_regproc($1)", function)
    if system or text.startswith(_SYSTEM):
        run(
            f"""
            ALTER FUNCTION {function} SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp;
            REVOKE ALL ON FUNCTION {function} FROM PUBLIC;
            ALTER FUNCTION {function} OWNER TO atende_system;
            GRANT EXECUTE ON FUNCTION {function} TO atende_app;
            """
        )
