"""Every way to run, check and measure the project. `nox -l` lists them."""

from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["tests", "lint", "types", "imports"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True


def _runtime(session: nox.Session) -> None:
    """What a user installs: the locked runtime with the embedded database, then the project itself."""
    _locked(session, "requirements.lock")
    session.install("--no-deps", ".")


def _develop(session: nox.Session) -> None:
    _locked(session, "requirements-dev.lock")
    session.install("--no-deps", "--editable", ".")


def _locked(session: nox.Session, lock: str) -> None:
    session.install("--require-hashes", "-r", lock)


@nox.session
def demo(session: nox.Session) -> None:
    """The whole product once: customers write, the agent answers with proof, credits are counted."""
    _runtime(session)
    session.run("atende", "demo", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """The whole suite, on a PostgreSQL of its own."""
    _develop(session)
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    session.run("pytest", "-n", "4", "--dist", "worksteal", "--ignore", "tests/faults")
    session.run("pytest", "-n", "2", "--dist", "worksteal", "tests/faults")  # they start processes, and kill them


@nox.session
def quick(session: nox.Session) -> None:
    """What to run before each commit, without a database: style, layers, types, unit tests. Under three minutes on two cores."""
    _develop(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")
    session.run("mypy")
    session.run("pytest", "-n", "2", "tests/unit", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style and format."""
    _develop(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Strict typing, tests included."""
    _develop(session)
    session.run("mypy")


@nox.session
def imports(session: nox.Session) -> None:
    """The layers of the hexagon."""
    _develop(session)
    session.run("lint-imports")


@nox.session
def faults(session: nox.Session) -> None:
    """A seeded run of kills, freezes and restarts. `-- --seed N` repeats one; `-- --full` is the long one, with the long tests."""
    _develop(session)
    session.run("python", "-m", "tests.faults.chaos", *session.posargs)
    if "--full" in session.posargs:
        session.run("pytest", "-n", "2", "-m", "long_run", env={"FULL_FIGURES": "1"})


@nox.session
def bench(session: nox.Session) -> None:
    """Our figures beside their references, interleaved; JSON in bench-results/. `-- --short` only shows that it runs."""
    _develop(session)
    if "--short" in session.posargs:
        session.run("python", "-m", "tests.bench.run", *session.posargs)
        return
    taskiq = _apart(session, "taskiq", "taskiq==0.13.0", "taskiq-redis==1.2.4", "uvloop")
    peers = _apart(session, "documents", *_DOCUMENT_PEERS)
    others = {"BENCH_TASKIQ_PYTHON": taskiq, "BENCH_PEERS_PYTHON": peers}
    session.run("python", "-m", "tests.bench.run", *session.posargs, env=others)


_DOCUMENT_PEERS = (
    "llama-index-core==0.14.25",
    "llama-index-readers-file==0.7.0",
    "langchain-community==0.4.2",
    "langchain-text-splitters==1.1.3",
    "haystack-ai==3.4.1",
    "pypdf==6.21.4",
)
"""What the reading of documents is measured beside."""


def _apart(session: nox.Session, name: str, *packages: str) -> str:
    """The interpreter of an environment that has these packages and nothing of ours."""
    place = Path(session.create_tmp()) / name
    session.run("python", "-m", "virtualenv", "--quiet", str(place), silent=True)
    python = str(place / "bin" / "python")
    session.run(python, "-m", "pip", "install", "--quiet", *packages, external=True)
    return python


@nox.session
def lowest(session: nox.Session) -> None:
    """The unit tests on the oldest versions that pyproject.toml allows."""
    session.install("uv")
    python = session.virtualenv.location
    session.run(
        "uv",
        "pip",
        "install",
        "--resolution",
        "lowest-direct",
        "--python",
        python,
        "--group",
        "dev",
        "-e",
        ".[embedded]",
    )
    session.run("pytest", "tests/unit", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """What the documents say is true: links, settings, commands, the OpenAPI."""
    _develop(session)
    session.run("pytest", "tests/docs", *session.posargs)
