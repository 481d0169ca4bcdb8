"""`atende rotate-keys`: encrypts secrets with the current key. Every worker does the same within the hour."""

from atende.core.kernel import Invalid
from atende.core.tenancy.rotate_secrets import RotateSecrets
from atende.main.commands.installation import installation
from atende.main.settings import Settings
from atende.outbound.security.cipher import AesGcmCipher

_ALONE = (
    "atende runs on {}, with the keys that it was started with: stop it, and start it with the new ENCRYPTION_KEY (it"
    " then seals everything anew by itself), or run rotate-keys while it is stopped"
)


async def rotate_keys(settings: Settings) -> None:
    """Seals everything with ENCRYPTION_KEY. Raises Invalid that names the secrets that no key at hand opens.

    Not beside a running embedded installation: that one process reads with its own keys, which may not be these.
    """
    async with installation(settings, alone=_ALONE.format(settings.data_dir)) as container:
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
