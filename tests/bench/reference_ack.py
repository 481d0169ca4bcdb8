"""What the acknowledgement of a callback is measured against: the same check and decoding, with less or more around it.

- `verify`: signature and typed decoding, no database: the limit.
- `raw`: the same as plain ASGI with one insert through asyncpg.
- `repository`: a Litestar handler with dishka's request scope and one insert through advanced-alchemy's repository.
"""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import msgspec
from advanced_alchemy.base import DefaultBase
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from dishka import AsyncContainer, Provider, Scope, make_async_container, provide
from dishka.integrations.litestar import FromDishka, inject, setup_dishka
from litestar import Litestar, Request, Response, post
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException
from litestar.types import Receive, Send
from litestar.types import Scope as ASGIScope
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Mapped, mapped_column

from atende.outbound.postgres.transaction import make_engine

PATH = "/whatsapp/webhook"
TABLES = """
CREATE TABLE bench_inbox (
  id uuid PRIMARY KEY, account text NOT NULL, external_id text NOT NULL, address text NOT NULL, text text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(), UNIQUE (account, external_id));
GRANT SELECT, INSERT ON bench_inbox TO atende_app;
"""
_INSERT = (
    "INSERT INTO bench_inbox (id, account, external_id, address, text) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT DO NOTHING"
)


class Text(msgspec.Struct):
    body: str


class Message(msgspec.Struct):
    id: str
    timestamp: str
    type: str
    sender: str = msgspec.field(name="from")
    text: Text | None = None


class Metadata(msgspec.Struct):
    phone_number_id: str


class Value(msgspec.Struct):
    metadata: Metadata
    messages: list[Message] = []


class Change(msgspec.Struct):
    field: str
    value: Value


class Entry(msgspec.Struct):
    id: str
    changes: list[Change]


class Callback(msgspec.Struct):
    object: str
    entry: list[Entry]


_callback = msgspec.json.Decoder(Callback)


def read(raw: bytes, signature: str | None, secret: bytes) -> tuple[str, Message] | None:
    """The number and the first message; None when the signature does not match."""
    expected = "sha256=" + hmac.digest(secret, raw, "sha256").hex()
    if signature is None or not hmac.compare_digest(expected.encode(), signature.encode()):
        return None
    value = _callback.decode(raw).entry[0].changes[0].value
    return value.metadata.phone_number_id, value.messages[0]


class PlainAsgi:
    """Signature, decoding, and with a pool one insert."""

    def __init__(self, secret: str, pool: "asyncpg.Pool[asyncpg.Record] | None") -> None:
        self._secret, self._pool = secret.encode(), pool

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if str(scope["type"]) == "lifespan":
            await lifespan(receive, send)
            return
        message = await receive()
        raw: bytes = message.get("body", b"")  # type: ignore[assignment]
        while message.get("more_body"):
            message = await receive()
            raw += message.get("body", b"")  # type: ignore[operator]
        signature = next((value.decode() for key, value in scope["headers"] if key == b"x-hub-signature-256"), None)
        found = read(raw, signature, self._secret)
        if found is not None and self._pool is not None:
            number, said = found
            text = said.text.body if said.text else ""
            await self._pool.execute(_INSERT, uuid4(), number, said.id, said.sender, text)
        status = 200 if found is not None else 401
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def lifespan(receive: Receive, send: Send) -> None:
    while str((await receive())["type"]) == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})  # type: ignore[typeddict-item]
    await send({"type": "lifespan.shutdown.complete"})  # type: ignore[typeddict-item]


@asynccontextmanager
async def verify_only(_: str, secret: str) -> AsyncIterator[PlainAsgi]:
    yield PlainAsgi(secret, None)


@asynccontextmanager
async def raw_insert(url: str, secret: str) -> AsyncIterator[PlainAsgi]:
    async with asyncpg.create_pool(url, min_size=10, max_size=10) as pool:
        yield PlainAsgi(secret, pool)


class BenchInbox(DefaultBase):
    __tablename__ = "bench_inbox"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account: Mapped[str]
    external_id: Mapped[str]
    address: Mapped[str]
    text: Mapped[str]


class BenchInboxRepository(SQLAlchemyAsyncRepository[BenchInbox]):
    model_type = BenchInbox


class _Provider(Provider):
    scope = Scope.REQUEST

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__()
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @provide
    async def session(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions() as session:
            yield session

    @provide
    def repository(self, session: AsyncSession) -> BenchInboxRepository:
        return BenchInboxRepository(session=session)


@asynccontextmanager
async def repository_insert(url: str, secret: str) -> AsyncIterator[Litestar]:
    engine = make_engine(url, size=10)
    key = secret.encode()

    @post(PATH, status_code=200)
    @inject
    async def webhook(
        request: Request[object, object, State], inbox: FromDishka[BenchInboxRepository]
    ) -> Response[None]:
        found = read(await request.body(), request.headers.get("x-hub-signature-256"), key)
        if found is None:
            raise NotAuthorizedException
        number, said = found
        text = said.text.body if said.text else ""
        await inbox.add(
            BenchInbox(id=uuid4(), account=number, external_id=said.id, address=said.sender, text=text),
            auto_commit=True,
        )
        return Response(None, status_code=200)

    container: AsyncContainer = make_async_container(_Provider(engine))
    app = Litestar([webhook], openapi_config=None, logging_config=None)
    setup_dishka(container, app)
    try:
        yield app
    finally:
        await container.close()
        await engine.dispose()
