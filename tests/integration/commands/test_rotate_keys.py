"""`atende rotate-keys`, and the settings that a change of ENCRYPTION_KEY goes through."""

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from atende.core.conversation.ports import ChannelDirectory
from atende.core.identity.signed_tokens import Links, Purpose
from atende.core.kernel import Invalid
from atende.core.tenancy.ports import Cipher
from atende.main.commands.rotate_keys import rotate_keys
from atende.main.processes.periodic import keep_rotating
from atende.main.providers.configuration import read_settings
from atende.main.providers.container import make_container
from atende.main.providers.derived_keys import numbered_keys
from atende.main.seeding import Tenant, seed_tenant
from atende.main.settings import Settings, SettingsError
from atende.outbound.postgres.embedded.launcher import Urls

OLD, NEW, THIRD = "0a" * 32, "0b" * 32, "0c" * 32


def _settings(database: Urls, folder: Path, key: str, **more: object) -> Settings:
    return Settings(
        app_env="test",
        database_url=database.app,
        data_dir=folder,
        encryption_key=key,
        jwt_secret="cd" * 32,
        **more,  # type: ignore[arg-type]
    )


async def _secrets(settings: Settings, tenant: Tenant) -> list[str]:
    """What the signing secrets of the tenant's numbers are read as."""
    container = make_container(settings)
    try:
        directory: ChannelDirectory = await container.get(ChannelDirectory)
        lines = [tenant.channel(kind) for kind in ("whatsapp", "sms")]
        found = [await directory.named([line.kind], [line.external_id]) for line in lines]
        return [account.secrets.signing for (account,) in found]
    finally:
        await container.close()


async def _seeded(settings: Settings) -> Tenant:
    container = make_container(settings)
    try:
        return await seed_tenant(container, name="Loja", slug="loja", agent="Ana")
    finally:
        await container.close()


async def test_g72_the_key_changes_in_three_steps_and_everything_is_read_at_each(
    database: Urls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = _settings(database, tmp_path, OLD)
    tenant = await _seeded(first)
    plain = [line.signing for line in tenant.channels]
    waiting = dataclasses.replace(first, encryption_key_next=NEW)
    changed = dataclasses.replace(first, encryption_key=NEW, encryption_keys_previous=OLD)
    for settings in (first, waiting, changed):
        assert await _secrets(settings, tenant) == plain
    await rotate_keys(changed)
    assert "2 secrets were sealed with key number 2" in capsys.readouterr().out
    dropped = dataclasses.replace(first, encryption_key=NEW, encryption_key_version=2)
    for settings in (waiting, changed, dropped):
        assert await _secrets(settings, tenant) == plain
    with pytest.raises(Invalid):
        await _secrets(first, tenant)
    await rotate_keys(dropped)
    assert "0 secrets were sealed with key number 2" in capsys.readouterr().out
    third = dataclasses.replace(first, encryption_key=THIRD, encryption_keys_previous=NEW, encryption_key_version=3)
    await rotate_keys(third)
    assert "2 secrets were sealed with key number 3" in capsys.readouterr().out
    assert await _secrets(third, tenant) == plain


async def test_g72_secrets_that_no_key_opens_are_named(database: Urls, tmp_path: Path) -> None:
    await _seeded(_settings(database, tmp_path, OLD))
    with pytest.raises(Invalid, match=r"2 secrets cannot be opened .* channel_account/.*ENCRYPTION_KEYS_PREVIOUS"):
        await rotate_keys(_settings(database, tmp_path, NEW, encryption_key_version=2))


async def test_g72_a_worker_rotates_by_itself(database: Urls, tmp_path: Path) -> None:
    first = _settings(database, tmp_path, OLD)
    tenant = await _seeded(first)
    container = make_container(dataclasses.replace(first, encryption_key=NEW, encryption_keys_previous=OLD))
    task = asyncio.create_task(keep_rotating(container, every=0.01))
    only_new = dataclasses.replace(first, encryption_key=NEW, encryption_key_version=2)
    try:
        async with asyncio.timeout(60):
            while True:
                try:
                    await _secrets(only_new, tenant)
                    break
                except Invalid:
                    await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await container.close()


def test_keys_are_numbered_by_age() -> None:
    def numbered(**given: object) -> tuple[dict[int, str], int]:
        keys, newest = numbered_keys(Settings(**given))  # type: ignore[arg-type]
        return {number: key.hex() for number, key in keys.items()}, newest

    assert numbered(encryption_key=OLD) == ({1: OLD}, 1)
    assert numbered(encryption_key=NEW, encryption_keys_previous=OLD) == ({2: NEW, 1: OLD}, 2)
    assert numbered(encryption_key=OLD, encryption_key_next=NEW) == ({1: OLD, 2: NEW}, 1)
    assert numbered(encryption_key=NEW, encryption_key_version=7) == ({7: NEW}, 7)
    with pytest.raises(SettingsError):
        numbered_keys(Settings())


async def test_links_that_an_older_or_a_coming_key_made_are_still_good(tmp_path: Path) -> None:
    made = []
    for given in (
        {"encryption_key": OLD},
        {"encryption_key": NEW, "encryption_keys_previous": OLD},
        {"encryption_key": OLD, "encryption_key_next": NEW},
    ):
        container = make_container(Settings(data_dir=tmp_path, **given))  # type: ignore[arg-type]
        made.append((await container.get(Links), await container.get(Cipher)))
        await container.close()
    (old, _), (new, sealing), (waiting, cautious) = made
    now = datetime.now(UTC)
    for maker, reader in ((old, new), (new, waiting)):
        token = maker.make(Purpose.VERIFY_EMAIL, UUID(int=1), state="s", expires_at=now + timedelta(hours=1))
        reader.check(reader.read(token), Purpose.VERIFY_EMAIL, state="s", now=now)
    assert (sealing.seal(b"x", place="p")[0], cautious.seal(b"x", place="p")[0]) == (2, 1)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"API_KEY_BRAND": "My_Brand"}, "API_KEY_BRAND must be"),
        ({"API_KEY_BRAND": "toolongbrand"}, "API_KEY_BRAND must be"),
        ({"ENCRYPTION_KEY_NEXT": "abc"}, "ENCRYPTION_KEY_NEXT must be 32 bytes"),
        ({"ENCRYPTION_KEYS_PREVIOUS": f"{OLD},{NEW}", "ENCRYPTION_KEY_VERSION": "2"}, "between 3"),
        ({"ENCRYPTION_KEY_VERSION": "255"}, "ENCRYPTION_KEY_VERSION must be"),
        ({"REPLICATE_BASE_URL": "ftp://x"}, "REPLICATE_BASE_URL must start with"),
    ],
)
def test_a_wrong_setting_of_keys_is_one_line(environ: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(environ)
    assert told in str(error.value)
