"""A store of buckets for tests: moto's server in this process, on the loopback interface."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Any

import botocore.session
import pytest
from moto.server import ThreadedMotoServer

from atende.outbound.s3 import S3Blobs, S3Options

ACCESS, SECRET = "test-access", "test-secret-key"
_names = count(1)


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(moto_server: str) -> str:
    name = f"bucket-{next(_names)}"
    client(moto_server).create_bucket(Bucket=name)
    return name


@pytest.fixture
async def s3_blobs(moto_server: str, bucket: str) -> AsyncIterator[S3Blobs]:
    made = S3Blobs(options(moto_server, bucket))
    yield made
    await made.close()


def options(endpoint: str, name: str, **changes: Any) -> S3Options:
    values: dict[str, Any] = {
        "endpoint": endpoint,
        "bucket": name,
        "access_key": ACCESS,
        "secret_key": SECRET,
        "path_style": True,
    }
    return S3Options(**({"encryption": ""} | values | changes))


def client(endpoint: str) -> Any:
    """botocore's own client, for looking into the store."""
    return botocore.session.get_session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id=ACCESS,
        aws_secret_access_key=SECRET,
        config=botocore.config.Config(s3={"addressing_style": "path"}, proxies={}),
    )
