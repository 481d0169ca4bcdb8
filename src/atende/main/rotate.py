"""The change of ENCRYPTION_KEY: at once on command, and by every worker within the hour."""

import asyncio

import structlog
from dishka import AsyncContainer

from atende.core.kernel import Invalid
from atende.core.tenancy.rotate_secrets import RotateSecrets
from atende.main.settings import Settings
from atende.main.tools import installation
from atende.outbound.cipher import AesGcmCipher

log = structlog.get_logger(__name__)
EVERY = 3_600.0
"""Seconds between two looks for secrets that an older key sealed."""


async def rotate_keys(settings: Settings) -> None:
    """Seals everything with ENCRYPTION_KEY. Raises Invalid that names the secrets that no key at hand opens."""
    async with installation(settings) as container:
        rotated = await (await container.get(RotateSecrets))()
        newest = (await container.get(AesGcmCipher)).newest
    print(f"{rotated.resealed} secrets were sealed with key number {newest}")
    if rotated.unreadable:
        raise Invalid(
            f"{len(rotated.unreadable)} secrets cannot be opened with the keys that are set, and were left as they are:"
            f" {', '.join(rotated.unreadable[:10])}; set the older keys in ENCRYPTION_KEYS_PREVIOUS"
        )
    print(
        "everything is sealed with ENCRYPTION_KEY; older keys may be dropped from ENCRYPTION_KEYS_PREVIOUS in a week, when"
        f" nobody is signed in by them any more; set ENCRYPTION_KEY_VERSION={newest} then"
    )


async def keep_rotating(container: AsyncContainer, *, every: float = EVERY) -> None:
    """Until cancelled: what an older key sealed is sealed with the newest."""
    while True:
        try:
            rotated = await (await container.get(RotateSecrets))()
            if rotated.resealed or rotated.unreadable:
                log.info("secrets.rotated", resealed=rotated.resealed, unreadable=list(rotated.unreadable[:10]))
        except Exception:
            log.exception("secrets.rotation_failed")
        await asyncio.sleep(every)
