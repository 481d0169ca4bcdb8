"""Where files are stored: in a bucket, or in the data directory."""

from collections.abc import AsyncIterator

from dishka import Provider, Scope, from_context, provide

from atende.core.knowledge.ports import Blobs, VirusScan
from atende.main.settings import Settings
from atende.outbound.clamd import ClamdScan, NotScanned
from atende.outbound.files import FileBlobs
from atende.outbound.s3 import S3Blobs, S3Options


class Storage(Provider):
    scope = Scope.APP
    settings = from_context(Settings)

    @provide
    async def blobs(self, settings: Settings) -> AsyncIterator[Blobs]:
        if not settings.s3_bucket:
            yield FileBlobs(settings.data_dir / "files")
            return
        made = S3Blobs(s3_options(settings))
        yield made
        await made.close()

    @provide
    def virus_scan(self, settings: Settings) -> VirusScan:
        return ClamdScan(settings.clamd_url) if settings.clamd_url else NotScanned()


def s3_options(settings: Settings, *, timeout: float = 60.0) -> S3Options:
    encryption = settings.s3_encryption
    if encryption == "auto":
        encryption = "none" if settings.s3_endpoint else "AES256"
    return S3Options(
        bucket=settings.s3_bucket,
        region=settings.s3_region,
        endpoint=settings.s3_endpoint,
        access_key=settings.s3_access_key_id,
        secret_key=settings.s3_secret_access_key,
        path_style=settings.s3_force_path_style,
        prefix=settings.s3_prefix,
        encryption="" if encryption == "none" else encryption,
        kms_key=settings.s3_kms_key_id,
        timeout=timeout,
    )
