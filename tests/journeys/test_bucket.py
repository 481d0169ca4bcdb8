"""A whole product whose files are in a bucket."""

from atende.core.kernel import Transaction
from atende.core.knowledge.document import DocumentStatus
from atende.core.knowledge.ports import Blobs, Documents
from atende.core.knowledge.store_file import blob_folder
from atende.core.knowledge.upload_document import UploadDocument
from atende.main.commands.doctor import external
from atende.main.commands.doctor.part import State
from atende.main.library import app
from atende.main.providers.configuration import read_settings
from tests.contract.buckets import ACCESS, SECRET, bucket, client, moto_server

__all__ = ["bucket", "moto_server"]


def settings_of(endpoint: str, name: str) -> dict[str, str]:
    return {
        "s3_endpoint": endpoint,
        "s3_bucket": name,
        "s3_access_key_id": ACCESS,
        "s3_secret_access_key": SECRET,
        "s3_prefix": "shop",
    }


async def test_documents_are_read_from_the_bucket_and_tenants_have_folders_of_their_own(
    moto_server: str, bucket: str
) -> None:
    async with app(**settings_of(moto_server, bucket)) as product:
        tenants = [await product.tenant(name) for name in ("One", "Two")]
        for tenant in tenants:
            async with product.use(UploadDocument) as upload:
                document = await upload(tenant.owner, filename="a.md", data=f"# {tenant.tenant_id}\n\nTexto.".encode())
            await product.work()
            async with product.container() as unit:
                transaction, documents = await unit.get(Transaction), await unit.get(Documents)
                async with transaction(tenant.owner.scope):
                    stored = await documents.get(tenant.owner.scope, document.id)
            assert stored.status is DocumentStatus.PROCESSED
        keys = [one["Key"] for one in client(moto_server).list_objects_v2(Bucket=bucket)["Contents"]]
        assert [key.split("/")[:3] for key in keys] == sorted(["shop", "t", one.tenant_id] for one in tenants)
        blobs = await product.container.get(Blobs)
        await blobs.delete_folder(blob_folder(tenants[0].owner))
        (left,) = client(moto_server).list_objects_v2(Bucket=bucket)["Contents"]
        assert left["Key"].split("/")[2] == tenants[1].tenant_id


async def test_the_doctor_looks_at_the_bucket(moto_server: str, bucket: str) -> None:
    async def files(name: str) -> tuple[State, str]:
        environ = {key.upper(): value for key, value in settings_of(moto_server, name).items()}
        parts = await external.look(read_settings(environ))
        return next((part.state, part.detail) for part in parts if part.name == "files")

    state, detail = await files(bucket)
    assert state is State.REAL
    assert "versioning off, encryption as the bucket says" in detail
    assert await files("not-there") == (
        State.WRONG,
        f"bucket not-there at {moto_server}: there is no such bucket",
    )
