"""Checks of everything but the database: Redis, the models, files, channels, mail, the public address."""

import asyncio
from stat import S_IMODE

from atende.core.kernel import DomainError
from atende.core.knowledge.search_index import Space
from atende.main.commands.doctor.models import look_at_models
from atende.main.commands.doctor.part import PATIENCE, Part, State
from atende.main.providers.channels import CHANNELS
from atende.main.providers.channels.vendor import ChannelVendor
from atende.main.providers.storage import s3_options
from atende.main.settings import Settings
from atende.main.settings.models import embedded_as
from atende.outbound.clamd import ClamdScan
from atende.outbound.extraction.tesseract import installed
from atende.outbound.s3 import S3Blobs

_PRIVATE = 0o077


async def look(settings: Settings) -> list[Part]:
    return [
        _encryption(settings),
        await _redis(settings),
        await _qdrant(settings),
        *await look_at_models(settings),
        await _files(settings),
        await _viruses(settings),
        *(_channel(vendor, settings) for vendor in CHANNELS),
        await _mail(settings),
        _public_url(settings),
        await asyncio.to_thread(_ocr),
    ]


def _encryption(settings: Settings) -> Part:
    if settings.encryption_key:
        return Part("encryption", State.REAL, "ENCRYPTION_KEY is set")
    file = settings.data_dir / "encryption.key"
    try:
        mode = S_IMODE(file.stat().st_mode)
    except OSError:
        return Part("encryption", State.BUILT_IN, f"a key of its own, made at the first start in {file}")
    if mode & _PRIVATE:
        return Part("encryption", State.WRONG, f"{file} can be read by others: chmod 600 it")
    return Part("encryption", State.BUILT_IN, f"a key of its own in {file}; atende backup keeps it too")


async def _redis(settings: Settings) -> Part:
    if not settings.redis_url:
        return Part("redis", State.OFF, "REDIS_URL is not set: workers are woken by the database")
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    try:
        async with Redis.from_url(
            settings.redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        ) as redis:
            about = await redis.info("server")
    except (RedisError, OSError, ValueError) as error:
        # Work goes on without it, more slowly: but it was asked for.
        return Part("redis", State.WRONG, f"REDIS_URL: {error}")
    counts = " and counts calls" if settings.limits_store == "redis" else ""
    return Part("redis", State.REAL, f"Redis {about['redis_version']} wakes the workers{counts}")


async def _viruses(settings: Settings) -> Part:
    if not settings.clamd_url:
        return Part("virus scan", State.OFF, "CLAMD_URL is not set: files are read as they come")
    try:
        version = await ClamdScan(settings.clamd_url, timeout=PATIENCE).version()
    except DomainError as error:
        return Part("virus scan", State.WRONG, f"CLAMD_URL: {error.detail}")
    return Part("virus scan", State.REAL, f"{version} looks through every file before it is read")


async def _qdrant(settings: Settings) -> Part:
    if not settings.qdrant_url:
        return Part("qdrant", State.OFF, "QDRANT_URL is not set: vectors are in the database")
    from atende.outbound.qdrant.points import TenantPoints
    from atende.outbound.qdrant.shapes import collection_of

    model, size = embedded_as(settings)
    collection = collection_of(settings.qdrant_collection, Space(model, size))
    points = TenantPoints.connect(settings.qdrant_url, api_key=settings.qdrant_api_key, collection=collection)
    try:
        held = await points.look()
    except DomainError as error:
        return Part("qdrant", State.WRONG, f"QDRANT_URL: {error.detail}")
    finally:
        await points.close()
    if held is None:
        return Part("qdrant", State.REAL, f"it answers; the collection {collection} is made at the start")
    about = f"the collection {collection} has {held[2]} vectors of {held[0]}, {held[1]} dimensions"
    if held[:2] != (model, size):
        return Part("qdrant", State.WRONG, f"{about}; the embedding is {model}, {size} dimensions")
    return Part("qdrant", State.REAL, about)


async def _files(settings: Settings) -> Part:
    if not settings.s3_bucket:
        return Part("files", State.BUILT_IN, f"in {settings.data_dir / 'files'}; for a bucket set S3_BUCKET")
    blobs = S3Blobs(s3_options(settings, timeout=PATIENCE))
    where = f"bucket {settings.s3_bucket} at {settings.s3_endpoint or 'Amazon S3, ' + settings.s3_region}"
    try:
        return Part("files", State.REAL, f"{where}: {await blobs.look()}; writing is not tried")
    except DomainError as error:
        return Part("files", State.WRONG, f"{where}: {error.detail}")
    finally:
        await blobs.close()


def _channel(vendor: ChannelVendor, settings: Settings) -> Part:
    if vendor.is_fake(settings):
        setting = f"{vendor.name.upper()}_BASE_URL"
        return Part(vendor.name, State.FAKE, f"a fake; for the real one set {setting}")
    return Part(vendor.name, State.REAL, vendor.address(settings))


async def _mail(settings: Settings) -> Part:
    if settings.embedded and not settings.smtp_url:
        return Part("mail", State.FAKE, "a fake that shows the mail; for a real server set SMTP_URL and MAIL_FROM")
    if not settings.smtp_url:
        why = "SMTP_URL is not set: links to confirm an address, to reset a password and to join are not sent"
        return Part("mail", State.OFF, why)
    from atende.outbound.mail.smtp import SmtpServer

    try:
        where = SmtpServer.read(settings.smtp_url)
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(where.host, where.port)
        writer.close()
    except (OSError, ValueError) as error:
        return Part("mail", State.WRONG, f"SMTP_URL: {str(error) or 'no answer'}")
    return Part("mail", State.REAL, f"{where.host}:{where.port}, from {settings.mail_from}")


def _public_url(settings: Settings) -> Part:
    fakes = all(vendor.is_fake(settings) for vendor in CHANNELS)
    if not settings.public_url:
        state = State.OFF if fakes else State.MISSING
        why = "not needed by fakes" if fakes else "Twilio signs its callbacks over this address: set PUBLIC_URL"
        return Part("public url", state, why)
    if settings.public_url.startswith("http://") and settings.app_env == "production":
        return Part(
            "public url", State.WRONG, f"PUBLIC_URL is {settings.public_url}: providers call https addresses only"
        )
    hops = "; TRUSTED_PROXY_HOPS is 0: all callers are counted as the proxy that speaks https for us"
    behind = settings.public_url.startswith("https://") and not settings.trusted_proxy_hops
    return Part("public url", State.REAL, settings.public_url + hops * behind)


def _ocr() -> Part:
    """Without Tesseract, images and scanned PDF files are refused with a reason."""
    tesseract = installed()
    if tesseract is None:
        packages = "tesseract-ocr, tesseract-ocr-por and tesseract-ocr-spa"
        return Part(
            "ocr", State.OFF, f"Tesseract is not installed: images and scans cannot be read; install {packages}"
        )
    return Part("ocr", State.REAL, f"{tesseract.program} reads images and scans ({', '.join(tesseract.languages)})")
