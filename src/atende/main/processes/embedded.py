"""The embedded installation: its own PostgreSQL, and fakes of the providers."""

import os
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg

from atende.core.kernel import Invalid
from atende.fakes.providers import FakeProviders
from atende.main import resources
from atende.main.providers.channels import CHANNELS
from atende.main.providers.channels.vendor import Vendors
from atende.main.settings import Settings, SettingsError
from atende.outbound.postgres.embedded.home import write_private
from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres, Urls
from atende.outbound.postgres.embedded.running import running_urls
from atende.outbound.postgres.migrate import migrate, revisions

NAME = "atende"
"""Of the embedded database."""
_FOREIGN = "the installation in {} belongs to another account: run this as that account"


@asynccontextmanager
async def embedded_database(settings: Settings, *, keep: bool) -> AsyncIterator[Settings]:
    """The settings with a running, migrated database; kept in `data_dir`, or in a temporary folder that is removed."""
    async with AsyncExitStack() as stack:
        if keep:
            _refuse_foreign(settings.data_dir)
            _make(settings.data_dir)
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="atende-"))
            settings = replace(settings, data_dir=Path(folder))
        home = settings.data_dir.resolve() / "postgres"
        key = _key(settings)
        postgres = await stack.enter_async_context(await EmbeddedPostgres.start(home if keep else None))
        urls = await postgres.create_database(NAME)
        await migrate(urls.owner, resources.migrations())
        yield _over(settings, urls, key)


def refuse_nothing(data_dir: Path) -> None:
    """Raises Invalid when no installation was ever started in this folder."""
    try:
        there = (data_dir / "postgres" / "cluster").is_dir()
    except PermissionError as error:
        raise Invalid(_FOREIGN.format(data_dir)) from error
    if not there:
        raise Invalid(f"there is no installation in {data_dir}: name its folder with --data-dir or DATA_DIR")


def _refuse_foreign(data_dir: Path) -> None:
    """Raises Invalid when the installation is another account's: what we wrote there, that one could not read."""
    try:
        owner = (data_dir / "postgres" / "credentials.json").stat().st_uid
    except (FileNotFoundError, NotADirectoryError):
        return
    except PermissionError as error:
        raise Invalid(_FOREIGN.format(data_dir)) from error
    if owner != os.geteuid():
        raise Invalid(_FOREIGN.format(data_dir))


async def running_database(data_dir: Path) -> Urls | None:
    """The database of another atende that runs on this folder, if one does and is ready."""
    return await running_urls(data_dir / "postgres", NAME)


async def attached(settings: Settings) -> Settings | None:
    """The settings with the database that another atende runs on `data_dir`, if one does.

    Raises Invalid when it is of another account or version.
    """
    _refuse_foreign(settings.data_dir)
    urls = await running_database(settings.data_dir)
    if urls is None:
        return None
    owner = await asyncpg.connect(urls.owner)
    try:
        level = await owner.fetchval("SELECT max(version_num) FROM alembic_version")
    except asyncpg.UndefinedTableError:
        level = None
    finally:
        await owner.close()
    if level != revisions(resources.migrations())[-1]:
        raise Invalid(
            f"the atende that runs on {settings.data_dir} is still starting, or of another version:"
            " try again in a moment, or stop it first"
        )
    return _over(settings, urls, _key(settings))


def _over(settings: Settings, urls: Urls, key: str) -> Settings:
    return replace(
        settings,
        database_url=urls.app,
        migration_database_url=urls.owner,
        listen_database_url=urls.listen,
        rate_limit_store=settings.limits_store,  # of one process, which is all there is
        encryption_key=key,
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"cannot make the data directory {folder} ({error.strerror}): set DATA_DIR") from error


def _key(settings: Settings) -> str:
    """The one that is set, else the installation's own, made once: before there is anything that it could be missing for."""
    file = settings.data_dir / "encryption.key"
    if settings.encryption_key:
        return settings.encryption_key
    if not file.exists():
        if (settings.data_dir / "postgres" / "cluster").exists():
            raise Invalid(
                f"{file} is missing: put it back from a backup, or set ENCRYPTION_KEY to the one that was used"
            )
        draft = file.with_suffix(".new")
        write_private(draft, secrets.token_hex(32))
        draft.rename(file)
    return file.read_text().strip()


@asynccontextmanager
async def fake_providers_for(
    settings: Settings, *, port: int = 0, channels: Vendors = CHANNELS
) -> AsyncIterator[tuple[Settings, FakeProviders]]:
    """The settings with every provider that has no address pointing at its fake."""
    made = [vendor.fake(seed=0, log_file=None) for vendor in channels]
    for fake in made:
        fake.window = False  # callbacks may come from elsewhere: it cannot know when a customer wrote
        fake.call_back(settings.public_url)
    async with FakeProviders.serve(made, port=port) as fakes:
        for vendor in channels:
            settings = vendor.at_fake(settings, f"{fakes.url}/{vendor.name}")
        yield (
            replace(
                settings,
                openai_keys_base_url=settings.openai_keys_base_url or settings.openai_base_url or f"{fakes.url}/openai",
                freepik_base_url=settings.freepik_base_url or f"{fakes.url}/freepik",
                replicate_base_url=settings.replicate_base_url or f"{fakes.url}/replicate",
                elevenlabs_base_url=settings.elevenlabs_base_url or f"{fakes.url}/elevenlabs",
                smtp_url=settings.smtp_url or fakes.mail.smtp_url,
                mail_from=settings.mail_from or "atende <atende@localhost.localdomain>",
            ),
            fakes,
        )
