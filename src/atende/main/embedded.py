"""The product on one laptop: PostgreSQL of our own, its doubles of the providers, nothing to install or to sign up for."""

import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from atende.fakes.doubles import Doubles
from atende.fakes.whatsapp import FakeWhatsApp
from atende.main import resources
from atende.main.settings import Settings, SettingsError
from atende.outbound.postgres.launcher import EmbeddedPostgres
from atende.outbound.postgres.migrate import migrate


@asynccontextmanager
async def embedded_database(settings: Settings, *, keep: bool) -> AsyncIterator[Settings]:
    """The settings with a running, migrated database; kept in `data_dir`, or in a temporary folder that is removed."""
    async with AsyncExitStack() as stack:
        if keep:
            _make(settings.data_dir)
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="atende-"))
            settings = replace(settings, data_dir=Path(folder))
        where = settings.data_dir.resolve() / "postgres" if keep else None
        postgres = await stack.enter_async_context(await EmbeddedPostgres.start(where))
        urls = await postgres.create_database("atende")
        await migrate(urls.owner, resources.migrations())
        yield replace(
            settings,
            database_url=urls.app,
            migration_database_url=urls.owner,
            listen_database_url=urls.listen,
            rate_limit_store=settings.limits_store,  # of one process, which is all there is
            encryption_key=settings.encryption_key or _key(settings.data_dir / "encryption.key"),
        )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"cannot make the data directory {folder} ({error.strerror}): set DATA_DIR") from error


def _key(file: Path) -> str:
    """The installation's own key, made once."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32))
    return file.read_text().strip()


@asynccontextmanager
async def doubles_for(settings: Settings, *, port: int = 0) -> AsyncIterator[tuple[Settings, Doubles]]:
    """The settings with every provider that has no address pointing at its double."""
    whatsapp = FakeWhatsApp(window=False)  # callbacks may come from elsewhere: it cannot know when a customer wrote
    async with Doubles.serve(port=port, whatsapp=whatsapp) as doubles:
        doubles.whatsapp.app_secret = settings.whatsapp_webhook_secret
        doubles.whatsapp.callback_url = f"{settings.public_url}/whatsapp/webhook"
        doubles.twilio.inbound_url = f"{settings.public_url}/webhooks/twilio/inbound"
        yield (
            replace(
                settings,
                twilio_base_url=settings.twilio_base_url or f"{doubles.url}/twilio",
                whatsapp_base_url=settings.whatsapp_base_url or f"{doubles.url}/whatsapp",
                openai_keys_base_url=settings.openai_keys_base_url
                or settings.openai_base_url
                or f"{doubles.url}/openai",
                freepik_base_url=settings.freepik_base_url or f"{doubles.url}/freepik",
                replicate_base_url=settings.replicate_base_url or f"{doubles.url}/replicate",
                elevenlabs_base_url=settings.elevenlabs_base_url or f"{doubles.url}/elevenlabs",
                smtp_url=settings.smtp_url or doubles.mail.smtp_url,
                mail_from=settings.mail_from or "atende <atende@localhost.localdomain>",
            ),
            doubles,
        )
