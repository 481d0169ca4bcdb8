"""Credits over HTTP."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Meta

from atende.core.credits.model import Account, Entry, Kind
from atende.core.credits.ports import Ledgers
from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import TenantScope, Transaction, in_credits
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire.pages import (
    DEFAULT_SIZE,
    CursorText,
    PageNumber,
    PageOut,
    check_depth,
    read_page_request,
)
from atende.inbound.http.wire.structs import Out

OFFSET_SIZE = 50
"""Default size of a page with an offset."""


class BalanceOut(Out):
    """Credits of the organization. `balance` is the sum of `available` and `held`, which is reserved for running work."""

    balance: Decimal
    available: Decimal
    held: Decimal
    spent: Decimal
    granted: Annotated[Decimal, Meta(description="All credits ever granted: the sum of available, held and spent.")]


class TransactionOut(Out):
    """One transaction, which never changes: `amount` moved from the account `debit` to the account `credit`."""

    id: UUID
    type: Kind
    amount: Decimal
    debit: Account
    credit: Account
    available_after: Decimal
    held_after: Decimal
    reference: str
    hold_id: UUID | None
    description: str
    created_at: datetime


class CreditsController(ApiController):
    """The credits of the organization."""

    path = "/billing/credits"
    tags = ("billing",)

    @get(
        permission=Permission.BILLING_READ,
        summary="Get the credit balance",
        description="All amounts are zero if the organization never had credits.",
        response_description="The balance.",
    )
    async def get_credit_balance(
        self, request: Request[Principal, Any, Any], ledgers: FromDishka[Ledgers], transaction: FromDishka[Transaction]
    ) -> BalanceOut:
        organization_id = request.user.organization_id
        async with transaction(TenantScope(organization_id)):
            balance = await ledgers.balance(organization_id)
        return BalanceOut(
            balance=in_credits(balance.available + balance.held),
            available=in_credits(balance.available),
            held=in_credits(balance.held),
            spent=in_credits(balance.spent),
            granted=in_credits(balance.issued),
        )

    @get(
        "/transactions",
        permission=Permission.BILLING_READ,
        summary="List credit transactions",
        description="Newest first. Page with `page`, `offset` or `cursor`, each together with `limit`.",
        response_description="One page of transactions.",
    )
    async def list_credit_transactions(
        self,
        request: Request[Principal, Any, Any],
        ledgers: FromDishka[Ledgers],
        transaction: FromDishka[Transaction],
        options: NamedDependency[WebOptions],
        page: PageNumber = 1,
        limit: Annotated[
            int | None,
            QueryParameter(ge=1, le=100, description="Items on a page, up to 100. Default: 20, or 50 with an offset."),
        ] = None,
        cursor: CursorText = None,
        offset: Annotated[
            int | None,
            QueryParameter(
                ge=0,
                le=100_000_000,
                description="Number of transactions to skip, below 1,000.",
                schema_extra={"minimum": 0},
            ),
        ] = None,
        kind: Annotated[Kind | None, QueryParameter(name="type", description="Only transactions of this type.")] = None,
    ) -> PageOut[TransactionOut]:
        organization_id = request.user.organization_id
        size = limit or (DEFAULT_SIZE if offset is None else OFFSET_SIZE)
        number = page if offset is None else offset // size + 1
        page_request = read_page_request(request, options, page=number, limit=size, cursor=cursor)
        if page_request.after is None:
            passed, key = ((page - 1) * size, "page") if offset is None else (offset, "offset")
            check_depth(passed, key=key)
        async with transaction(TenantScope(organization_id)):
            found = await ledgers.entries(
                organization_id, page=page_request.page, limit=size, kind=kind, after=page_request.after, offset=offset
            )
        return page_request.respond(found, _transaction)


def _transaction(entry: Entry) -> TransactionOut:
    return TransactionOut.of(
        entry,
        type=entry.kind,
        amount=in_credits(entry.amount),
        available_after=in_credits(entry.available_after),
        held_after=in_credits(entry.held_after),
        description=entry.note,
        created_at=entry.at,
    )
