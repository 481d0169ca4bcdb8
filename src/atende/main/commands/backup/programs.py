"""Runs PostgreSQL's programs for dump and restore, and prepares the databases for them."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from typing import IO
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from atende.outbound.postgres.embedded.programs import ENVIRONMENT, Account, EmbeddedPostgresError, prepare_programs


async def run_program(
    name: str,
    arguments: list[str],
    url: str,
    *,
    ours: bool,
    takes: IO[bytes] | None = None,
    gives: IO[bytes] | None = None,
) -> None:
    """Runs a program on the database at `url`, as the account of the embedded server when it is `ours`.

    The password goes by way of the environment: arguments can be read by everybody. Raises RuntimeError, one line.
    """
    account, program = await asyncio.to_thread(_find, name)
    switch = ours and account.switch
    process = subprocess.Popen(  # noqa: S603, ASYNC220 (no shell; uvloop's own cannot change the account)
        [program, f"--dbname={without_password(url)}", "--no-password", *arguments],
        stdin=takes or subprocess.DEVNULL,
        stdout=gives or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        env={**(ENVIRONMENT if ours else os.environ), "PGPASSWORD": password(url)},
        user=account.uid if switch else None,
        group=account.gid if switch else None,
        extra_groups=[] if switch else None,
        start_new_session=True,
    )
    with process:
        try:
            _, errors = await asyncio.to_thread(process.communicate)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        lines = [line.strip() for line in errors.decode(errors="replace").splitlines() if line.strip()]
        reason = next((line for line in lines if "error:" in line), (lines or ["no reason given"])[-1])
        raise RuntimeError(f"{name} failed: {reason.removeprefix(f'{name}: ').removeprefix('error: ')}")


def _find(name: str) -> tuple[Account, str]:
    """Those of the wheel, which are the newest that we know of, else what is on PATH."""
    account = Account.choose()
    try:
        program: str | None = str(prepare_programs(account).folder / name)
    except EmbeddedPostgresError:
        program = shutil.which(name)
    if program is None or not Path(program).is_file():
        raise RuntimeError(f"there is no {name} here: run `pip install 'atende[embedded]'`, or put one on PATH")
    return account, program


def without_password(url: str) -> str:
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if key != "password"])
    # Put together by hand: without a host the usual way would lose the slashes before it.
    return f"{parts.scheme}://{user.partition(':')[0]}{at}{host}{parts.path}{'?' if query else ''}{query}"


def password(url: str) -> str:
    parts = urlsplit(url)
    written = parts.netloc.rpartition("@")[0].partition(":")[2]
    return unquote(written) if written else dict(parse_qsl(parts.query)).get("password", "")
